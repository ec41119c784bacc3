package tracking

import (
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// NextLook returns when an order is to be looked at again though nothing is heard of it: the earliest instant after now at which news
// becomes true, or a date, a round or a deadline passes. Zero = never.
func NextLook(o Order, s Setting, now time.Time) time.Time {
	j := Project(o, s, now)
	var next time.Time
	for _, at := range turns(o, j, s) {
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// turns returns the instants at which an order may read differently though its facts stay.
func turns(o Order, j Journey, s Setting) []time.Time {
	var all []time.Time
	for _, n := range prospects(o, j, s) {
		all = append(all, n.At)
	}
	f := &finder{o: o, j: j, s: s, zone: inZone(j.Zone)}
	all = append(all, j.UnsentFrom.In(f.zone))
	all = append(all, f.passes(f.watchShipment(nil))...)
	for i := range o.Shipments {
		sh := &o.Shipments[i]
		all = append(all, f.passes(f.watchShipment(sh))...)
		for k := range sh.Parcels {
			all = append(all, f.passes(f.watchParcel(sh, &sh.Parcels[k]))...)
			all = append(all, after(estimated(o, sh, sh.Parcels[k], s, f.zone), f.zone))
		}
	}
	return all
}

// passes returns the instants at which something that was said of a parcel or a shipment has passed.
func (f *finder) passes(w *watchedParcel) []time.Time {
	all := []time.Time{after(w.promise, f.zone), w.pickupUntil(f).End(f.zone)}
	for _, d := range w.parcel.Dates {
		all = append(all, after(&d.ETA, f.zone))
	}
	for _, scan := range w.scans {
		if scan.Status == OutForDelivery {
			all = append(all, locale.DayOf(scan.At(), f.zone).End(f.zone))
		}
	}
	if due, since := w.dueDate(f.zone); due != nil {
		all = append(all, after(due, f.zone), f.lateAt(w, *due, since))
	}
	for _, scan := range w.openActionScans() {
		all = append(all, actionOf(scan).Ends(f.zone))
	}
	return all
}

// after returns the first instant at which an expectation has passed.
func after(e *ETA, zone *time.Location) time.Time {
	if e == nil {
		return time.Time{}
	}
	return e.End(zone).Add(time.Millisecond)
}
