package corpus

import (
	"slices"
	"testing"
	"time"
)

// shows is what the truth of every journey of a kind has.
var shows = map[Kind]func(Truth) bool{
	KindSplit:           func(t Truth) bool { return len(outbound(t, t.Orders[0].Number)) > 1 },
	KindTwoOrdersOneBox: func(t Truth) bool { return len(t.Orders) == 2 && len(t.Parcels[0].Orders) == 2 },
	KindPieces:          func(t Truth) bool { return t.Parcels[0].Pieces != nil && len(t.Parcels[0].Pieces.Delivered) == 2 },
	KindCorrected:       func(t Truth) bool { return t.shares()[shareCorrected] },
	KindEdited: func(t Truth) bool {
		return slices.ContainsFunc(t.Orders[0].Lines, removed) && len(t.Orders[0].Refunds) == 1
	},
	KindRefundedPart: func(t Truth) bool { return len(t.Orders[0].Refunds) == 1 && !t.Orders[0].Refunds[0].Full },
	KindRefundedFull: func(t Truth) bool { return len(t.Orders[0].Refunds) == 1 && t.Orders[0].Refunds[0].Full },
	KindCancelled:    func(t Truth) bool { return becomes(t, OrderCancelled) && noneOutstanding(t) },
	KindReinstated: func(t Truth) bool {
		return becomes(t, OrderCancelled) && becomes(t, OrderReinstated) && reaches(t, StateDelivered)
	},
	KindReplaced:       func(t Truth) bool { return reaches(t, StateLost) && t.Parcels[1].Replaces == t.Parcels[0].ID },
	KindLost:           func(t Truth) bool { return reaches(t, StateLost) },
	KindDamaged:        func(t Truth) bool { return reaches(t, StateDamaged) && !reaches(t, StateDelivered) },
	KindDuties:         func(t Truth) bool { return acts(t, ReasonDutiesDue) },
	KindDocuments:      func(t Truth) bool { return acts(t, ReasonDocuments) },
	KindAddressWrong:   func(t Truth) bool { return acts(t, ReasonAddressWrong) && len(t.Orders[0].Destinations) == 2 },
	KindAttempts:       func(t Truth) bool { return reaches(t, StateAttemptFailed) && reaches(t, StateDelivered) },
	KindAttemptsPickup: func(t Truth) bool { return reaches(t, StateAttemptFailed) && reaches(t, StateAtPickup) },
	KindExpired:        func(t Truth) bool { return reaches(t, StatePickupExpired) && reaches(t, StateReturned) },
	KindRefused:        func(t Truth) bool { return reaches(t, StateReturned) && !reaches(t, StateDelivered) },
	KindOwnReturn:      func(t Truth) bool { return t.Parcels[1].Direction == Return && reaches(t, StateReturned) },
	KindLetter:         func(t Truth) bool { return !t.Parcels[0].Method.Tracked() && reaches(t, StateSentByLetter) },
	KindDigital:        func(t Truth) bool { return reaches(t, StateSentElectronical) },
	KindCollect:        func(t Truth) bool { return t.Parcels[0].Method == MethodPickup && becomes(t, OrderCollected) },
	KindPreOrder:       func(t Truth) bool { return slices.ContainsFunc(t.Orders[0].Lines, preOrdered) },
	KindGift:           func(t Truth) bool { return t.Orders[0].Recipients[1].Role == RoleGiftRecipient },
	KindSubscription: func(t Truth) bool {
		return len(t.Orders) == 3 && t.Orders[0].Recipients[0] == t.Orders[2].Recipients[0]
	},
	KindB2B:           func(t Truth) bool { return len(t.Orders[0].Recipients) > 1 && t.Orders[0].Recipients[0].PONumber != "" },
	KindTest:          func(t Truth) bool { return t.Orders[0].Test },
	KindEtaMovedTwice: func(t Truth) bool { return len(t.Parcels[0].Days) >= 3 },
	KindLateSilent:    late,
	KindDelayed:       late,
	KindNeverPushed: func(t Truth) bool {
		return slices.ContainsFunc(t.Parcels, func(p Parcel) bool { return p.NeverPushed })
	},
	KindReopened: func(t Truth) bool { return count(t, StateDelivered) == 2 },
	KindImported: func(t Truth) bool {
		return t.Orders[0].Imported && t.Orders[0].HeardAt.Sub(t.Orders[0].PlacedAt) > 20*24*time.Hour
	},
	KindAddressLater: func(t Truth) bool { return t.Orders[0].AddressHeardAt.After(t.Orders[0].HeardAt) },
	KindRecycled:     func(t Truth) bool { return len(t.Foreign) == 1 && len(t.Foreign[0].Places) == 3 },
	KindOtherChannel: func(t Truth) bool { return len(t.Foreign) == 1 && t.Foreign[0].Number != "" },
	KindCarrierOther: func(t Truth) bool { return !t.Parcels[0].CarrierHeardAt.Equal(t.Parcels[0].Numbers[0].HeardAt) },
	KindLegs:         func(t Truth) bool { return len(t.Parcels[0].Legs) == 1 && !t.Parcels[0].Legs[0].HeardAt.IsZero() },
	KindManyLines:    func(t Truth) bool { return len(t.Orders[0].Lines) >= 60 },
	KindOddName:      func(t Truth) bool { return t.Orders[0].Recipients[0].FirstName == "" },
	KindWildDate:     func(t Truth) bool { return len(t.Foreign) == 1 && len(t.Parcels[0].Days) == len(t.Orders[0].Days) },
	KindHoliday:      func(t Truth) bool { return reaches(t, StateDelivered) },
}

func TestEveryJourneyShowsWhatItsKindSays(t *testing.T) {
	seen := map[Kind]int{}
	for journey := range Generate(5, 5000) {
		for _, kind := range journey.Kinds {
			if holds := shows[kind]; holds != nil {
				seen[kind]++
				if !holds(journey.Truth) {
					t.Errorf("%s: the truth does not show %q", journey.Name, kind)
				}
			}
		}
	}
	for kind := range shows {
		if seen[kind] == 0 {
			t.Errorf("no journey of the kind %q was looked at", kind)
		}
	}
}

func outbound(t Truth, order string) []Parcel {
	return slices.DeleteFunc(t.ParcelsOf(order), func(p Parcel) bool { return p.Direction == Return })
}

func removed(l Line) bool    { return l.RemovedQuantity > 0 && !l.RemovedAt.IsZero() }
func preOrdered(l Line) bool { return l.AvailableFrom != "" }

func becomes(t Truth, state OrderState) bool {
	return slices.ContainsFunc(t.Orders[0].Steps, func(s OrderStep) bool { return s.State == state && !s.HeardAt.IsZero() })
}

func noneOutstanding(t Truth) bool {
	return !slices.ContainsFunc(t.Parcels, func(p Parcel) bool { return p.CancelledAt.IsZero() })
}

func reaches(t Truth, state State) bool { return count(t, state) > 0 }

func count(t Truth, state State) (n int) {
	for _, parcel := range t.Parcels {
		for _, step := range parcel.Steps {
			if step.State == state && !step.Planned {
				n++
			}
		}
	}
	return n
}

func acts(t Truth, what Reason) bool {
	for _, parcel := range t.Parcels {
		for _, action := range parcel.Actions {
			if action.What == what && !action.HeardAt.IsZero() && (action.DoneAt.IsZero() || action.DoneAt.After(action.HeardAt)) {
				return true
			}
		}
	}
	return false
}

func late(t Truth) bool {
	_, late := t.Parcels[0].Late(t.Until)
	return late
}
