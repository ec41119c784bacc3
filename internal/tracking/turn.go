package tracking

import (
	"slices"
	"time"
)

// handed is how long after a delivery a way back is that of what a shopper sends: what a carrier turns round within hours of a delivery,
// it had not delivered.
const handed = 12 * time.Hour

// turn returns when the shopper sends back what was delivered, under the number that brought it: the first scan of the way back, or, where the
// shop knows of a return under the number, the first scan after that. Zero = the parcel has not turned round, or was never delivered.
func (p *Parcel) turn(returned time.Time) time.Time {
	var delivered time.Time
	for _, s := range p.Scans {
		if s.Ahead() || !s.Status.Carried() {
			continue
		}
		known := p.Returning || !returned.IsZero() && s.At().After(returned)
		switch {
		case !delivered.IsZero() && (known || s.turnsBack()) && s.At().Sub(delivered) >= handed && !s.undelivered():
			return s.At()
		case s.turnsBack():
			return time.Time{}
		case s.Status == Delivered:
			delivered = s.At()
		case !moves(s.Status) && !known:
			delivered = time.Time{} // it had not come after all
		}
	}
	return time.Time{}
}

// undelivered reports whether a scan says why its parcel could not be handed over, and goes back.
func (s Scan) undelivered() bool {
	return s.turnsBack() && slices.Contains([]Reason{ReasonRefused, ReasonNotHome, ReasonAddressWrong, ReasonClosed, ReasonNoAccess, ReasonMoved, ReasonPaymentDue, ReasonDutiesDue, ReasonUnclaimed}, s.Reason)
}

// split parts what was sent from what the shopper sends back under the same number.
func (p *Parcel) split(at time.Time) (back Parcel) {
	back = Parcel{
		Subject: Subject{Kind: SubjectParcel, Ref: p.Subject.Ref + returnMark}, Carrier: p.Carrier, Number: p.Number, URL: p.URL, Begins: at, Ends: p.Ends,
		Heard: at, CheckedAt: p.CheckedAt, Followed: p.Followed, Shared: p.Shared, Returning: true,
	}
	p.Ends, p.Returning = at, false
	for i, s := range p.Scans {
		if !s.At().Before(at) {
			back.Heard = s.Heard
			p.Scans, back.Scans = p.Scans[:i:i], p.Scans[i:]
			break
		}
	}
	p.Dates = slices.DeleteFunc(p.Dates, func(d StatedDate) bool { return !d.At.Before(at) })
	return back
}

// returnMark ends the name of a parcel that goes back under the number which brought it. No number has it.
const returnMark = "/return"

// turnRound gives what the shopper sends back under the number that brought it a parcel of its own, in the return that names the number
// where the shop has stated one.
func (w *shipper) turnRound() {
	for i := range len(w.order.Shipments) {
		if w.order.Shipments[i].Direction == Return {
			continue
		}
		for k := range w.order.Shipments[i].Parcels {
			p := &w.order.Shipments[i].Parcels[k]
			at, known := w.returnOf(p.Number)
			turn := p.turn(known)
			if turn.IsZero() {
				continue
			}
			back := p.split(turn)
			if at < 0 {
				sent := w.order.Shipments[i]
				w.order.Shipments = append(w.order.Shipments, Shipment{
					Subject: shipmentSubject(sent.Source, NormalNumber(p.Number)+returnMark), Source: sent.Source, Direction: Return, Heard: back.Heard,
				})
				at = len(w.order.Shipments) - 1
			}
			w.order.Shipments[at].Parcels = append(w.order.Shipments[at].Parcels, back)
		}
	}
}

// returnOf finds the return that a shop has stated under the number, and since when it is known; -1 = there is none.
func (w *shipper) returnOf(number string) (at int, known time.Time) {
	for _, r := range w.shipments {
		names := func(p ParcelSaid) bool { return w.root(p.Number) == w.root(number) }
		if r.Shipment.Direction != Return || w.withdrawn(r) || !slices.ContainsFunc(r.Shipment.Parcels, names) {
			continue
		}
		subject := shipmentSubject(r.Key.Source, r.Key.Ref)
		if at := slices.IndexFunc(w.order.Shipments, func(s Shipment) bool { return s.Subject == subject && s.Direction == Return }); at >= 0 {
			return at, earliest(r.Shipment.CreatedAt, r.FirstHeard)
		}
	}
	return -1, time.Time{}
}
