package tracking

import (
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

const (
	// lateWhenOutForDelivery is the time of day after which a parcel that is out for delivery is late: drivers work until the evening, and then
	// the quiet hours begin.
	lateWhenOutForDelivery = "20:30"
	// reminderTime (to collect a parcel) and tomorrowNoticeTime (that one comes tomorrow) are times of day at which a shopper can plan.
	reminderTime       = "10:00"
	tomorrowNoticeTime = "17:00"
	// maxClearance is how long customs may take, in business time, before the shopper is told that the parcel is held.
	maxClearance = 72 * time.Hour
	// historyGrace is the wait after the last scan came in before a missing scan counts as missing: sources send a history scan by scan.
	historyGrace = time.Hour
)

// watchedParcel is an outstanding parcel, or a shipment without one, with the facts from which the watches conclude that it is late,
// silent, stalled or about to be sent back.
type watchedParcel struct {
	shipment      *Shipment
	parcel        Parcel // zero = the shipment has none yet
	subject       Subject
	stays         []stay
	scans         []Scan // without planned ones, oldest first
	status        Status // of the last stay
	returning     bool
	promise       *ETA
	scansExpected bool      // the delivery method is one that carriers scan, and the shipment is still to come
	firstHeard    time.Time // when the first receipt about it was committed
	calendar      locale.Calendar
}

func (f *finder) watchParcel(sh *Shipment, p *Parcel) *watchedParcel {
	w := f.watchShipment(sh)
	w.parcel, w.subject, w.stays, w.scans = *p, p.Subject, stays(*p), pastScans(*p)
	w.firstHeard = p.Heard
	for _, scan := range w.scans {
		w.firstHeard = earliest(w.firstHeard, scan.Heard)
	}
	w.returning = sh.Direction == Return || p.Returning
	for _, st := range w.stays {
		w.returning = w.returning || st.Status == ReturnInTransit || st.Status == ReturnedToSender
		w.status = st.Status
	}
	if w.status == Delivered && w.partlyDelivered() {
		w.status = InTransit
	}
	return w
}

// partlyDelivered reports whether only some of the pieces under one number have been delivered.
func (w *watchedParcel) partlyDelivered() bool {
	p := w.parcel.Pieces
	return p != nil && p.Delivered > 0 && p.Delivered < p.Total
}

// watchShipment returns what the watches need of a shipment without a known parcel; nil stands for the lines that are in no shipment yet.
func (f *finder) watchShipment(sh *Shipment) *watchedParcel {
	w := &watchedParcel{shipment: sh, promise: Promised(f.o, sh, f.s), calendar: roadCalendar(f.o, sh, f.s)}
	w.scansExpected = MethodOf(f.o, sh, f.s).Tracked() && !f.o.Test && !f.o.Cancelled && f.j.Outcome != NothingToCome
	phase := f.o.Phase
	w.firstHeard = f.o.FirstHeard
	if sh != nil {
		w.subject, w.firstHeard = sh.Subject, sh.Heard
		w.scansExpected = w.scansExpected && sh.Direction != Return
		phase = sh.Phase
	}
	w.scansExpected = w.scansExpected && phase != Cancelled && phase != ReadyToCollect && phase != Collected
	return w
}

// pastScans returns the scans of a parcel without those that are only planned.
func pastScans(p Parcel) []Scan {
	return slices.DeleteFunc(slices.Clone(p.Scans), Scan.Ahead)
}

// firstCarrierScan returns the first scan after the label that a carrier made; nil = there is none.
func firstCarrierScan(p Parcel) *Scan {
	for _, scan := range p.Scans {
		if scan.Status.Carried() && !scan.Ahead() {
			return &scan
		}
	}
	return nil
}

// outstanding reports whether the parcel is still expected: neither delivered, waiting for pickup, returned nor lost.
func (w *watchedParcel) outstanding() bool {
	if !w.scansExpected || w.returning {
		return false
	}
	switch w.status {
	case "", LabelCreated, HandedToCarrier, InTransit, InCustoms, OutForDelivery, DeliveryAttemptFailed, Exception:
		return true
	default:
		return false
	}
}

// lastScanTime returns the time of the last scan with one of the statuses; zero = there is none.
func (w *watchedParcel) lastScanTime(statuses ...Status) time.Time {
	var last time.Time
	for _, scan := range w.scans {
		if slices.Contains(statuses, scan.Status) {
			last = scan.At()
		}
	}
	return last
}

// openActionScans returns the latest run of scans that demand the same action of the shopper; nil if a later scan has a status and no demand.
func (w *watchedParcel) openActionScans() []Scan {
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

// delayScans returns the scans of the present delay; nil once the parcel is out for delivery or has arrived.
func (w *watchedParcel) delayScans() []Scan {
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

// validDates returns the stated dates, oldest first, without those that had passed when they were received. Once the
// carrier has stated a date, later ones of the shop do not count.
func (w *watchedParcel) validDates(zone *time.Location) []StatedDate {
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

// currentDate returns the newest stated date that no later scan has made void; nil = there is none.
func (w *watchedParcel) currentDate() *ETA { return new(ParcelJourney).currentDate(w.parcel) }

// dueDate returns the delivery date that the shopper was told last: the last stated date, else the promise; but a scan "out for
// delivery" promises its day. since is when that day was first stated, zero for the promise.
func (w *watchedParcel) dueDate(zone *time.Location) (eta *ETA, since time.Time) {
	var stated time.Time
	if w.promise != nil && !w.firstHeard.After(w.promise.End(zone)) {
		eta = w.promise // a parcel that became known after the promised day was never promised for it
	}
	for _, d := range w.validDates(zone) {
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

// findLate adds the news that the day on which something should have come ends without it. A shopper who was told so of the order or the
// shipment is not told again of the parcel.
func (f *finder) findLate(w *watchedParcel) {
	if !w.outstanding() || f.s.Watch.LateNoticeTime == "" || len(w.openActionScans()) > 0 {
		return // it waits for an action of the shopper, which is news of its own
	}
	due, since := w.dueDate(f.zone)
	if due == nil {
		return
	}
	day := due.LastDay(f.zone)
	if tried := w.lastScanTime(DeliveryAttemptFailed); !tried.IsZero() && !locale.DayOf(tried, f.zone).Before(day) {
		return
	}
	n := News{Occasion: LateWithoutNews, Subject: w.subject, Instance: day.String(), At: f.lateAt(w, *due, since)}
	if f.neverScanned(w) {
		// It may well have arrived: only its sending is known. Other parcels, which are due on another day, are news of their own.
		n.Occasion, n.Instance = NoFirstScan, ""
		n.Also = append(n.Also, News{Occasion: n.Occasion, Subject: n.Subject, Instance: day.String()}.ID())
	}
	for _, wider := range f.widerSubjects(w) {
		n.Also = append(n.Also, News{Occasion: n.Occasion, Subject: wider, Instance: day.String()}.ID())
	}
	f.add(n)
}

// neverScanned reports whether something was sent, or has a tracking number, and no carrier has scanned it.
func (f *finder) neverScanned(w *watchedParcel) bool {
	if w.shipment == nil {
		return f.o.Phase == Shipped
	}
	_, sent := phaseOf(w.shipment.Phases, Shipped)
	return !w.status.Carried() && (sent || w.parcel.Number != "")
}

// lastScanHeard returns when the newest receipt with a scan was committed.
func (w *watchedParcel) lastScanHeard() time.Time {
	var last time.Time
	for _, scan := range w.scans {
		last = latest(last, scan.Heard)
	}
	return last
}

// widerSubjects returns the order and the shipment, if the parcel is not one of them: the same news may have been told of these before
// the parcel was known.
func (f *finder) widerSubjects(w *watchedParcel) []Subject {
	all := []Subject{}
	if w.subject != (Subject{}) {
		all = append(all, Subject{})
	}
	if w.shipment != nil && w.subject != w.shipment.Subject {
		all = append(all, w.shipment.Subject)
	}
	return all
}

// lateAt returns when a parcel that is due on a day is late: at the Shop's time of that day, later if it is out for delivery or its window
// ends later, and never before the day was known.
func (f *finder) lateAt(w *watchedParcel, due ETA, since time.Time) time.Time {
	day := due.LastDay(f.zone)
	at, latest := locale.At(day, f.s.Watch.LateNoticeTime, f.zone), locale.At(day, lateWhenOutForDelivery, f.zone)
	if end := due.End(f.zone); !due.DayOnly && end.After(at) {
		at = end
	}
	round := w.lastScanTime(OutForDelivery)
	if (locale.DayOf(round, f.zone) == day || at.Before(since)) && latest.After(at) {
		at = latest
	}
	if at.Before(since) {
		at = day.End(f.zone)
	}
	if heard := w.lastScanHeard(); heard.After(at) {
		return heard.Add(historyGrace)
	}
	return at
}

// firstAttemptOfEachDay returns the first failed delivery attempt of each day that has one.
func (w *watchedParcel) firstAttemptOfEachDay(zone *time.Location) []Scan {
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

// findLastAttempt adds the news that only one delivery attempt is left, by the carrier's rules.
func (f *finder) findLastAttempt(w *watchedParcel) {
	allowed, days := f.s.rulesOf(w.parcel.Carrier).MaxDeliveryAttempts, w.firstAttemptOfEachDay(f.zone)
	if !w.outstanding() || allowed < 2 || len(days) != allowed-1 {
		return
	}
	last := days[len(days)-1]
	f.add(News{Occasion: LastAttempt, Subject: w.subject, Instance: f.day(last.At()), At: last.At(), Heard: last.Heard})
}

// pickupUntil returns the last day on which a parcel that waits at a pickup point can be collected: as the carrier says, else by how many
// days it usually keeps parcels. Zero = not
// known, or it does not wait.
func (w *watchedParcel) pickupUntil(f *finder) locale.Day {
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

// findPickupExpiring adds the reminder to collect a parcel: PickupReminderDays before the last day, or on it if the parcel waits for fewer
// days than that.
func (f *finder) findPickupExpiring(w *watchedParcel) {
	until := w.pickupUntil(f)
	if until.IsZero() || !w.scansExpected || w.returning || f.s.Watch.PickupReminderDays == 0 {
		return
	}
	since := w.stays[len(w.stays)-1].From.Heard
	at := locale.At(until.AddDays(-f.s.Watch.PickupReminderDays), reminderTime, f.zone)
	if !at.After(since) {
		at = locale.At(until, reminderTime, f.zone)
	}
	if !at.After(since) {
		return
	}
	f.add(News{Occasion: PickupExpiring, Subject: w.subject, Instance: until.String(), At: at, Until: until.End(f.zone)})
}

// findArrivesTomorrow adds the news, in the evening before, that a parcel comes tomorrow, if the carrier or the shop has stated one day.
func (f *finder) findArrivesTomorrow(w *watchedParcel) {
	date := w.currentDate()
	if !w.outstanding() || date == nil {
		return
	}
	due, since := w.dueDate(f.zone)
	day := date.LastDay(f.zone)
	if due == nil || due.LastDay(f.zone) != day || locale.DayOf(date.Start(f.zone), f.zone) != day {
		return
	}
	at := latest(locale.At(day.AddDays(-1), tomorrowNoticeTime, f.zone), since)
	if !at.Before(day.In(f.zone)) {
		return
	}
	n := News{Occasion: ArrivesTomorrow, Subject: w.subject, Instance: day.String(), At: at, Until: day.In(f.zone)}
	if at.Equal(since) { // the day was stated this evening, and EtaMoved is told of it
		n.Also = []string{News{Occasion: EtaMoved, Subject: w.subject, Instance: n.Instance}.ID()}
	}
	f.add(n)
}

func hoursOf(n int) time.Duration { return time.Duration(n) * time.Hour }
