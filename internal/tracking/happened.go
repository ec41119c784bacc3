package tracking

import (
	"cmp"
	"slices"
	"time"
)

// EtaShift is by how much an ETA must move to be an occasion.
const EtaShift = 24 * time.Hour

// Happened lists the occasions that are true of after and were not of before, in the order in which they came about.
// A zero before means that the order is new. Equal journeys give none.
//
// Shipped and Delivered concern the whole order: Shipped with the first parcel in a carrier's hands (or when the shop
// says so), Delivered with the last parcel that matters. Every other status concerns its parcel. Only a first occurrence counts.
func Happened(before, after Journey) []Occurrence {
	all := happenedPhases(before, after)
	for _, p := range after.Parcels {
		all = append(all, happenedParcel(before.parcel(p), p)...)
	}
	if delivered := deliveredAt(after); !delivered.IsZero() && deliveredAt(before).IsZero() {
		all = append(all, Occurrence{Occasion: Occasion(Delivered), At: delivered})
	}
	all = append(all, happenedETA(before, after)...)
	slices.SortStableFunc(all, func(a, b Occurrence) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(stage(a.Occasion), stage(b.Occasion)), cmp.Compare(a.Parcel, b.Parcel))
	})
	return all
}

func happenedPhases(before, after Journey) []Occurrence {
	var all []Occurrence
	for _, phase := range Phases() {
		was, is := before.Phases[phase], after.Phases[phase]
		if phase == Shipped {
			was, is = shippedAt(before), shippedAt(after)
		}
		if was.IsZero() && !is.IsZero() {
			all = append(all, Occurrence{Occasion: Occasion(phase), At: is})
		}
	}
	return all
}

// shippedAt is when the first parcel was in a carrier's hands, or when the shop says so.
func shippedAt(j Journey) time.Time {
	first := j.Phases[Shipped]
	for _, p := range j.Parcels {
		for status, reached := range p.Reached {
			if carried(status) {
				first = earliest(first, reached)
			}
		}
	}
	return first
}

func deliveredAt(j Journey) time.Time {
	if j.State != Occasion(Delivered) {
		return time.Time{}
	}
	var last time.Time
	for _, p := range j.Parcels {
		if at := p.Reached[Delivered]; at.After(last) {
			last = at
		}
	}
	return last
}

// parcel finds the same parcel in this journey; its carrier may have become known meanwhile.
func (j Journey) parcel(like ParcelJourney) ParcelJourney {
	for _, p := range j.Parcels {
		if (Parcel{Carrier: p.Carrier, Number: p.Number}).Is(like.Carrier, like.Number) {
			return p
		}
	}
	return ParcelJourney{}
}

func happenedParcel(before, after ParcelJourney) []Occurrence {
	var all []Occurrence
	key := ParcelKey(after.Carrier, after.Number)
	for _, status := range Statuses() {
		reached := after.Reached[status]
		if status == Delivered || reached.IsZero() || !before.Reached[status].IsZero() {
			continue
		}
		all = append(all, Occurrence{Occasion: Occasion(status), Parcel: key, At: reached})
	}
	if !after.DelayedAt.IsZero() && before.DelayedAt.IsZero() {
		all = append(all, Occurrence{Occasion: Delayed, Parcel: key, At: after.DelayedAt})
	}
	return all
}

// happenedETA compares the two forecasts. A new order's first ETA is part of its reception, not an occasion.
func happenedETA(before, after Journey) []Occurrence {
	if after.ETA == nil || len(before.Phases) == 0 {
		return nil
	}
	at := after.Since
	if after.LastScan != nil {
		at = after.LastScan.Time
	}
	if before.ETA == nil {
		return []Occurrence{{Occasion: EtaFirstKnown, At: at}}
	}
	if moved(*before.ETA, *after.ETA) {
		return []Occurrence{{Occasion: EtaMoved, At: at}}
	}
	return nil
}

// moved says that the expectation shifted by at least EtaShift; one that lies within the former only became more precise.
func moved(before, after ETA) bool {
	was, is := before.End(time.UTC), after.End(time.UTC) // any one zone measures a shift between calendar days
	within := !after.From.Before(before.From) && !is.After(was)
	return !within && is.Sub(was).Abs() >= EtaShift
}
