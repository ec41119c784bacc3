package message

import (
	"cmp"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// subject is what a text is about: the order, one of its shipments, or one of its parcels. Facts come from it alone.
type subject struct {
	order    *tracking.Order
	journey  *tracking.Journey
	shipment *tracking.Shipment      // nil = the text is about the order
	parcel   *tracking.ParcelJourney // nil = the text is about no single parcel
	occasion tracking.Occasion
	at       time.Time // when the occasion came
	setting  *tracking.Setting
}

// subjectOf finds what a reference names. A shipment of one parcel is treated as that parcel, and so is an order of one shipment, unless
// the occasion is the order's own.
func (l *Localizer) subjectOf(o *tracking.Order, j *tracking.Journey, of tracking.Subject, occasion tracking.Occasion, at time.Time) subject {
	s := subject{order: o, journey: j, occasion: occasion, at: at, setting: &l.setting}
	switch of.Kind {
	case tracking.SubjectParcel:
		s.parcel = j.Parcel(of)
	case tracking.SubjectShipment:
		i := slices.IndexFunc(o.Shipments, func(sh tracking.Shipment) bool { return sh.Subject == of })
		s.parcel = onlyParcel(j, func(p tracking.ParcelJourney) bool { return p.Shipment == i })
		if i >= 0 {
			s.shipment = &o.Shipments[i]
		}
	case tracking.SubjectOrder:
		fallthrough
	default:
		s.narrow()
	}
	if s.parcel != nil && s.parcel.Shipment < len(o.Shipments) {
		s.shipment = &o.Shipments[s.parcel.Shipment]
	}
	return s
}

// narrow treats an order of one parcel as that parcel, unless the occasion is the order's own.
func (s *subject) narrow() {
	if isReturnOccasion(s.occasion) || total(s.order, s.journey) != 1 || s.unsentLate() {
		return
	}
	s.parcel = onlyParcel(s.journey, func(p tracking.ParcelJourney) bool { return p.Direction == tracking.Outbound && counts(p) })
	s.shipment = onlyShipment(s.order)
}

// unsentLate reports whether the text is about the part of an order that has not left while another part has.
func (s subject) unsentLate() bool {
	return s.parcel == nil && s.shipment == nil && s.occasion == tracking.LateWithoutNews && len(s.order.Shipments) > 0
}

// onlyParcel returns the only parcel for which meant is true; nil where there are several or none.
func onlyParcel(j *tracking.Journey, meant func(tracking.ParcelJourney) bool) *tracking.ParcelJourney {
	var found *tracking.ParcelJourney
	for i := range j.Parcels {
		if !meant(j.Parcels[i]) {
			continue
		}
		if found != nil {
			return nil
		}
		found = &j.Parcels[i]
	}
	return found
}

// onlyShipment returns the only outbound shipment that counts; nil where there are several or none.
func onlyShipment(o *tracking.Order) *tracking.Shipment {
	i := slices.IndexFunc(o.Shipments, func(sh tracking.Shipment) bool {
		return sh.Direction == tracking.Outbound && !sh.Dropped()
	})
	if i < 0 {
		return nil
	}
	return &o.Shipments[i]
}

func isReturnOccasion(occasion tracking.Occasion) bool {
	return slices.Contains([]tracking.Phase{tracking.ReturnRequested, tracking.ReturnReceived, tracking.ReturnInspected, tracking.Refunded}, tracking.Phase(occasion))
}

// counts reports whether a parcel counts among the parcels of the order: it was not withdrawn or cancelled.
func counts(p tracking.ParcelJourney) bool {
	return !p.Withdrawn && p.State != tracking.Occasion(tracking.ParcelCancelled)
}

func total(o *tracking.Order, j *tracking.Journey) int {
	if len(o.Shipments) == 0 {
		return 1
	}
	return j.Total
}

// isReturn reports whether the subject is something that the shopper sends back.
func (s subject) isReturn() bool {
	switch {
	case s.parcel != nil:
		return s.parcel.Direction == tracking.Return
	case s.shipment != nil:
		return s.shipment.Direction == tracking.Return
	}
	return isReturnOccasion(s.occasion)
}

// carrier returns who carries the subject; "" where it is not known, or several do.
func (s subject) carrier() string {
	if s.parcel != nil {
		return s.parcel.Carrier
	}
	if s.shipment == nil {
		return ""
	}
	carrier := ""
	for _, p := range s.shipment.Parcels {
		if carrier != "" && p.Carrier != carrier {
			return ""
		}
		carrier = p.Carrier
	}
	return carrier
}

// place returns where the occasion happened, as long as the parcel is still there.
func (s subject) place() string {
	switch {
	case s.parcel == nil:
		return ""
	case tracking.Occasion(s.parcel.Status) == s.occasion:
		return s.parcel.Place
	case s.occasion == tracking.LocationChanged && s.parcel.LastScan != nil:
		return s.parcel.LastScan.Location
	}
	return ""
}

// reason returns the reason of the parcel's state, for occasions that it explains.
func (s subject) reason() tracking.Reason {
	explained := []tracking.Occasion{
		tracking.Delayed, tracking.EtaMoved, tracking.LateWithoutNews, tracking.Stalled, tracking.LastAttempt,
	}
	switch {
	case s.parcel == nil, s.isReturn():
		return ""
	case s.occasion == tracking.ActionRequired && s.parcel.Action != nil:
		return cmp.Or(s.parcel.Action.Reason, s.parcel.Reason)
	case tracking.Occasion(s.parcel.Status) == s.occasion, s.parcel.State == s.occasion, slices.Contains(explained, s.occasion):
		if s.parcel.Action != nil {
			return cmp.Or(s.parcel.Reason, s.parcel.Action.Reason)
		}
		return s.parcel.Reason
	}
	return ""
}

// eta returns when the subject comes, and due when a late one should have come; nil where that is not known of the subject itself. Late is
// reported in the evening of the day: from then on the day is no longer an ETA.
func (s subject) eta(setting tracking.Setting) (eta, due *tracking.ETA) {
	eta, due = s.expectedDays(setting)
	if zone := s.journey.Zone; s.occasion == tracking.LateWithoutNews && eta != nil && due == nil &&
		!eta.LastDay(zone).After(locale.DayOf(s.journey.Now, zone)) {
		return nil, eta
	}
	return eta, due
}

// expectedDays returns when the subject should come, and when a late one should have come; nil = not known.
func (s subject) expectedDays(setting tracking.Setting) (eta, due *tracking.ETA) {
	switch {
	case s.isReturn(), s.order.Cancelled, s.parcel == nil && !s.travels(setting):
		return nil, nil // nothing comes to the shopper
	case s.parcel != nil:
		return s.parcel.ETA, s.parcel.Due
	case s.shipment != nil && len(s.shipment.Parcels) == 0:
		return s.promised(setting)
	case len(s.order.Shipments) == 0 && s.order.Phase != tracking.ReadyToCollect && s.order.Phase != tracking.Collected:
		return s.journey.ETA, s.journey.Due
	}
	return nil, nil
}

// promised returns when a shipment that no carrier speaks of should come.
func (s subject) promised(setting tracking.Setting) (eta, due *tracking.ETA) {
	if slices.Contains([]tracking.Phase{tracking.Cancelled, tracking.Collected, tracking.ReadyToCollect}, s.shipment.Phase) || s.shipment.ReplacedBy != "" {
		return nil, nil
	}
	e := tracking.Promised(*s.order, s.shipment, setting)
	switch {
	case e == nil:
		return nil, nil
	case !s.journey.Now.After(e.End(s.journey.Zone)):
		return e, nil
	case tracking.MethodOf(*s.order, s.shipment, setting).Tracked():
		return nil, e
	}
	return nil, nil
}

// pickupOver reports whether the last day that the carrier named for collecting the parcel has passed, and it has said nothing since.
func (s subject) pickupOver() bool {
	p := s.parcel
	waits := p != nil && p.Pickup != nil && !p.PickupReckoned && !p.Pickup.Until.IsZero()
	return waits && s.occasion == tracking.Occasion(tracking.AvailableForPickup) && p.Pickup.Until.End(s.journey.Zone).Before(s.journey.Now)
}

// collected reports whether the shopper took the parcel at a pick-up point.
func (s subject) collected() bool {
	return s.parcel != nil && s.parcel.Collected && s.occasion == tracking.Occasion(tracking.Delivered)
}

// refundedAway reports whether the parcel does not come, and that all that was ordered has been refunded.
func (s subject) refundedAway() bool {
	gone := []tracking.Status{
		tracking.Lost, tracking.Damaged, tracking.Disposed, tracking.PickupExpired, tracking.ReturnInTransit, tracking.ReturnedToSender,
	}
	return s.order.Emptied && s.parcel != nil && s.parcel.Direction == tracking.Outbound && slices.Contains(gone, s.parcel.Status)
}

// moneyBack reports whether something of what was paid went back.
func (s subject) moneyBack() bool {
	refunded := func(l tracking.Line) bool { return l.State == tracking.LineRefunded }
	return len(s.order.Refunds) > 0 || s.order.Money.RefundedMinor > 0 || slices.ContainsFunc(s.order.Lines, refunded)
}

// repaid reports whether what the shopper sends back, or has sent, has been refunded already: the refund does not depend on the return any more.
func (s subject) repaid() bool {
	going := slices.Contains([]tracking.Occasion{
		tracking.Occasion(tracking.ReturnRequested), tracking.Occasion(tracking.ReturnReceived), tracking.Occasion(tracking.ReturnInspected),
	}, s.occasion) || s.isReturn() && !isReturnOccasion(s.occasion)
	return going && (s.order.Emptied && s.moneyBack() || s.shipment != nil && s.shipment.Phase == tracking.Refunded)
}

// cancelledOnTheWay reports whether a parcel travels, or comes back, whose order was cancelled.
func (s subject) cancelledOnTheWay() bool {
	return s.order.Cancelled && s.parcel != nil && s.parcel.Direction == tracking.Outbound && s.parcel.Status != tracking.Delivered
}

// labelled reports whether the shopper has a label for the return.
func (s subject) labelled() bool {
	return s.occasion == tracking.Occasion(tracking.ReturnRequested) && !s.repaid() && s.shipment != nil && s.shipment.ReturnLabel != nil
}

// waitsBeside reports whether another shipment of the order has not left the shop.
func (s subject) waitsBeside(setting tracking.Setting) bool {
	left := []tracking.Phase{tracking.Shipped, tracking.ReadyToCollect, tracking.Collected}
	for i := range s.order.Shipments {
		sh := &s.order.Shipments[i]
		other := s.shipment == nil || sh.Subject != s.shipment.Subject
		if other && sh.Direction == tracking.Outbound && !sh.Dropped() && len(sh.Parcels) == 0 && !slices.Contains(left, sh.Phase) &&
			tracking.MethodOf(*s.order, sh, setting) != tracking.MethodPickup {
			return true
		}
	}
	return false
}

// Parcels counts the parcels of an order that have come, and all of them. What no carrier scans, such as a letter, is none.
func Parcels(j *tracking.Journey) (arrived, all int) {
	return j.Arrived - j.Handed, j.Total - j.Untracked
}

// several reports whether other parts of the order go the same way as the subject, parcels or not.
func (s subject) several() bool {
	n := 0
	for i := range s.order.Shipments {
		sh := &s.order.Shipments[i]
		switch {
		case sh.Dropped() || (sh.Direction == tracking.Return) != s.isReturn():
		case len(sh.Parcels) == 0:
			n++
		default:
			s.countParcels(i, new(int), &n)
		}
	}
	return n > 1
}

// scanned reports whether carriers scan the shipment: its method is tracked, or it has parcels.
func (s subject) scanned(sh *tracking.Shipment) bool {
	return len(sh.Parcels) > 0 || s.setting == nil || tracking.MethodOf(*s.order, sh, *s.setting).Tracked()
}

// placeAndCount returns how many parcels of the order go the same way as the subject, with shipments that will be parcels, and the place of
// the subject among them, from 1. The place is 0 if the subject is none of them.
func (s subject) placeAndCount() (place, count int) {
	for i := range s.order.Shipments {
		sh := &s.order.Shipments[i]
		if sh.Dropped() || (sh.Direction == tracking.Return) != s.isReturn() || !s.scanned(sh) {
			continue
		}
		if len(sh.Parcels) > 0 {
			s.countParcels(i, &place, &count)
			continue
		}
		count++
		if s.shipment == sh {
			place = count
		}
	}
	return place, count
}

// countParcels adds the parcels of one shipment to the count, and sets the place if the subject is one of them.
func (s subject) countParcels(shipment int, place, count *int) {
	for i := range s.journey.Parcels {
		p := &s.journey.Parcels[i]
		if p.Shipment != shipment || !counts(*p) {
			continue
		}
		*count++
		if s.parcel == p {
			*place = *count
		}
	}
}

// travels reports whether something comes to the shopper.
func (s subject) travels(setting tracking.Setting) bool {
	method := s.method(setting)
	return method != tracking.MethodPickup && method != tracking.MethodDigital
}

// method returns how the subject travels.
func (s subject) method(setting tracking.Setting) tracking.Method {
	return tracking.MethodOf(*s.order, s.shipment, setting)
}
