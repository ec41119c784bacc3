package corpus

import (
	"iter"
	"slices"
)

// The shares of a mix that every corpus must have. They are computed from the truth alone, and stricter than what a run of package
// simulate reports: they leave out cancelled and replaced parcels.
const (
	shareLate        = "late"         // a parcel that missed the first day that was stated for it
	shareLost        = "lost"         // a parcel that the carrier lost
	shareNeverPushed = "never-pushed" // a tracked parcel of which no carrier ever sent a scan
	shareSplit       = "split"        // an order in several parcels, without cancelled and replaced ones
	shareCorrected   = "corrected"    // a number that was replaced
)

// floors are the least shares of journeys, from 0 to 1, with which a corpus is realistic.
var floors = map[string]float64{shareLate: 0.08, shareLost: 0.03, shareNeverPushed: 0.10, shareSplit: 0.10, shareCorrected: 0.05}

// mixOf returns which share of the journeys, from 0 to 1, is late, lost, never pushed, split and corrected; and of each kind under
// "kind/" and its name.
func mixOf(journeys iter.Seq[Journey]) map[string]float64 {
	counts := map[string]int{}
	total := 0
	for journey := range journeys {
		total++
		for _, kind := range journey.Kinds {
			counts["kind/"+string(kind)]++
		}
		for share, holds := range journey.Truth.shares() {
			if holds {
				counts[share]++
			} else {
				counts[share] += 0
			}
		}
	}
	mix := make(map[string]float64, len(counts))
	for name, count := range counts {
		mix[name] = float64(count) / float64(total)
	}
	return mix
}

// shares returns which of the required shares a truth belongs to.
func (t Truth) shares() map[string]bool {
	return map[string]bool{
		shareLate:        slices.ContainsFunc(t.Parcels, func(p Parcel) bool { _, late := p.Late(t.Until); return late }),
		shareLost:        slices.ContainsFunc(t.Parcels, func(p Parcel) bool { return p.reached(StateLost) }),
		shareNeverPushed: slices.ContainsFunc(t.Parcels, func(p Parcel) bool { return p.NeverPushed && p.CancelledAt.IsZero() }),
		shareSplit:       slices.ContainsFunc(t.Orders, func(o Order) bool { return t.activeParcels(o.Number) > 1 }),
		shareCorrected:   t.repacked() || slices.ContainsFunc(t.Parcels, func(p Parcel) bool { return len(p.Numbers) > 1 }),
	}
}

// activeParcels returns in how many parcels an order is sent, without cancelled ones and replacements.
func (t Truth) activeParcels(order string) int {
	count := 0
	for _, parcel := range t.ParcelsOf(order) {
		if parcel.Direction == Outbound && parcel.CancelledAt.IsZero() && parcel.Replaces == "" {
			count++
		}
	}
	return count
}

// repacked reports whether the contents of a cancelled parcel were packed again.
func (t Truth) repacked() bool {
	for _, parcel := range t.Parcels {
		if parcel.CancelledAt.IsZero() || parcel.reached(StateLost) {
			continue
		}
		for _, other := range t.Parcels {
			if other.ID != parcel.ID && other.CancelledAt.IsZero() && other.Direction == Outbound && other.Orders[0] == parcel.Orders[0] {
				return true
			}
		}
	}
	return false
}

// reached reports whether a parcel was ever in a state.
func (p Parcel) reached(state State) bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.State == state })
}
