package tracking

import (
	"cmp"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// closeSentAgain closes shipments that came back, or were lost, once what they held has been sent again by another one, though no source says
// that it replaces them.
func (w *shipper) closeSentAgain() {
	for i := range w.order.Shipments {
		first := &w.order.Shipments[i]
		over, ended := first.neverComes()
		if !over || first.Direction != Outbound || first.Dropped() {
			continue
		}
		var again *Shipment
		for k := range w.order.Shipments {
			sh := &w.order.Shipments[k]
			later := sh.Direction == Outbound && !sh.Dropped() && sh.Heard.After(ended) && w.holdsAgain(sh, first)
			if later && (again == nil || cmp.Or(sh.Heard.Compare(again.Heard), cmp.Compare(sh.Subject.Ref, again.Subject.Ref)) < 0) {
				again = sh
			}
		}
		if again != nil {
			first.ReplacedBy = cmp.Or(again.Ref, again.Subject.Ref)
		}
	}
}

// neverComes reports whether all parcels of a shipment are back or lost, and when the last of them was.
func (s *Shipment) neverComes() (over bool, ended time.Time) {
	for _, p := range s.Parcels {
		past := stays(p)
		if len(past) == 0 || !slices.Contains([]Status{ReturnedToSender, Lost, Disposed}, past[len(past)-1].Status) {
			return false, time.Time{}
		}
		ended = latest(ended, past[len(past)-1].From.At())
	}
	return len(s.Parcels) > 0, ended
}

// holdsAgain reports whether a shipment holds what another one held, and the order does not have it twice. Of an order of one piece nothing
// else can be meant.
func (w *shipper) holdsAgain(sh, first *Shipment) bool {
	was, is := w.contentsOf(first), w.contentsOf(sh)
	if was == nil && is == nil {
		n, whole := w.piecesToSend().Int()
		return whole && n == 1
	}
	if was == nil || is == nil || !slices.EqualFunc(was, is, func(a, b locale.Quantity) bool { return a.Cmp(b) == 0 }) {
		return false
	}
	for i, l := range w.order.Lines {
		if was[i].Sign() > 0 && l.Quantity.Sub(was[i]).Sub(is[i]).Sign() >= 0 {
			return false
		}
	}
	return true
}

// contentsOf returns how much of each line of the order a shipment holds; nil = not known.
func (w *shipper) contentsOf(sh *Shipment) []locale.Quantity {
	contents := sh.Lines
	if contents == nil {
		for _, p := range sh.Parcels {
			contents = append(contents, p.Lines...)
		}
	}
	if len(contents) == 0 {
		return nil
	}
	all := make([]locale.Quantity, len(w.order.Lines))
	for _, share := range contents {
		i := slices.IndexFunc(w.order.Lines, func(l Line) bool { return shares(share, l) })
		if i < 0 {
			return nil
		}
		quantity := share.Quantity
		if quantity.IsZero() {
			quantity = w.order.Lines[i].Quantity
		}
		all[i] = all[i].Add(quantity)
	}
	return all
}

// piecesToSend returns the sum of the quantities of all lines that are to be sent.
func (w *shipper) piecesToSend() (sum locale.Quantity) {
	for _, l := range w.order.Lines {
		if toCome(l) {
			sum = sum.Add(l.Quantity)
		}
	}
	return sum
}
