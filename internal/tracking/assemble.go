package tracking

import (
	"cmp"
	"reflect"
	"slices"
	"time"
)

// Assemble makes the order of that id from the records of one group and its bounds. It depends on nothing but what they say: not on
// the order of the records, and not on what was assembled before.
func Assemble(id string, records []Record, bounds Bounds) Order {
	a := assembly{bounds: bounds}
	sorted := slices.SortedFunc(slices.Values(records), func(x, y Record) int { return x.Key.compare(y.Key) })
	for i := range sorted {
		switch r := &sorted[i]; {
		case r.Order != nil:
			a.orders = append(a.orders, r)
		case r.Shipment != nil:
			a.shipments = append(a.shipments, r)
		case r.Tracker != nil:
			a.trackers = append(a.trackers, r)
		}
	}
	slices.SortStableFunc(a.orders, leading)
	a.order.ID = id
	a.header()
	a.refund()
	a.ship()
	a.order.Phases = a.phases
	a.callOff()
	return a.order
}

// callOff cancels what has not left of an order that is cancelled.
func (a *assembly) callOff() {
	left := func(p Phase) bool { return p == Shipped || p == Collected }
	if !a.order.Cancelled || slices.ContainsFunc(a.phases, func(c PhaseChange) bool { return left(c.Phase) }) {
		return
	}
	for i := range a.order.Shipments {
		sh := &a.order.Shipments[i]
		carried := slices.ContainsFunc(sh.Parcels, func(p Parcel) bool { return firstCarrierScan(p) != nil })
		if sh.Direction != Return && !carried && !left(sh.Phase) {
			sh.Phase = Cancelled
		}
	}
}

// assembly is an order in the making.
type assembly struct {
	orders, shipments, trackers []*Record
	bounds                      Bounds
	order                       Order
	phases                      []PhaseChange
}

// leading puts the record first that says most of the purchase: with lines, then with people, then the oldest.
func leading(a, b *Record) int {
	rank := func(r *Record) int {
		switch {
		case len(r.Order.Lines) > 0:
			return 0
		case !r.Order.people().unknown():
			return 1
		}
		return 2
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), a.FirstHeard.Compare(b.FirstHeard), a.Key.compare(b.Key))
}

// header fills in what is said of the order itself: by its leading source, the gaps by the others.
func (a *assembly) header() {
	said := a.said()
	o := &a.order
	o.Number, o.Locale, o.Channel, o.Marketplace, o.Test = said.Number, said.Locale, said.Channel, said.Marketplace, said.Test
	o.Buyer, o.Recipients, o.To = said.Customer, said.Recipients, said.Destination
	o.Money, o.Promise, o.Refunds, o.Note, o.Tags, o.Links = said.Money, said.Promise, said.Refunds, said.Note, said.Tags, said.Links
	o.Method, o.MethodTitle = said.Method, said.MethodTitle
	for _, l := range said.Lines {
		if !l.Quantity.IsZero() {
			o.Lines = append(o.Lines, l)
		}
	}
	gone := func(l Line) bool { return l.State == LineRefunded || l.State == LineCancelled }
	o.Emptied = len(said.Lines) > 0 && !slices.ContainsFunc(o.Lines, func(l Line) bool { return !gone(l) }) && a.takenOff()
	for _, r := range a.orders {
		o.Sources = append(o.Sources, r.Key)
		o.FirstHeard = earliest(o.FirstHeard, r.FirstHeard)
		a.hear(r)
		for _, p := range r.Phases {
			takePhase(&a.phases, p)
		}
	}
	refunded := func(l Line) bool { return l.State == LineRefunded }
	_, told := phaseOf(a.phases, Refunded)
	o.Repaid = told || len(o.Refunds) > 0 || o.Money.RefundedMinor > 0 || slices.ContainsFunc(said.Lines, refunded)
	o.PlacedAt = said.PlacedAt
	if o.PlacedAt.IsZero() || o.PlacedAt.After(o.FirstHeard) {
		o.PlacedAt = o.FirstHeard
	}
	if !slices.ContainsFunc(a.phases, func(p PhaseChange) bool { return p.Phase == OrderReceived }) {
		takePhase(&a.phases, PhaseChange{Phase: OrderReceived, At: o.PlacedAt, Heard: o.FirstHeard})
	}
	a.phase(said.Phase)
}

// takenOff reports whether lines that nothing is left of were once to be sent: a quantity of 0 that was never another one is no refund.
func (a *assembly) takenOff() bool {
	return len(a.order.Lines) > 0 || len(a.order.Refunds) > 0 || a.order.Money.RefundedMinor > 0 ||
		slices.ContainsFunc(a.orders, func(r *Record) bool { return r.Wanted })
}

// wants reports whether a line of the order says how much of it is to be sent.
func (o *OrderSaid) wants() bool {
	return slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Quantity.Sign() > 0 })
}

// phase says where the order stands now. A cancellation that the source has taken back is none.
func (a *assembly) phase(said Phase) {
	o := &a.order
	o.Phase = said
	if said == "" {
		o.Phase = furthest(a.phases)
	}
	if o.Phase != OrderCancelled {
		return
	}
	o.Cancelled, o.CancelledAt = true, a.cancelledSince()
	a.phases = forgetRepeats(a.phases, o.CancelledAt)
}

// furthest returns the phase that stands farthest on the way; a cancellation must be said, and is never concluded from a log.
func furthest(log []PhaseChange) Phase {
	at := OrderReceived
	for _, p := range log {
		if p.Phase != OrderCancelled && p.Phase != Cancelled && slices.Index(Phases(), p.Phase) > slices.Index(Phases(), at) {
			at = p.Phase
		}
	}
	return at
}

// said folds the order records into one word: within a source the newest of each field counts, across sources the leading one.
func (a *assembly) said() OrderSaid {
	var all OrderSaid
	into := reflect.ValueOf(&all).Elem()
	var done []string
	for _, lead := range a.orders {
		if slices.Contains(done, lead.Key.Source) {
			continue
		}
		done = append(done, lead.Key.Source)
		one := reflect.ValueOf(a.saidBy(lead))
		for i := range into.NumField() {
			if into.Field(i).IsZero() {
				into.Field(i).Set(one.Field(i))
			}
		}
	}
	return all
}

// saidBy folds the records of the leading record's source.
func (a *assembly) saidBy(lead *Record) OrderSaid {
	said := *lead.Order
	into := reflect.ValueOf(&said).Elem()
	for _, name := range expandMoney(fieldNames(into.Type())) {
		newest := lead
		for _, r := range a.orders {
			if r.Key.Source == lead.Key.Source && newest.stampOf(name).Before(r.stampOf(name)) {
				newest = r
			}
		}
		fieldAt(into, name).Set(fieldAt(reflect.ValueOf(newest.Order).Elem(), name))
	}
	return said
}

// withdrawn reports whether an order of the group leaves the shipment out of its newest list.
func (a *assembly) withdrawn(shipment *Record) bool {
	return slices.ContainsFunc(a.orders, func(o *Record) bool { return o.withdraws(shipment) })
}

// hear counts a record's own times as the order's.
func (a *assembly) hear(r *Record) {
	a.order.LastHeard = latest(a.order.LastHeard, r.LastHeard)
	a.order.LastHappened = latest(a.order.LastHappened, r.lastHappened())
}

// lastHappened returns the time of the newest thing that a source says of its resource, whenever it was heard: of a number the newest scan
// or date, of what a shop keeps itself its last change.
func (r *Record) lastHappened() time.Time {
	var last time.Time
	if r.Tracker == nil {
		last = r.Whole.Version
		for _, g := range r.Given {
			last = latest(last, g.Stamp.Version)
		}
	}
	for _, scan := range r.Scans {
		if !scan.Ahead() {
			last = latest(last, scan.At())
		}
	}
	for _, d := range r.Dates {
		last = latest(last, d.At)
	}
	return last
}

// sourceRank returns how far a source leads the order: an index, the leading one first.
func (a *assembly) sourceRank(source string) int {
	at := slices.IndexFunc(a.orders, func(r *Record) bool { return r.Key.Source == source })
	if at < 0 {
		return len(a.orders)
	}
	return at
}

// parcelSubject returns the Subject of news about a parcel: its normalized number, or its shipment while it has no number.
func parcelSubject(number, shipment string) Subject {
	ref := NormalNumber(number)
	if ref == "" {
		ref = shipment
	}
	return Subject{Kind: SubjectParcel, Ref: ref}
}

func shipmentSubject(source, ref string) Subject {
	return Subject{Kind: SubjectShipment, Ref: source + "/" + ref}
}

// within reports whether an instant lies in the parcel's window.
func (p *Parcel) within(t time.Time) bool {
	return !t.Before(p.Begins) && (p.Ends.IsZero() || t.Before(p.Ends))
}
