package tracking

import (
	"cmp"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// What is true of an order and its parcels at an instant, by all that was heard of them: status, expected day, pickup, and the state in
// one word. A round is the tour of the day on which a courier brings a parcel: it begins with the scan "out for delivery".

// Project returns what is true of the order at the instant now.
func Project(o Order, s Setting, now time.Time) Journey {
	zone := locale.ZoneIn(o.To.Country, o.To.Region, o.To.Postcode, inZone(s.Zone))
	j := Journey{Now: now, Zone: zone, LastHeard: o.LastHeard, Lead: -1, LeadShipment: -1}
	for i := range o.Shipments {
		for at := range o.Shipments[i].Parcels {
			j.Parcels = append(j.Parcels, projectParcel(o, i, at, s, zone, now))
		}
	}
	j.unsent(o, s)
	j.count(o, s)
	j.markStalled(o, s)
	j.headline(o, s)
	j.Steps = orderSteps(o)
	return j
}

// projectParcel returns what is true of one parcel of a shipment at the instant now.
func projectParcel(o Order, shipment, at int, s Setting, zone *time.Location, now time.Time) ParcelJourney {
	sh := o.Shipments[shipment]
	parcel := sh.Parcels[at]
	p := ParcelJourney{
		Subject: parcel.Subject, Shipment: shipment, Parcel: at, Direction: sh.Direction,
		Carrier: parcel.Carrier, Number: parcel.Number, URL: parcel.URL, Phase: phaseIn(o, sh),
		Stated: parcel.Dates, CheckedAt: parcel.CheckedAt, Lines: parcel.Lines, Pieces: parcel.Pieces,
		Legs: parcel.Legs, Shared: parcel.Shared, Together: parcel.Together, Withdrawn: sh.ReplacedBy != "",
	}
	if p.Lines == nil && len(sh.Parcels) == 1 {
		p.Lines = sh.Lines
	}
	past := stays(parcel)
	p.setStatus(past, parcel)
	p.setDelayAndAction(parcel)
	p.setETA(o, sh, parcel, s, zone, now)
	p.setPickup(parcel, past, s, zone)
	if p.Status == Delivered {
		p.Proof = parcel.Proof
	}
	p.State = p.stateWord(zone, now)
	p.Steps = parcelSteps(p, parcel, now)
	if o.Cancelled || p.Phase == Cancelled {
		p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool { return s.Future }) // it may be sent back on any day
	}
	return p
}

// phaseIn returns the phase of a shipment: its own, or that it has left where the shop says so of the whole order.
func phaseIn(o Order, sh Shipment) Phase {
	if sh.Phase == "" && sh.Direction == Outbound && o.Phase == Shipped {
		return Shipped
	}
	return sh.Phase
}

// setStatus sets the status, its reason, time and place by the newest of the past stays, and what follows from all of them: whether the
// parcel goes back, whether it was collected, and how many delivery attempts failed.
func (p *ParcelJourney) setStatus(past []stay, parcel Parcel) {
	p.Returning = parcel.Returning || p.Direction == Return
	days, waited := map[string]bool{}, false
	for _, st := range past {
		if st.Status == DeliveryAttemptFailed {
			for _, scan := range st.Scans {
				days[scan.At().Format(time.DateOnly)] = true
			}
		}
		p.Returning = p.Returning || st.Status == ReturnInTransit || st.Status == ReturnedToSender
		p.Collected = st.Status == Delivered && (p.Collected || waited)
		waited = st.Status == AvailableForPickup
	}
	p.Attempts = len(days)
	if len(past) == 0 {
		return
	}
	now := past[len(past)-1]
	p.Status, p.Reason, p.Since, p.Place = now.Status, now.Reason, now.From.At(), now.From.Location
	for _, scan := range now.Scans {
		if scan.Location != "" {
			p.Place = scan.Location // the place where it waits, or was left, does not change by the scan of a depot
		}
	}
	p.keepInTransitUntilAllPieces(now)
}

// keepInTransitUntilAllPieces makes a number with several pieces in transit while only some of them are delivered; it is delivered with the
// last of them.
func (p *ParcelJourney) keepInTransitUntilAllPieces(now stay) {
	switch {
	case p.Status != Delivered || p.Pieces == nil:
	case p.Pieces.Delivered > 0 && p.Pieces.Delivered < p.Pieces.Total:
		p.Status, p.Reason, p.Since = InTransit, "", now.From.At()
	default:
		p.Since = now.lastSaid().At()
	}
}

// setDelayAndAction sets what does not follow from the status: the last scan, a delay that still holds, and what the shopper must do.
func (p *ParcelJourney) setDelayAndAction(parcel Parcel) {
	for i := range parcel.Scans {
		scan := &parcel.Scans[i]
		if scan.Ahead() {
			continue
		}
		if scan.Status != "" || scan.Text != "" || scan.Location != "" {
			p.LastScan = scan
		}
		p.updateDelay(*scan)
		p.updateAction(*scan)
	}
	if p.Status.Terminal() || p.Returning || p.Withdrawn {
		p.Action, p.ActionAt = nil, time.Time{}
	}
}

// updateAction sets what the shopper must do by one scan; a later scan with a status ends it.
func (p *ParcelJourney) updateAction(scan Scan) {
	switch {
	case scan.ActionRequired:
		if p.Action == nil {
			p.ActionAt = scan.At()
		}
		p.Action = actionOf(scan).after(p.Action)
	case scan.Status != "":
		p.Action, p.ActionAt = nil, time.Time{}
	}
}

// updateDelay sets the delay by one scan; a status at which the parcel is no longer under way ends it.
func (p *ParcelJourney) updateDelay(scan Scan) {
	switch {
	case scan.Delayed && !p.Delayed:
		p.Delayed, p.DelayedAt = true, scan.At()
	case !scan.Delayed && scan.Status != "" && !underWay(scan.Status):
		p.Delayed, p.DelayedAt = false, time.Time{}
	}
}

// underWay reports whether a parcel with the status is on its way to the place of delivery, so that a delay told earlier still holds.
func underWay(s Status) bool {
	return slices.Contains([]Status{LabelCreated, HandedToCarrier, InTransit, InCustoms, Exception}, s)
}

// actionOf returns what the scan asks of the shopper.
func actionOf(scan Scan) *RequiredAction {
	if scan.Action == nil {
		return &RequiredAction{Reason: scan.Reason}
	}
	a := *scan.Action
	if a.Reason == "" {
		a.Reason = scan.Reason
	}
	return &a
}

// after returns the demand, with the day and the page of the one before if it only repeats that.
func (a *RequiredAction) after(before *RequiredAction) *RequiredAction {
	if before == nil || before.Reason != a.Reason {
		return a
	}
	if a.By.IsZero() && a.ByDay.IsZero() {
		a.By, a.ByDay = before.By, before.ByDay
	}
	a.URL = cmp.Or(a.URL, before.URL)
	return a
}

// setETA sets the day on which the parcel is expected, or that it is late because that day has passed. What its carrier said last counts,
// else the shop's promise; after an attempt, a hold or customs only what a carrier has said since.
func (p *ParcelJourney) setETA(o Order, sh Shipment, parcel Parcel, s Setting, zone *time.Location, now time.Time) {
	if o.Cancelled || !p.awaited() {
		return
	}
	e, onRound := p.validDay(o, sh, parcel, s, zone, now), p.Status == OutForDelivery && !p.roundEnd(zone).Before(now)
	if onRound && (e == nil || e.Source != ETAFromCarrier) {
		today := locale.DayOf(now, zone)
		e = daysETA(today, today, ETAFromCarrier) // today, whatever the shop promised
	}
	tracked := MethodOf(o, &sh, s).Tracked()
	switch {
	case e == nil:
	case !now.After(e.End(zone)) && (onRound || !tracked || now.Before(s.lateFrom(*e, parcel, zone))):
		p.ETA = e
	case tracked:
		p.Late, p.Due = true, e
	}
}

// validDay returns the one of all named days that counts, in the past or not; nil = none does.
func (p *ParcelJourney) validDay(o Order, sh Shipment, parcel Parcel, s Setting, zone *time.Location, now time.Time) *ETA {
	if e := p.currentDate(parcel); e != nil || p.stopped() {
		return e
	}
	if e := estimated(o, &sh, parcel, s, zone); e != nil && !now.After(e.End(zone)) {
		return e // one that has passed makes nothing late
	}
	return Promised(o, &sh, s)
}

// lateFrom returns when a parcel is late that was not delivered on the day: in its evening, at the time of the late notice. It is the end of
// the day if the notice is due before the evening, so that it is only a warning; if the day is an estimate; or if it was named that evening.
func (s Setting) lateFrom(e ETA, parcel Parcel, zone *time.Location) time.Time {
	const evening = "18:00"
	at, over := locale.At(e.LastDay(zone), s.Watch.LateNoticeTime, zone), e.End(zone).Add(1)
	named := parcel.Heard
	for _, d := range parcel.Dates {
		if d.ETA.equal(e) {
			named = latest(named, d.Heard)
		}
	}
	if s.Watch.LateNoticeTime < evening || !e.DayOnly || e.Source == ETAFromEstimate || !named.Before(at) {
		return over
	}
	return at
}

// awaited reports whether the parcel is still to come to the shopper's door.
func (p *ParcelJourney) awaited() bool {
	away := p.Returning || p.Withdrawn || p.Phase == Cancelled
	return !away && !p.Status.Terminal() && !slices.Contains([]Status{AvailableForPickup, PickupExpired, Damaged}, p.Status)
}

// stopped reports whether the parcel does not come as it was promised, and that only its carrier can name a new day.
func (p *ParcelJourney) stopped() bool {
	return p.Delayed || p.Action != nil || slices.Contains([]Status{DeliveryAttemptFailed, Exception, InCustoms}, p.Status)
}

// undoesDays reports whether a day which was stated before the scan no longer holds.
func (s Scan) undoesDays() bool {
	return s.ActionRequired || s.Delayed || slices.Contains([]Status{DeliveryAttemptFailed, Exception, InCustoms}, s.Status)
}

// currentDate returns the carrier's newest word on the day that nothing since has undone; where no carrier has spoken, the shop's.
func (p *ParcelJourney) currentDate(parcel Parcel) *ETA {
	var undone time.Time
	for _, scan := range parcel.Scans {
		if !scan.Ahead() && scan.undoesDays() {
			undone = scan.At()
		}
	}
	var carrier, shop *ETA
	for i := range parcel.Dates {
		d := &parcel.Dates[i]
		switch {
		case d.ETA.Source == ETAFromCarrier && !d.At.Before(undone):
			carrier = &d.ETA
		case d.ETA.Source != ETAFromCarrier && undone.IsZero():
			shop = &d.ETA
		}
	}
	if carrier != nil {
		return carrier
	}
	return shop
}

// setPickup sets where a parcel waits to be collected and until when, and whether the next delivery attempt is the last.
func (p *ParcelJourney) setPickup(parcel Parcel, past []stay, s Setting, zone *time.Location) {
	rules := s.rulesOf(p.Carrier)
	p.LastAttempt = p.Status == DeliveryAttemptFailed && rules.MaxDeliveryAttempts > 0 && p.Attempts == rules.MaxDeliveryAttempts-1
	if p.Status != AvailableForPickup {
		return
	}
	point := PickupPoint{Name: p.Place}
	if parcel.Pickup != nil {
		point = *parcel.Pickup
		if point.Name == "" && point.Address == "" {
			point.Name = p.Place
		}
	}
	if point.Until.IsZero() && rules.PickupHoldDays > 0 {
		since := locale.DayOf(past[len(past)-1].From.At(), zone)
		point.Until, p.PickupReckoned = since.AddDays(rules.PickupHoldDays), true
	}
	p.Pickup = &point
}

// stateWord returns the state in one word: the carrier's last status, unless something matters more to the reader.
func (p *ParcelJourney) stateWord(zone *time.Location, now time.Time) Occasion {
	switch {
	case p.Withdrawn, p.Phase == Cancelled && !p.Status.Carried():
		return Occasion(ParcelCancelled)
	case p.Status == OutForDelivery && p.roundEnd(zone).Before(now):
		return p.stateAfterRound() // the round has ended without a delivery
	case p.Status == "" || underWay(p.Status) && p.Status != Exception:
		return p.stateWhileUnderWay()
	}
	return Occasion(p.Status)
}

// stateWhileUnderWay returns the state of a parcel that is on its way or not sent yet: that it takes longer than was said matters more than
// where it is.
func (p *ParcelJourney) stateWhileUnderWay() Occasion {
	switch {
	case p.Delayed:
		return Delayed
	case p.Late:
		return LateWithoutNews
	}
	return cmp.Or(Occasion(p.Status), Occasion(p.Phase), Occasion(ReadyToShip))
}

// stateAfterRound returns the state of a parcel whose round has ended without a delivery.
func (p *ParcelJourney) stateAfterRound() Occasion {
	if p.Late {
		return LateWithoutNews
	}
	return Occasion(InTransit)
}

// roundEnd returns when the parcel's last round ends: in the evening of its day, or an hour after the scan "out for delivery" was heard if
// that is later, but not after the day.
func (p *ParcelJourney) roundEnd(zone *time.Location) time.Time {
	day := locale.DayOf(p.lastRound(), zone)
	end := locale.At(day, lateWhenOutForDelivery, zone)
	if p.LastScan != nil && p.LastScan.Status == OutForDelivery {
		end = latest(end, p.LastScan.Heard.Add(historyGrace))
	}
	return earliest(end, day.End(zone).Add(-1))
}

// lastRound returns the time of the last scan that has the parcel on a round.
func (p *ParcelJourney) lastRound() time.Time {
	if p.LastScan != nil && p.LastScan.Status == OutForDelivery {
		return p.LastScan.At()
	}
	return p.Since
}
