package tracking

import (
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

// businessTime is how much of the time between two instants lies on business days.
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

// maxSearchDays ends the search in a calendar that has no business days.
const maxSearchDays = 400

// addBusinessTime is the instant after which the time has passed on business days alone.
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

// findStandstill tells that a parcel does not get on. One silence is told once, by what explains it best.
func (f *finder) findStandstill(w *watched) {
	if !w.outstanding() {
		return
	}
	f.findTomorrow(w)
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
		At: w.silentAfter(last, f.patience(w), f.zone),
	})
}

// silentAfter is when business time has passed since a scan, and nothing more of a late history is to be expected.
func (w *watched) silentAfter(scan Scan, wait time.Duration, zone *time.Location) time.Time {
	return latest(addBusinessTime(w.road, scan.At(), wait, zone), w.lastHeard().Add(moreToCome))
}

// patience is how long a parcel may stay without a scan: as the Shop says, longer where the lane is known to be slower.
func (f *finder) patience(w *watched) time.Duration {
	wait := inHours(f.s.Watch.NoScanHours)
	history := f.s.Lanes[laneOf(f.o, w.shipment, w.parcel, f.s)]
	if history.Parcels < MinLaneParcels {
		return wait
	}
	return max(wait, time.Duration(history.GapHoursP95*float64(time.Hour)))
}

// findNoFirstScan tells that no carrier has taken what was to be handed over. It takes a source that follows the number: where none
// does, nothing can be said of the carrier.
func (f *finder) findNoFirstScan(w *watched) {
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
		At: latest(addBusinessTime(shopCalendar(w.shipment, f.s), latest(since.At, w.known), inHours(f.s.Watch.NoFirstScanHours), f.zone),
			latest(since.Heard, w.lastHeard()).Add(moreToCome)),
	})
}

// findNextLegMissing tells that the first carrier is done and the next one has not scanned the parcel.
func (f *finder) findNextLegMissing(w *watched, last Scan) bool {
	done := last.Status == Delivered || last.Status == HandedToCarrier
	if !done || !firstMile(w.parcel, last.Number) && !w.handsOn(last) {
		return false
	}
	f.add(News{
		Occasion: NextLegMissing, Subject: w.subject, Instance: last.ID,
		At: w.silentAfter(last, inHours(f.s.Watch.NoScanHours), f.zone),
	})
	return true
}

// firstMile says that a number is of a leg after which another one follows.
func firstMile(p Parcel, number string) bool {
	for _, leg := range p.Legs {
		if leg.isUnder(number) {
			return leg.Role.isFirst()
		}
	}
	return false
}

// isUnder reports whether the parcel has the number on this leg.
func (l Leg) isUnder(number string) bool {
	return number != "" && NormalNumber(l.Number) == NormalNumber(number)
}

// handsOn reports whether the scan passes the parcel on to another carrier: it has been carried under its number before, and there is a leg
// with another carrier of which nothing was scanned.
func (w *watched) handsOn(scan Scan) bool {
	carrier := w.parcel.Carrier
	for _, leg := range w.parcel.Legs {
		if leg.isUnder(scan.Number) {
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
		scanned := slices.ContainsFunc(w.scans, func(s Scan) bool { return next.isUnder(s.Number) })
		return !next.isUnder(scan.Number) && next.Carrier != carrier && !next.Role.isFirst() && !scanned
	})
}

// The instances of a standstill that is no silence begin with these.
const (
	loopPrefix    = "loop:"
	customsPrefix = "customs:"
)

// findCustomsHold tells that the parcel has been in customs for longer than a clearance takes. Where the shopper must act, that is
// told instead.
func (f *finder) findCustomsHold(w *watched) bool {
	if w.status != InCustoms {
		return false
	}
	if len(w.openAction()) == 0 {
		from := w.stays[len(w.stays)-1].From
		f.add(News{
			Occasion: Stalled, Subject: w.subject, Instance: customsPrefix + from.ID,
			At: w.silentAfter(from, customsHold, f.zone),
		})
	}
	return true
}

// findLoop tells that the parcel goes to and fro: the same two places alternate twice, and nothing has broken the circle since.
func (f *finder) findLoop(w *watched) {
	var way []Scan // the places since the parcel was last at the door, each once
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
	const circle = 3 // steps from the first place of A B A B to the last
	if complete := max(start-1, 0) + circle; complete < len(way) {
		scan := way[complete]
		f.add(News{Occasion: Stalled, Subject: w.subject, Instance: loopPrefix + scan.ID, At: scan.At(), Heard: scan.Heard})
	}
}

// standStill says of each parcel that it does not get on, where the carrier's word leaves room for that.
func (j *Journey) standStill(o Order, s Setting) {
	for _, n := range prospects(o, *j, s) {
		if p := j.Parcel(n.Subject); p != nil && !n.At.After(j.Now) {
			p.standStill(n)
		}
	}
}

func (p *ParcelJourney) standStill(n News) {
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

// findSilence finds what time alone makes true of the order itself.
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
	if f.s.Watch.SilentOrderHours == 0 || !f.awaited() {
		return
	}
	f.add(News{Occasion: SilentOrder, At: f.silentSince().Add(inHours(f.s.Watch.SilentOrderHours))})
	f.findQuiet()
}

// awaited says that something is outstanding of which word may be expected. Of what is digital there is none, nor of a letter that
// has left.
func (f *finder) awaited() bool {
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

// quietDays is after how many days without a word of any source the shopper is told how the order stands.
const quietDays = 6

// findQuiet tells of an order of which nothing has been heard for days though something of it is on its way, or to be sent. What waits
// to be collected, is damaged or goes back has reminders of its own.
func (f *finder) findQuiet() {
	day := locale.DayOf(f.lastFact(), f.zone).AddDays(quietDays)
	if day.Before(f.j.UnsentFrom) {
		day = f.j.UnsentFrom.AddDays(1) // what comes later by its nature is not missed
	}
	if !f.underWay() {
		return
	}
	f.add(News{Occasion: SilentOrder, Instance: day.String(), At: locale.At(day, "10:00", f.zone), Until: locale.At(day.AddDays(quietDays), "10:00", f.zone)})
}

// underWay says that a part of the order is still to come by a way that is scanned. What had left before the shopper sent something
// back is not asked about any more: most likely it is that which comes back.
func (f *finder) underWay() bool {
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

// leftBeforeReturn says that the shopper has begun to send something back since the last of the shipment left.
func (f *finder) leftBeforeReturn(sh *Shipment) bool {
	sent, ok := shippedAt(f.phasesOf(sh, len(f.outbound()) == 1), sh.Parcels)
	for _, p := range sh.Parcels {
		if p.Added {
			sent.At = latest(sent.At, p.Heard)
		}
	}
	return ok && slices.ContainsFunc(f.going(Return), func(back *Shipment) bool { return sent.At.Before(back.Heard) })
}

// lastFact is when the newest thing was heard that says how the order stands.
func (f *finder) lastFact() time.Time {
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

// silentSince is when something was sent first; before that, when the order was placed.
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
