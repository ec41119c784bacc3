package tracking

import (
	"cmp"
	"time"
)

// How a statement is merged into the record of its resource. The result does not depend on the order in which statements arrive.

// Before reports whether s is the older of two stamps: by version, then by when it was heard, then by its place in a receipt.
func (s Stamp) Before(o Stamp) bool { return s.compare(o) < 0 }

// compare returns a negative number if s is older than o, a positive one if it is newer, 0 if they are equal.
func (s Stamp) compare(o Stamp) int {
	return cmp.Or(s.Version.Compare(o.Version), s.Heard.Compare(o.Heard), cmp.Compare(s.Position, o.Position))
}

// Take merges a statement into what is known of its resource. A whole statement replaces every field that an older one gave, a
// partial one only those that it names; the logs are united. The result does not depend on the order in which statements are taken,
// nor on how often. It reports whether anything but the time of hearing changed, such as the stamp of a value: what an older statement
// may not take back depends on it.
func (r *Record) Take(s Statement) (changed bool) {
	if r.Key == (Key{}) {
		*r = Record{Key: s.Key, Speaker: s.Speaker, FirstHeard: s.Stamp.Heard, LastHeard: s.Stamp.Heard}
		changed = true
	}
	r.fillMissingNumbers()
	r.fillMissingWanted()
	changed = r.takeEnding(s) || changed
	r.FirstHeard, r.LastHeard = earliest(r.FirstHeard, s.Stamp.Heard), latest(r.LastHeard, s.Stamp.Heard)
	if r.takeFields(s) {
		changed = true
	}
	if s.Shipment != nil {
		for _, p := range s.Shipment.Parcels {
			changed = r.logNumber(p.Number, s.Stamp.Heard) || changed
		}
	}
	if s.Order != nil {
		changed = r.noteWantedAndRefunds(s.Order, s.Stamp.Heard) || changed
	}
	for _, scan := range s.Scans {
		changed = takeScan(&r.Scans, scan) || changed
	}
	for _, p := range s.Phases {
		changed = takePhase(&r.Phases, p) || changed
	}
	for _, d := range s.Dates {
		changed = takeDate(&r.Dates, d) || changed
	}
	return changed
}

// fillMissingWanted sets Wanted of a record that was stored by a version which did not have that field.
func (r *Record) fillMissingWanted() { r.Wanted = r.Wanted || r.Order != nil && r.Order.wants() }

// noteWantedAndRefunds notes what counts once an order has said it, whatever it says later: that goods are to be sent, and its refunds. It
// reports whether any of it is new.
func (r *Record) noteWantedAndRefunds(said *OrderSaid, heard time.Time) (changed bool) {
	if said.wants() && !r.Wanted {
		r.Wanted, changed = true, true
	}
	for _, one := range said.listed(heard) {
		changed = takeFirstHeard(&r.Repaid, one) || changed
	}
	return changed
}

// earliest returns the earlier of two times, or the one that is set.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
