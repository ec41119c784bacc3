package tracking

import (
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
)

// Start returns the first instant at which the delivery may come. Calendar days start at midnight in zone.
func (e ETA) Start(zone *time.Location) time.Time {
	if !e.DayOnly || e.From.IsZero() {
		return e.From
	}
	return locale.DayOf(e.From, time.UTC).In(zone)
}

// End returns the last instant at which the delivery is still on time. Calendar days end at midnight in zone.
func (e ETA) End(zone *time.Location) time.Time {
	last := e.To
	if last.IsZero() {
		last = e.From
	}
	if !e.DayOnly {
		return last
	}
	return locale.DayOf(last, time.UTC).End(zone).Add(-time.Millisecond)
}

// LastDay returns the last calendar day on which the delivery is still on time, as a calendar in zone shows it. A window that ends at
// midnight is of the day before.
func (e ETA) LastDay(zone *time.Location) locale.Day {
	end := e.End(zone)
	if end.After(e.Start(zone)) {
		end = end.Add(-time.Millisecond)
	}
	return locale.DayOf(end, zone)
}

// holds reports whether other promises nothing that e has not promised already: it lies within e.
func (e ETA) holds(other ETA, zone *time.Location) bool {
	return !other.Start(zone).Before(e.Start(zone)) && !other.End(zone).After(e.End(zone))
}

// localised reads a window whose zone was guessed in the zone, and a window from the beginning of a day there to the end of one as
// days: software writes a day as its midnight, in UTC.
func (e *ETA) localised(zone *time.Location) *ETA {
	if e == nil || zone == nil || e.DayOnly {
		return e
	}
	l := *e
	if l.Guessed {
		l.From, l.To = handsIn(zone, e.From), handsIn(zone, e.To)
	}
	from, to := l.From.In(zone), l.To.In(zone)
	if begins := clockOf(from) == "00:00"; clockOf(to) == "23:59" && (begins || from.Equal(to)) || begins && clockOf(to) == "00:00" {
		return daysETA(locale.DayOf(from, zone), locale.DayOf(to, zone), e.Source)
	}
	return &l
}

func clockOf(t time.Time) string { return t.Format("15:04") }

// daysETA returns an expectation of whole days.
func daysETA(from, to locale.Day, source ETASource) *ETA {
	return &ETA{From: from.In(time.UTC), To: to.In(time.UTC), DayOnly: true, Source: source}
}

// Promised returns when an outbound shipment should come by the shop's word: the shipment's own, the order's own, else what is reckoned from
// its delivery method or from the Shop's general promise. A nil shipment stands for what is in no shipment yet. What travels without
// scans has a promise too, which can be shown but is never late. Nil where nothing is promised.
func Promised(o Order, sh *Shipment, s Setting) *ETA {
	if sh != nil && sh.Direction == Return {
		return nil
	}
	if sh != nil && sh.Promise != nil {
		return ownPromise(*sh.Promise)
	}
	lines := linesOf(o, sh)
	if len(o.Lines) > 0 && len(lines) == 0 {
		return nil
	}
	return promisedOrder(o, sh, s, availableFrom(lines, saysLines(sh)))
}

// promisedOrder returns the order's own promise, where it can be meant for the shipment, else what is reckoned.
func promisedOrder(o Order, sh *Shipment, s Setting, available locale.Day) *ETA {
	if sh != nil && replacement(o, *sh) {
		return reckoned(o, sh, s, sh.CreatedAt, available)
	}
	if o.Promise != nil && !available.After(o.Promise.LastDay(time.UTC)) {
		return ownPromise(*o.Promise)
	}
	return reckoned(o, sh, s, o.PlacedAt, available)
}

func ownPromise(e ETA) *ETA {
	if e.Source == "" {
		e.Source = ETAFromOrder
	}
	return &e
}

// reckoned adds the days of handling, in which the shop works, and those of transit, in which the carrier does.
func reckoned(o Order, sh *Shipment, s Setting, start time.Time, available locale.Day) *ETA {
	transit, ok := transitOf(o, sh, s)
	if !ok || start.IsZero() {
		return nil
	}
	shop := shopCalendar(sh, s)
	first := handlingStart(start.In(inZone(s.Zone)), s.Promise.CutOff)
	if available.After(first) {
		first = available
	}
	sent := shop.AddBusinessDays(shop.NextBusinessDay(first), s.Promise.HandlingBusinessDays)
	road := roadCalendar(o, sh, s)
	return daysETA(
		road.NextBusinessDay(road.AddBusinessDays(sent, transit.MinBusinessDays)),
		road.NextBusinessDay(road.AddBusinessDays(sent, transit.MaxBusinessDays)),
		ETAFromPromise,
	)
}

// handlingStart returns the day on which handling would start if it were a business day: the next one after the cut-off.
func handlingStart(placed time.Time, cutOff string) locale.Day {
	day := locale.DayOf(placed, placed.Location())
	if cutOff != "" && placed.Format("15:04") > cutOff {
		return day.AddDays(1)
	}
	return day
}

// transitOf returns how long the way takes: by the delivery method, else by the Shop's promise to the destination. To a counter of the
// shop, or through a wire, nothing travels: only what the method itself says counts.
func transitOf(o Order, sh *Shipment, s Setting) (bundle.Transit, bool) {
	if m, ok := deliveryMethod(o, sh, s); ok && m.MaxBusinessDays > 0 {
		return bundle.Transit{MinBusinessDays: m.MinBusinessDays, MaxBusinessDays: m.MaxBusinessDays}, true
	}
	if method := MethodOf(o, sh, s); method == MethodPickup || method == MethodDigital {
		return bundle.Transit{}, false
	}
	for _, t := range s.Promise.Transit {
		if len(t.Countries) == 0 || slices.Contains(t.Countries, o.To.Country) {
			return t, true
		}
	}
	return bundle.Transit{}, false
}

// MethodOf returns how a shipment travels: as the Shop says of its delivery method, else as the source says of the shipment, of its lines
// or of the order. A nil shipment stands for what is in no shipment yet.
func MethodOf(o Order, sh *Shipment, s Setting) Method {
	if m, ok := deliveryMethod(o, sh, s); ok && m.Method != "" {
		return Method(m.Method)
	}
	if sh != nil && sh.Method != "" {
		return sh.Method
	}
	if method := lineMethod(o, sh); method != "" {
		return method
	}
	if o.Method != "" {
		return o.Method
	}
	return MethodParcel
}

// deliveryMethod finds the Shop's word about a delivery method by its title.
func deliveryMethod(o Order, sh *Shipment, s Setting) (bundle.DeliveryMethod, bool) {
	title := o.MethodTitle
	if sh != nil && strings.TrimSpace(sh.MethodTitle) != "" {
		title = sh.MethodTitle
	}
	title = strings.TrimSpace(title)
	if title == "" {
		return bundle.DeliveryMethod{}, false
	}
	for _, m := range s.Methods {
		for _, t := range m.Titles {
			if strings.EqualFold(strings.TrimSpace(t), title) {
				return m, true
			}
		}
	}
	return bundle.DeliveryMethod{}, false
}

// lineMethod returns the method on which all lines agree; "" where they do not.
func lineMethod(o Order, sh *Shipment) Method {
	lines := linesOf(o, sh)
	if len(lines) == 0 {
		return ""
	}
	for _, line := range lines {
		if line.Method != lines[0].Method {
			return ""
		}
	}
	return lines[0].Method
}

func saysLines(sh *Shipment) bool { return sh != nil && len(sh.Lines) > 0 }

// linesOf returns the lines of a shipment whose contents are said, else all lines that are to be sent and do not wait for stock of which
// no day is known.
func linesOf(o Order, sh *Shipment) []Line {
	said := saysLines(sh)
	var lines []Line
	for _, line := range o.Lines {
		switch {
		case said && slices.ContainsFunc(sh.Lines, func(share LineShare) bool { return shares(share, line) }):
			lines = append(lines, line)
		case !said && toCome(line):
			lines = append(lines, line)
		}
	}
	return lines
}

// shares reports whether a share is of the line: by id, else SKU, else exact name.
func shares(share LineShare, line Line) bool {
	switch {
	case share.ID != "" && line.ID != "":
		return share.ID == line.ID
	case share.SKU != "" && line.SKU != "":
		return share.SKU == line.SKU
	default:
		return share.Name != "" && share.Name == line.Name
	}
}

func toCome(line Line) bool {
	gone := line.State == LineCancelled || line.State == LineRefunded
	return !gone && (line.State != LineBackordered || !line.AvailableFrom.IsZero())
}

// availableFrom returns the day on which lines that go together can be sent, that of the last one. Where nothing says that the shop waits
// for the others it is the day of the first one.
func availableFrom(lines []Line, together bool) locale.Day {
	if len(lines) == 0 {
		return locale.Day{}
	}
	day := lines[0].AvailableFrom
	for _, line := range lines[1:] {
		if from := line.AvailableFrom; from.After(day) == together && from != day {
			day = from
		}
	}
	return day
}

// replacement reports whether a shipment took the place of another one.
func replacement(o Order, sh Shipment) bool {
	return slices.ContainsFunc(o.Shipments, func(other Shipment) bool {
		return other.ReplacedBy != "" && other.ReplacedBy == sh.Ref && other.Source == sh.Source
	})
}

// shopCalendar knows on which days the shop that sends works.
func shopCalendar(sh *Shipment, s Setting) locale.Calendar {
	return locale.NewCalendar([]string{originOf(sh, s)}, s.Promise.ClosedDays)
}

// roadCalendar knows on which days parcels move between the two ends of the way.
func roadCalendar(o Order, sh *Shipment, s Setting) locale.Calendar {
	return locale.NewCalendar([]string{originOf(sh, s), o.To.Country}, nil)
}

func originOf(sh *Shipment, s Setting) string {
	if sh != nil && sh.Origin.Country != "" {
		return sh.Origin.Country
	}
	return s.HomeCountry
}

func inZone(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
