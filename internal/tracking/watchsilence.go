package tracking

import (
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// businessTime returns how much of the time between two instants is on business days.
func businessTime(c locale.Calendar, from, to time.Time, zone *time.Location) time.Duration {
	var sum time.Duration
	for day := locale.DayOf(from, zone); from.Before(to); day = day.AddDays(1) {
		end := day.End(zone)
		if end.After(to) {
			end = to
		}
		if c.Business(day) {
			sum += end.Sub(from)
		}
		from = end
	}
	return sum
}

// maxSearchDays bounds the search in a calendar without business days.
const maxSearchDays = 400

// addBusinessTime returns the instant at which a duration has passed since from, counted on business days only.
func addBusinessTime(c locale.Calendar, from time.Time, left time.Duration, zone *time.Location) time.Time {
	day := locale.DayOf(from, zone)
	for range maxSearchDays {
		end := day.End(zone)
		if c.Business(day) {
			if end.Sub(from) >= left {
				return from.Add(left)
			}
			left -= end.Sub(from)
		}
		day, from = day.AddDays(1), end
	}
	return from.Add(left)
}

// businessDays counts the business days after from, up to and including to.
func businessDays(c locale.Calendar, from, to locale.Day) int {
	n := 0
	for day := from.AddDays(1); !day.After(to) && n <= maxLaneDays; day = day.AddDays(1) {
		if c.Business(day) {
			n++
		}
	}
	return n
}

// findNoProgress adds the news of a parcel that carriers do not scan, or not any more. Of several reasons for one silence it takes the most
// specific one.
func (f *finder) findNoProgress(w *watchedParcel) {
	if !w.outstanding() {
		return
	}
	f.findArrivesTomorrow(w)
	if len(w.scans) == 0 || !w.status.Carried() {
		f.findNoFirstScan(w)
		return
	}
	if f.s.Watch.NoScanHours == 0 {
		return
	}
	f.findLoop(w)
	last := w.scans[len(w.scans)-1]
	if f.findNextLegMissing(w, last) || f.findCustomsHold(w) {
		return
	}
	f.add(News{
		Occasion: Stalled, Subject: w.subject, Instance: last.ID,
		At: w.silentFrom(last, f.allowedSilence(w), f.zone),
	})
}

// silentFrom returns the instant from which a parcel counts as silent: wait has passed in business time since the scan, and historyGrace since
// the last scan came in.
func (w *watchedParcel) silentFrom(scan Scan, wait time.Duration, zone *time.Location) time.Time {
	return latest(addBusinessTime(w.calendar, scan.At(), wait, zone), w.lastScanHeard().Add(historyGrace))
}

// allowedSilence returns how long a parcel may be without a scan: noScanHours of the Shop, longer if the history of its lane is slower.
func (f *finder) allowedSilence(w *watchedParcel) time.Duration {
	wait := hoursOf(f.s.Watch.NoScanHours)
	history := f.s.Lanes[laneOf(f.o, w.shipment, w.parcel, f.s)]
	if history.Parcels < MinLaneParcels {
		return wait
	}
	return max(wait, time.Duration(history.GapHoursP95*float64(time.Hour)))
}

// findNoFirstScan adds the news that the shop has sent a parcel and the carrier has not scanned it. It needs a source that reports scans of
// the number: without one, a missing scan means nothing.
func (f *finder) findNoFirstScan(w *watchedParcel) {
	followed := len(w.scans) > 0 || w.parcel.Followed
	if f.s.Watch.NoFirstScanHours == 0 || !followed || w.status.Carried() {
		return
	}
	since, known := phaseOf(w.shipment.Phases, Shipped)
	for _, scan := range w.scans {
		if scan.Status == LabelCreated && !known {
			since, known = PhaseChange{At: scan.At(), Heard: scan.Heard}, true
		}
	}
	if !known {
		return
	}
	f.add(News{
		Occasion: NoFirstScan, Subject: w.subject,
		At: latest(addBusinessTime(shopCalendar(w.shipment, f.s), latest(since.At, w.firstHeard), hoursOf(f.s.Watch.NoFirstScanHours), f.zone),
			latest(since.Heard, w.lastScanHeard()).Add(historyGrace)),
	})
}

// findNextLegMissing adds the news that one carrier has handed the parcel over and the next one has not scanned it. It reports whether the
// last scan is such a handover.
func (f *finder) findNextLegMissing(w *watchedParcel, last Scan) bool {
	done := last.Status == Delivered || last.Status == HandedToCarrier
	if !done || !isFirstLegNumber(w.parcel, last.Number) && !w.handsOverToNextLeg(last) {
		return false
	}
	f.add(News{
		Occasion: NextLegMissing, Subject: w.subject, Instance: last.ID,
		At: w.silentFrom(last, hoursOf(f.s.Watch.NoScanHours), f.zone),
	})
	return true
}

// isFirstLegNumber reports whether the number is of a leg that another leg follows.
func isFirstLegNumber(p Parcel, number string) bool {
	for _, leg := range p.Legs {
		if leg.hasNumber(number) {
			return leg.Role.isFirst()
		}
	}
	return false
}

// hasNumber reports whether the number is the one of this leg, however it is spelled.
func (l Leg) hasNumber(number string) bool {
	return number != "" && NormalNumber(l.Number) == NormalNumber(number)
}

// handsOverToNextLeg reports whether the scan is the handover to another carrier: an earlier scan has its number, too, and there is a leg of
// another carrier without a scan.
func (w *watchedParcel) handsOverToNextLeg(scan Scan) bool {
	carrier := w.parcel.Carrier
	for _, leg := range w.parcel.Legs {
		if leg.hasNumber(scan.Number) {
			if leg.Role.isLast() {
				return false
			}
			carrier = leg.Carrier
		}
	}
	before := slices.ContainsFunc(w.scans, func(s Scan) bool {
		return s.Status.Carried() && s.At().Before(scan.At()) && NormalNumber(s.Number) == NormalNumber(scan.Number)
	})
	return before && slices.ContainsFunc(w.parcel.Legs, func(next Leg) bool {
		scanned := slices.ContainsFunc(w.scans, func(s Scan) bool { return next.hasNumber(s.Number) })
		return !next.hasNumber(scan.Number) && next.Carrier != carrier && !next.Role.isFirst() && !scanned
	})
}

// Prefixes of News.Instance for parcels that are scanned and do not progress.
const (
	loopPrefix    = "loop:"
	customsPrefix = "customs:"
)

// findCustomsHold adds the news that the parcel has been in customs for longer than maxClearance, unless the shopper must act, which is news
// of its own. It reports whether the parcel is in customs.
func (f *finder) findCustomsHold(w *watchedParcel) bool {
	if w.status != InCustoms {
		return false
	}
	if len(w.openActionScans()) == 0 {
		from := w.stays[len(w.stays)-1].From
		f.add(News{
			Occasion: Stalled, Subject: w.subject, Instance: customsPrefix + from.ID,
			At: w.silentFrom(from, maxClearance, f.zone),
		})
	}
	return true
}

// findLoop adds the news that the parcel goes back and forth: the same two places alternate twice, and it was not out for delivery since.
func (f *finder) findLoop(w *watchedParcel) {
	var way []Scan // one scan for each change of place since the last delivery attempt
	for _, scan := range w.scans {
		here := normalPlace(scan.Location)
		switch {
		case scan.Status == OutForDelivery || scan.Status == DeliveryAttemptFailed:
			way = nil
		case here != "" && (len(way) == 0 || normalPlace(way[len(way)-1].Location) != here):
			way = append(way, scan)
		}
	}
	start := len(way) - 1
	for start > 1 && normalPlace(way[start].Location) == normalPlace(way[start-2].Location) {
		start--
	}
	const circle = 3 // steps from the first to the last place of A B A B
	if complete := max(start-1, 0) + circle; complete < len(way) {
		scan := way[complete]
		f.add(News{Occasion: Stalled, Subject: w.subject, Instance: loopPrefix + scan.ID, At: scan.At(), Heard: scan.Heard})
	}
}

// markStalled sets the state of each parcel that does not progress, unless the carrier's own status says more.
func (j *Journey) markStalled(o Order, s Setting) {
	for _, n := range prospects(o, *j, s) {
		if p := j.Parcel(n.Subject); p != nil && !n.At.After(j.Now) {
			p.markStalled(n)
		}
	}
}

func (p *ParcelJourney) markStalled(n News) {
	before := []Occasion{Occasion(InTransit), Occasion(HandedToCarrier)}
	switch n.Occasion {
	case NoFirstScan:
		before = []Occasion{LateWithoutNews, Occasion(Shipped), Occasion(LabelCreated), Occasion(ReadyToShip)}
	case Stalled, NextLegMissing:
		if strings.HasPrefix(n.Instance, loopPrefix) || strings.HasPrefix(n.Instance, customsPrefix) {
			return
		}
	default:
		return
	}
	p.Silent = true
	switch {
	case !slices.Contains(before, p.State):
	case n.Occasion == NoFirstScan:
		p.State = NoFirstScan
	default:
		p.State = Stalled
	}
}

// findSilence adds the news of the order as a whole that time alone makes: late, or silent.
func (f *finder) findSilence() {
	if f.o.Test || f.o.Cancelled || f.j.Outcome != Open {
		return
	}
	switch {
	case len(f.outbound()) == 0:
		f.findLate(f.watchShipment(nil))
	case len(f.j.Unsent) > 0:
		f.findLate(f.watchShipment(&Shipment{Direction: Outbound, Lines: f.j.Unsent}))
	}
	if f.s.Watch.SilentOrderHours == 0 || !f.newsExpected() {
		return
	}
	f.add(News{Occasion: SilentOrder, At: f.silentSince().Add(hoursOf(f.s.Watch.SilentOrderHours))})
	f.findQuietOrder()
}

// newsExpected reports whether something is outstanding that a source can still report on. None reports on digital goods, nor on a letter
// that was sent.
func (f *finder) newsExpected() bool {
	going := f.outbound()
	silent := func(sh *Shipment) bool {
		method := MethodOf(f.o, sh, f.s)
		return method == MethodDigital || (method == MethodLetter && (sh == nil || sh.Phase == Shipped))
	}
	switch {
	case len(going) == 0:
		return MethodOf(f.o, nil, f.s) != MethodDigital && (f.o.Phase != Shipped || !silent(nil))
	case len(f.j.Unsent) > 0:
		return true
	}
	return slices.ContainsFunc(going, func(sh *Shipment) bool { return !silent(sh) })
}

// quietOrderDays is after how many days without data of any source the shopper is told what is known of the order.
const quietOrderDays = 6

// findQuietOrder adds the news of an order without any data for quietOrderDays though a part of it is under way, or to be sent. Parcels that
// wait to be collected, are damaged or go back have news of their own.
func (f *finder) findQuietOrder() {
	day := locale.DayOf(f.lastFactHeard(), f.zone).AddDays(quietOrderDays)
	if day.Before(f.j.UnsentFrom) {
		day = f.j.UnsentFrom.AddDays(1) // a pre-order or a back-order is not missed before it is available
	}
	if !f.isUnderWay() {
		return
	}
	f.add(News{Occasion: SilentOrder, Instance: day.String(), At: locale.At(day, "10:00", f.zone), Until: locale.At(day.AddDays(quietOrderDays), "10:00", f.zone)})
}

// isUnderWay reports whether a part of the order that carriers scan is still to come. A shipment that was sent before the shopper began to
// return something does not count: most likely it is what comes back.
func (f *finder) isUnderWay() bool {
	going := slices.DeleteFunc(slices.Clone(f.outbound()), f.leftBeforeReturn)
	if len(going) == 0 && len(f.outbound()) > 0 {
		return len(f.j.Unsent) > 0
	}
	if len(going) == 0 || len(f.j.Unsent) > 0 {
		return true
	}
	return slices.ContainsFunc(going, func(sh *Shipment) bool {
		if len(sh.Parcels) == 0 {
			return f.watchShipment(sh).outstanding()
		}
		return slices.ContainsFunc(sh.Parcels, func(p Parcel) bool { return f.watchParcel(sh, &p).outstanding() })
	})
}

// leftBeforeReturn reports whether the shopper has begun to send something back since the last of the shipment left.
func (f *finder) leftBeforeReturn(sh *Shipment) bool {
	sent, ok := shippedAt(f.phasesOf(sh, len(f.outbound()) == 1), sh.Parcels)
	for _, p := range sh.Parcels {
		if p.Added {
			sent.At = latest(sent.At, p.Heard)
		}
	}
	return ok && slices.ContainsFunc(f.going(Return), func(back *Shipment) bool { return sent.At.Before(back.Heard) })
}

// lastFactHeard returns when the newest receipt about the order was committed that changed a phase, a scan or a date.
func (f *finder) lastFactHeard() time.Time {
	last := f.received()
	for _, p := range f.o.Phases {
		last = latest(last, p.Heard)
	}
	for _, sh := range f.o.Shipments {
		last = latest(last, sh.Heard)
		for _, p := range sh.Phases {
			last = latest(last, p.Heard)
		}
		for _, p := range sh.Parcels {
			last = latest(last, p.Heard)
			for _, scan := range p.Scans {
				last = latest(last, scan.Heard)
			}
			for _, d := range p.Dates {
				last = latest(last, d.Heard)
			}
		}
	}
	return last
}

// silentSince returns when the first shipment was sent, or when the order was placed if none was.
func (f *finder) silentSince() time.Time {
	var since time.Time
	all := f.outbound()
	for _, sh := range all {
		if sent, ok := shippedAt(f.phasesOf(sh, len(all) == 1), sh.Parcels); ok {
			since = earliest(since, sent.At)
		}
	}
	if since.IsZero() {
		since = f.received()
	}
	return since
}
