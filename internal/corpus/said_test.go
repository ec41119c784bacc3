package corpus

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// verbatim are the facts whose value stands in a webhook as it is.
var verbatim = []FactKind{FactPlace, FactNumber, FactPickupPoint, FactPickupUntil, FactPickupCode, FactNote, FactRefund}

func TestWhatCanBeKnownStandsInAWebhookThatHasArrived(t *testing.T) {
	for journey := range Generate(2, 1500) {
		for _, delivery := range journey.Deliveries {
			for _, fact := range journey.Truth.KnownAt(delivery.At) {
				if slices.Contains(verbatim, fact.Kind) && !delivered(journey, fact) {
					t.Errorf("%s: %s %q of %s stands in no webhook until %s", journey.Name, fact.Kind, fact.Value, fact.Parcel, fact.HeardAt)
				}
			}
		}
	}
}

// delivered reports whether a webhook that has arrived when the fact is heard has its value.
func delivered(journey Journey, fact Fact) bool {
	values := [][]byte{encode(fact.Value), []byte(strings.ReplaceAll(fact.Value, ".", ""))}
	for _, delivery := range journey.Deliveries {
		for _, value := range values {
			if !delivery.At.After(fact.HeardAt) && bytes.Contains(delivery.Body, bytes.Trim(value, `"`)) {
				return true
			}
		}
	}
	return false
}

func TestADayThatIsKnownStandsInAWebhookThatHasArrived(t *testing.T) {
	for journey := range Generate(2, 1500) {
		for _, parcel := range journey.Truth.Parcels {
			for _, day := range parcel.Days {
				if !day.HeardAt.IsZero() && !daySaid(journey, parcel, day) {
					t.Errorf("%s: day %s of %s stands in no webhook until %s", journey.Name, day.Day, parcel.ID, day.HeardAt)
				}
			}
		}
	}
}

func daySaid(journey Journey, parcel Parcel, day StatedDay) bool {
	midnight := StartOf(day.Day, parcel.Zone).In(Location(parcel.Zone)).Format(time.RFC3339)
	for _, delivery := range journey.Deliveries {
		if delivery.At.After(day.HeardAt) {
			return false
		}
		if bytes.Contains(delivery.Body, []byte(`"`+day.Day+`"`)) || bytes.Contains(delivery.Body, []byte(midnight)) || windowSaid(delivery, day, parcel.Zone) {
			return true
		}
	}
	return false
}

func windowSaid(delivery Delivery, day StatedDay, zone string) bool {
	return !day.From.IsZero() && bytes.Contains(delivery.Body, []byte(stamp(day.To, zone)))
}

func TestAWithdrawnNumberIsNotSaidByTheShopAgain(t *testing.T) {
	for journey := range Generate(2, 1500) {
		for _, parcel := range journey.Truth.Parcels {
			for _, number := range parcel.Numbers {
				for _, delivery := range journey.Deliveries {
					if said(number.WithdrawnAt, delivery.At) && bytes.Contains(delivery.Body, []byte(number.Number)) {
						t.Errorf("%s: %s is withdrawn at %s and said at %s", journey.Name, number.Number, number.WithdrawnAt, delivery.At)
					}
				}
			}
		}
	}
}

func TestNothingOfOtherPeopleIsInTheTruth(t *testing.T) {
	found := 0
	for journey := range Generate(2, 1500) {
		for _, foreign := range journey.Truth.Foreign {
			found++
			for _, parcel := range journey.Truth.Parcels {
				for _, place := range parcel.PlacesKnownAt(journey.Truth.Until) {
					if slices.Contains(foreign.Places, place) {
						t.Errorf("%s: %q is a place of another parcel", journey.Name, place)
					}
				}
			}
		}
	}
	if found == 0 {
		t.Error("no journey has anything of other people in it")
	}
}

func TestEveryCarrierSourceTellsParcels(t *testing.T) {
	counts := map[Source]int{}
	for journey := range Generate(2, 2000) {
		for _, delivery := range journey.Deliveries {
			counts[delivery.Source]++
		}
	}
	for _, source := range []Source{SourceAPI, SourceShopify, SourceEasyPost, SourceSendcloud} {
		if counts[source] < 500 {
			t.Errorf("%s sends %d webhooks in 2,000 journeys", source, counts[source])
		}
	}
}

func TestAPromptCarrierIsHeardWithinMinutes(t *testing.T) {
	seen := 0
	for journey := range Generate(2, 1500) {
		if len(journey.Kinds) != 1 || !journey.Has(KindHappy) {
			continue
		}
		for _, parcel := range journey.Truth.Parcels {
			for _, step := range parcel.Steps {
				seen++
				if wait := step.HeardAt.Sub(step.At); wait < 0 || wait > 15*time.Minute {
					t.Errorf("%s: %s is heard %s after it happened", journey.Name, step.State, wait)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no happy journey was looked at")
	}
}
