package tracking

import (
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// End is the last instant at which the delivery is still on time. Calendar days end at midnight in zone.
func (e ETA) End(zone *time.Location) time.Time {
	last := e.To
	if last.IsZero() {
		last = e.From
	}
	if !e.DayOnly {
		return last
	}
	y, m, d := last.UTC().Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone).Add(-time.Millisecond)
}

// promised is the ETA that the merchant promised: the order's own, else placing time, cut-off and handling days
// plus the transit days to the destination. Business days are Monday to Friday; public holidays are not known.
func promised(o Order, p Promise, zone *time.Location) *ETA {
	if o.Promise != nil {
		eta := *o.Promise
		return &eta
	}
	transit, ok := transitTo(p, o.To.Country)
	if !ok || o.PlacedAt.IsZero() {
		return nil
	}
	start := firstWorkingDay(o.PlacedAt.In(zone), p.CutOff)
	shipped := addBusinessDays(start, p.HandlingBusinessDays)
	return &ETA{
		From:    addBusinessDays(shipped, transit.MinBusinessDays),
		To:      addBusinessDays(shipped, transit.MaxBusinessDays),
		DayOnly: true,
		Source:  ETAFromPromise,
	}
}

// transitTo is the first range that names the country; one without countries stands for everywhere else.
func transitTo(p Promise, country string) (bundle.Transit, bool) {
	for _, t := range p.Transit {
		if slices.Contains(t.Countries, country) || len(t.Countries) == 0 {
			return t, true
		}
	}
	return bundle.Transit{}, false
}

// firstWorkingDay is the calendar day on which handling starts: the next business day for an order placed after the cut-off.
func firstWorkingDay(placed time.Time, cutOff string) time.Time {
	y, m, d := placed.Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if cutOff != "" && placed.Format("15:04") > cutOff {
		day = day.AddDate(0, 0, 1)
	}
	for !businessDay(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

func addBusinessDays(day time.Time, days int) time.Time {
	for days > 0 {
		day = day.AddDate(0, 0, 1)
		if businessDay(day) {
			days--
		}
	}
	return day
}

func businessDay(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}
