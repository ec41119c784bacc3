package tracking

import (
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

const (
	// lateOnTheRound is when a parcel that is out for delivery is late on that day: drivers work until the evening, and after it
	// the quiet hours begin.
	lateOnTheRound = "20:30"
	// remindAt and tomorrowAt are when the shopper has time to plan: in the morning, and in the evening before.
	remindAt   = "10:00"
	tomorrowAt = "17:00"
	// customsHold is the business time after which it is no ordinary clearance.
	customsHold = 72 * time.Hour
	// moreToCome is how long after hearing of a parcel nothing is concluded from what is missing: sources send a history scan by scan.
	moreToCome = time.Hour
)

// watched is a parcel, or a shipment without one, as time looks at it.
type watched struct {
	shipment  *Shipment
	parcel    Parcel // zero where the shipment has none
	subject   Subject
	stays     []stay
	scans     []Scan // that have happened, oldest first
	status    Status // of the last stay
	returning bool
	promise   *ETA
	tracked   bool      // a carrier scans what travels so, and the shipment is to come
	known     time.Time // when it was first heard of
	road      locale.Calendar
}

func (f *finder) watchParcel(sh *Shipment, p *Parcel) *watched {
	w := f.watchShipment(sh)
	w.parcel, w.subject, w.stays, w.scans = *p, p.Subject, stays(*p), happenedScans(*p)
	w.known = p.Heard
	for _, scan := range w.scans {
		w.known = earliest(w.known, scan.Heard)
	}
	w.returning = sh.Direction == Return || p.Returning
	for _, st := range w.stays {
		w.returning = w.returning || st.Status == ReturnInTransit || st.Status == ReturnedToSender
		w.status = st.Status
	}
	if w.status == Delivered && w.partly() {
		w.status = InTransit
	}
	return w
}

// partly says that only some of the pieces under one number have been delivered.
func (w *watched) partly() bool {
	p := w.parcel.Pieces
	return p != nil && p.Delivered > 0 && p.Delivered < p.Total
}

// watchShipment is a shipment of which no parcel is known; a nil one stands for what is in no shipment yet.
func (f *finder) watchShipment(sh *Shipment) *watched {
	w := &watched{shipment: sh, promise: Promised(f.o, sh, f.s), road: roadCalendar(f.o, sh, f.s)}
	w.tracked = MethodOf(f.o, sh, f.s).Tracked() && !f.o.Test && !f.o.Cancelled && f.j.Outcome != NothingToCome
	phase := f.o.Phase
	w.known = f.o.FirstHeard
	if sh != nil {
		w.subject, w.known = sh.Subject, sh.Heard
		w.tracked = w.tracked && sh.Direction != Return
		phase = sh.Phase
	}
	w.tracked = w.tracked && phase != Cancelled && phase != ReadyToCollect && phase != Collected
	return w
}

// happenedScans are the scans of a parcel that are not steps to come.
func happenedScans(p Parcel) []Scan {
	return slices.DeleteFunc(slices.Clone(p.Scans), Scan.Ahead)
}

// firstCarried is the first scan that shows the parcel in a carrier's hands; nil = none does.
func firstCarried(p Parcel) *Scan {
	for _, scan := range p.Scans {
		if scan.Status.Carried() && !scan.Ahead() {
			return &scan
		}
	}
	return nil
}

// outstanding says that the parcel is to come, and has neither arrived nor met its end.
func (w *watched) outstanding() bool {
	if !w.tracked || w.returning {
		return false
	}
	switch w.status {
	case "", LabelCreated, HandedToCarrier, InTransit, InCustoms, OutForDelivery, DeliveryAttemptFailed, Exception:
		return true
	default:
		return false
	}
}

// lastOf is when the parcel was last scanned in one of the statuses; zero = never.
func (w *watched) lastOf(statuses ...Status) time.Time {
	var last time.Time
	for _, scan := range w.scans {
		if slices.Contains(statuses, scan.Status) {
			last = scan.At()
		}
	}
	return last
}

// openAction are the scans that ask the same of the shopper, up to the latest one; none once the carrier has said another status.
func (w *watched) openAction() []Scan {
	var open []Scan
	for _, scan := range w.scans {
		switch {
		case !scan.ActionRequired && scan.Status != "":
			open = nil
		case scan.ActionRequired && len(open) > 0 && actionOf(open[0]).Reason != actionOf(scan).Reason:
			open = []Scan{scan}
		case scan.ActionRequired:
			open = append(open, scan)
		}
	}
	return open
}

// delay are the scans that tell of the present delay. It ends when the parcel is on its last way.
func (w *watched) delay() []Scan {
	var episode []Scan
	for _, scan := range w.scans {
		switch {
		case scan.Delayed:
			episode = append(episode, scan)
		case scan.Status != "" && !underWay(scan.Status):
			episode = nil
		}
	}
	return episode
}

// dates are the stated dates in the order in which they were stated, without those that had passed when they were heard. Once the
// carrier has named one, the shop's are no longer heeded.
func (w *watched) dates(zone *time.Location) []StatedDate {
	var all []StatedDate
	carrier := false
	for _, d := range w.parcel.Dates {
		carrier = carrier || d.ETA.Source == ETAFromCarrier
		if d.ETA.End(zone).Before(d.Heard) || (carrier && d.ETA.Source != ETAFromCarrier) {
			continue
		}
		d.At = earliest(d.At, d.Heard)
		all = append(all, d)
	}
	return all
}

// standing is the newest date that nothing since has undone.
func (w *watched) standing() *ETA { return new(ParcelJourney).standing(w.parcel) }

// due is what the shopper was told last of when the parcel comes: the last stated date, else the promise; but that it is out for
// delivery promises that day. since is when the day was named first, zero for the promise.
func (w *watched) due(zone *time.Location) (eta *ETA, since time.Time) {
	var stated time.Time
	if w.promise != nil && !w.known.After(w.promise.End(zone)) {
		eta = w.promise // of what became known after its day, that day was never said
	}
	for _, d := range w.dates(zone) {
		date := d.ETA
		if eta == nil || eta.LastDay(zone) != date.LastDay(zone) {
			since = d.Heard
		}
		eta, stated = &date, d.At
	}
	for _, scan := range w.scans {
		day := locale.DayOf(scan.At(), zone)
		if scan.Status != OutForDelivery || !scan.At().After(stated) || scan.Heard.After(day.End(zone)) {
			continue
		}
		if eta == nil || eta.LastDay(zone) != day {
			since = scan.Heard
		}
		eta = daysETA(day, day, ETAFromCarrier)
	}
	return eta, since
}

// findLate tells that the day on which something should have come ends without it. Whoever was told so of the order or the shipment
// is not told again of the parcel.
func (f *finder) findLate(w *watched) {
	if !w.outstanding() || f.s.Watch.LateNoticeTime == "" || len(w.openAction()) > 0 {
		return // what waits for the shopper is not late, and that is told
	}
	due, since := w.due(f.zone)
	if due == nil {
		return
	}
	day := due.LastDay(f.zone)
	if tried := w.lastOf(DeliveryAttemptFailed); !tried.IsZero() && !locale.DayOf(tried, f.zone).Before(day) {
		return
	}
	n := News{Occasion: LateWithoutNews, Subject: w.subject, Instance: day.String(), At: f.lateAt(w, *due, since)}
	if f.unseen(w) {
		// It may well have come: nothing is known of it but that it was sent. Other parcels that are due another day are told, too.
		n.Occasion, n.Instance = NoFirstScan, ""
		n.Also = append(n.Also, News{Occasion: n.Occasion, Subject: n.Subject, Instance: day.String()}.ID())
	}
	for _, wider := range f.wider(w) {
		n.Also = append(n.Also, News{Occasion: n.Occasion, Subject: wider, Instance: day.String()}.ID())
	}
	f.add(n)
}

// unseen says that something was sent, or has a number, and that no carrier has told of it.
func (f *finder) unseen(w *watched) bool {
	if w.shipment == nil {
		return f.o.Phase == Shipped
	}
	_, sent := phaseOf(w.shipment.Phases, Shipped)
	return !w.status.Carried() && (sent || w.parcel.Number != "")
}

// lastHeard is when a scan was heard of last.
func (w *watched) lastHeard() time.Time {
	var last time.Time
	for _, scan := range w.scans {
		last = latest(last, scan.Heard)
	}
	return last
}

// wider are the subjects of which the same was told before the parcel was known.
func (f *finder) wider(w *watched) []Subject {
	all := []Subject{}
	if w.subject != (Subject{}) {
		all = append(all, Subject{})
	}
	if w.shipment != nil && w.subject != w.shipment.Subject {
		all = append(all, w.shipment.Subject)
	}
	return all
}

// lateAt is when a parcel that is due on a day is late: at the Shop's time of that day, later on the round or within a window that
// ends later, and never before the day was known.
func (f *finder) lateAt(w *watched, due ETA, since time.Time) time.Time {
	day := due.LastDay(f.zone)
	at, latest := locale.At(day, f.s.Watch.LateNoticeTime, f.zone), locale.At(day, lateOnTheRound, f.zone)
	if end := due.End(f.zone); !due.DayOnly && end.After(at) {
		at = end
	}
	round := w.lastOf(OutForDelivery)
	if (locale.DayOf(round, f.zone) == day || at.Before(since)) && latest.After(at) {
		at = latest
	}
	if at.Before(since) {
		at = day.End(f.zone)
	}
	if heard := w.lastHeard(); heard.After(at) {
		return heard.Add(moreToCome)
	}
	return at
}

// attemptDays are the days on which a delivery failed, each with its first scan.
func (w *watched) attemptDays(zone *time.Location) []Scan {
	var days []Scan
	for _, scan := range w.scans {
		if scan.Status != DeliveryAttemptFailed {
			continue
		}
		if n := len(days); n == 0 || locale.DayOf(days[n-1].At(), zone) != locale.DayOf(scan.At(), zone) {
			days = append(days, scan)
		}
	}
	return days
}

// findLastAttempt warns before the last delivery attempt.
func (f *finder) findLastAttempt(w *watched) {
	allowed, days := f.s.rulesOf(w.parcel.Carrier).MaxDeliveryAttempts, w.attemptDays(f.zone)
	if !w.outstanding() || allowed < 2 || len(days) != allowed-1 {
		return
	}
	last := days[len(days)-1]
	f.add(News{Occasion: LastAttempt, Subject: w.subject, Instance: f.day(last.At()), At: last.At(), Heard: last.Heard})
}

// pickupUntil is the last day on which a parcel that waits can be collected: as the carrier says, else by its usual time. Zero = not
// known, or it does not wait.
func (w *watched) pickupUntil(f *finder) locale.Day {
	if w.status != AvailableForPickup {
		return locale.Day{}
	}
	if point := w.parcel.Pickup; point != nil && !point.Until.IsZero() {
		return point.Until
	}
	if days := f.s.rulesOf(w.parcel.Carrier).PickupHoldDays; days > 0 {
		return locale.DayOf(w.stays[len(w.stays)-1].From.At(), f.zone).AddDays(days)
	}
	return locale.Day{}
}

// findPickupExpiring reminds of a parcel that waits: some days before the end, or on the last day where it waits no longer than that.
func (f *finder) findPickupExpiring(w *watched) {
	until := w.pickupUntil(f)
	if until.IsZero() || !w.tracked || w.returning || f.s.Watch.PickupReminderDays == 0 {
		return
	}
	since := w.stays[len(w.stays)-1].From.Heard
	at := locale.At(until.AddDays(-f.s.Watch.PickupReminderDays), remindAt, f.zone)
	if !at.After(since) {
		at = locale.At(until, remindAt, f.zone)
	}
	if !at.After(since) {
		return
	}
	f.add(News{Occasion: PickupExpiring, Subject: w.subject, Instance: until.String(), At: at, Until: until.End(f.zone)})
}

// findTomorrow tells in the evening before that a parcel comes, where its carrier or the shop has named one day.
func (f *finder) findTomorrow(w *watched) {
	date := w.standing()
	if !w.outstanding() || date == nil {
		return
	}
	due, since := w.due(f.zone)
	day := date.LastDay(f.zone)
	if due == nil || due.LastDay(f.zone) != day || locale.DayOf(date.Start(f.zone), f.zone) != day {
		return
	}
	at := latest(locale.At(day.AddDays(-1), tomorrowAt, f.zone), since)
	if !at.Before(day.In(f.zone)) {
		return
	}
	n := News{Occasion: ArrivesTomorrow, Subject: w.subject, Instance: day.String(), At: at, Until: day.In(f.zone)}
	if at.Equal(since) { // the day was named this evening, and that was told
		n.Also = []string{News{Occasion: EtaMoved, Subject: w.subject, Instance: n.Instance}.ID()}
	}
	f.add(n)
}

func inHours(n int) time.Duration { return time.Duration(n) * time.Hour }
