package tracking

import (
	"cmp"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// Project says what is true of the order at the instant now.
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

// projectParcel says what is true of one parcel.
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
	p.stand(past, parcel)
	p.trace(parcel)
	p.expect(o, sh, parcel, s, zone, now)
	p.wait(parcel, past, s, zone)
	if p.Status == Delivered {
		p.Proof = parcel.Proof
	}
	p.State = p.word(zone, now)
	p.Steps = parcelSteps(p, parcel, now)
	if o.Cancelled || p.Phase == Cancelled {
		p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool { return s.Future }) // it may turn round on any day
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

// stand says where the parcel is by its carriers' scans, and how it came there.
func (p *ParcelJourney) stand(past []stay, parcel Parcel) {
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
			p.Place = scan.Location // where it waits, or was left, stays so whatever depot books meanwhile
		}
	}
	p.partly(now)
}

// partly keeps a number under way of which only some pieces have been delivered; it is delivered with the last of them.
func (p *ParcelJourney) partly(now stay) {
	switch {
	case p.Status != Delivered || p.Pieces == nil:
	case p.Pieces.Delivered > 0 && p.Pieces.Delivered < p.Pieces.Total:
		p.Status, p.Reason, p.Since = InTransit, "", now.From.At()
	default:
		p.Since = now.lastSaid().At()
	}
}

// trace reads what lies between the statuses: the last scan, a delay that still holds, and what the shopper must do.
func (p *ParcelJourney) trace(parcel Parcel) {
	for i := range parcel.Scans {
		scan := &parcel.Scans[i]
		if scan.Ahead() {
			continue
		}
		if scan.Status != "" || scan.Text != "" || scan.Location != "" {
			p.LastScan = scan
		}
		p.delay(*scan)
		p.act(*scan)
	}
	if p.Status.Terminal() || p.Returning || p.Withdrawn {
		p.Action, p.ActionAt = nil, time.Time{}
	}
}

func (p *ParcelJourney) act(scan Scan) {
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

func (p *ParcelJourney) delay(scan Scan) {
	switch {
	case scan.Delayed && !p.Delayed:
		p.Delayed, p.DelayedAt = true, scan.At()
	case !scan.Delayed && scan.Status != "" && !underWay(scan.Status):
		p.Delayed, p.DelayedAt = false, time.Time{}
	}
}

// underWay reports whether a delay told earlier still means something.
func underWay(s Status) bool {
	return slices.Contains([]Status{LabelCreated, HandedToCarrier, InTransit, InCustoms, Exception}, s)
}

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

// after returns the same demand with what was said of it before: one that is only repeated keeps its day and its page.
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

// expect says when the parcel comes: by what its carrier said last, else by the shop's promise; after an attempt, a hold or customs
// only what a carrier has said since counts. What has passed is no expectation: then the parcel is late.
func (p *ParcelJourney) expect(o Order, sh Shipment, parcel Parcel, s Setting, zone *time.Location, now time.Time) {
	if o.Cancelled || !p.awaited() {
		return
	}
	e, onRound := p.stated(o, sh, parcel, s, zone, now), p.Status == OutForDelivery && !p.roundEnd(zone).Before(now)
	if onRound && (e == nil || e.Source != ETAFromCarrier) {
		today := locale.DayOf(now, zone)
		e = daysETA(today, today, ETAFromCarrier) // whatever the shop promised
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

// stated returns the day that counts of all that were named, be it over or not; nil where none does.
func (p *ParcelJourney) stated(o Order, sh Shipment, parcel Parcel, s Setting, zone *time.Location, now time.Time) *ETA {
	if e := p.currentDate(parcel); e != nil || p.stopped() {
		return e
	}
	if e := estimated(o, &sh, parcel, s, zone); e != nil && !now.After(e.End(zone)) {
		return e // one that has passed makes nothing late
	}
	return Promised(o, &sh, s)
}

// lateFrom returns when a day counts as gone without a delivery: in the evening, when the message on it is due. A notice earlier in the day
// is a warning, an estimate promises nothing, and a day that was named that evening lasts until its end.
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

// wait says where a parcel waits and until when, and whether the next attempt is the last.
func (p *ParcelJourney) wait(parcel Parcel, past []stay, s Setting, zone *time.Location) {
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

// word returns the state in one word: what the carrier said last, unless something matters more to the reader.
func (p *ParcelJourney) word(zone *time.Location, now time.Time) Occasion {
	switch {
	case p.Withdrawn, p.Phase == Cancelled && !p.Status.Carried():
		return Occasion(ParcelCancelled)
	case p.Status == OutForDelivery && p.roundEnd(zone).Before(now):
		return p.afterRound() // the round has ended, and brought nothing
	case p.Status == "" || underWay(p.Status) && p.Status != Exception:
		return p.slower()
	}
	return Occasion(p.Status)
}

// slower returns the word for a parcel on its way, or before it: that it takes longer than was said matters more than where it is.
func (p *ParcelJourney) slower() Occasion {
	switch {
	case p.Delayed:
		return Delayed
	case p.Late:
		return LateWithoutNews
	}
	return cmp.Or(Occasion(p.Status), Occasion(p.Phase), Occasion(ReadyToShip))
}

func (p *ParcelJourney) afterRound() Occasion {
	if p.Late {
		return LateWithoutNews
	}
	return Occasion(InTransit)
}

// roundEnd returns when the round ends on which the parcel was said to be: in the evening, an hour after that was heard where it was heard
// later, and never after its day.
func (p *ParcelJourney) roundEnd(zone *time.Location) time.Time {
	day := locale.DayOf(p.lastRound(), zone)
	end := locale.At(day, lateWhenOutForDelivery, zone)
	if p.LastScan != nil && p.LastScan.Status == OutForDelivery {
		end = latest(end, p.LastScan.Heard.Add(historyGrace))
	}
	return earliest(end, day.End(zone).Add(-1))
}

// lastRound returns when the parcel was last said to be on a round.
func (p *ParcelJourney) lastRound() time.Time {
	if p.LastScan != nil && p.LastScan.Status == OutForDelivery {
		return p.LastScan.At()
	}
	return p.Since
}
