package corpus

import (
	"iter"
	"slices"
)

// Shares of Mix that every corpus must have.
const (
	ShareLate        = "late"         // a parcel that missed the first day that was stated for it
	ShareLost        = "lost"         // a parcel that the carrier lost
	ShareNeverPushed = "never-pushed" // a tracked parcel of which no carrier ever sent a scan
	ShareSplit       = "split"        // an order in several parcels that stand
	ShareCorrected   = "corrected"    // a number that was replaced
)

// Floors are the least shares of journeys, from 0 to 1, below which a corpus is not realistic.
var Floors = map[string]float64{ShareLate: 0.08, ShareLost: 0.03, ShareNeverPushed: 0.10, ShareSplit: 0.10, ShareCorrected: 0.05}

// Mix is which share of the journeys, from 0 to 1, is late, lost, never pushed, split and corrected, as their truth has
// it; and of each kind under "kind/" and its name.
func Mix(journeys iter.Seq[Journey]) map[string]float64 {
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

// shares tells which of the required shares a truth belongs to.
func (t Truth) shares() map[string]bool {
	return map[string]bool{
		ShareLate:        slices.ContainsFunc(t.Parcels, func(p Parcel) bool { _, late := p.Late(t.Until); return late }),
		ShareLost:        slices.ContainsFunc(t.Parcels, func(p Parcel) bool { return p.reached(StateLost) }),
		ShareNeverPushed: slices.ContainsFunc(t.Parcels, func(p Parcel) bool { return p.NeverPushed && p.CancelledAt.IsZero() }),
		ShareSplit:       slices.ContainsFunc(t.Orders, func(o Order) bool { return t.standing(o.Number) > 1 }),
		ShareCorrected:   t.packedAnew() || slices.ContainsFunc(t.Parcels, func(p Parcel) bool { return len(p.Numbers) > 1 }),
	}
}

// standing is in how many parcels an order goes out, replacements aside.
func (t Truth) standing(order string) int {
	count := 0
	for _, parcel := range t.ParcelsOf(order) {
		if parcel.Direction == Outbound && parcel.CancelledAt.IsZero() && parcel.Replaces == "" {
			count++
		}
	}
	return count
}

// packedAnew tells whether a cancelled parcel's contents were packed again.
func (t Truth) packedAnew() bool {
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

// reached tells whether a parcel was ever in a state.
func (p Parcel) reached(state State) bool {
	for _, step := range p.Steps {
		if step.State == state {
			return true
		}
	}
	return false
}
