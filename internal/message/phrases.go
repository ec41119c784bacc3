package message

import (
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// farDays is how far away a day is from which its year is written: about ten months.
const farDays = 300

// When says when something happened: "today at 14:05", "on Thursday 26 November at 14:05"; "" for the zero time.
func (v *Voice) When(t time.Time, c Clock) string {
	if t.IsZero() {
		return ""
	}
	return v.onDay(locale.DayOf(t, c.Zone), c) + " " + v.date("at", dateData{From: v.Time(t, c)})
}

// Scanned is When by the carrier's own clock, where that shows another time than the reader's.
func (v *Voice) Scanned(t time.Time, c Clock) string { return v.When(t, c.of(t)) }

// Eta says when something comes, as an adverb.
func (v *Voice) Eta(e tracking.ETA, c Clock) string {
	first, last, from, to := bounds(e, &c)
	if first != last {
		return v.date("between", dateData{
			Date: v.intl.monthDay(first, c.far(first)), LastDate: v.intl.monthDay(last, c.far(last)),
			Day: v.intl.fullDay(first, c.far(first)), LastDay: v.intl.fullDay(last, c.far(last)),
		})
	}
	day := v.onDay(first, c)
	switch {
	case e.DayOnly:
		return day
	case from.Equal(to):
		return day + " " + v.date("around", dateData{From: v.Time(from, c)})
	default:
		return day + " " + v.date("window", dateData{From: v.intl.clock(from.In(c.Zone)), To: v.Time(to, c)})
	}
}

// EtaDay is an ETA's day or days for display: "Friday 27 November", "27 – 30 November".
func (v *Voice) EtaDay(e tracking.ETA, c Clock) string {
	first, last, _, _ := bounds(e, &c)
	if first != last {
		return v.intl.span(first, last, c.far(last))
	}
	return v.intl.fullDay(first, c.far(first))
}

// EtaTime is an ETA's window for display: "14:00–16:00"; "" when only the day is known.
func (v *Voice) EtaTime(e tracking.ETA, c Clock) string {
	first, last, from, to := bounds(e, &c)
	switch {
	case e.DayOnly || first != last:
		return ""
	case from.Equal(to):
		return v.Time(from, c)
	default:
		return v.intl.clock(from.In(c.Zone)) + "–" + v.Time(to, c)
	}
}

// Day is the calendar day of an instant, in full.
func (v *Voice) Day(t time.Time, c Clock) string {
	day := locale.DayOf(t, c.Zone)
	return v.intl.fullDay(day, c.far(day))
}

// ShortDay is a calendar day for lists.
func (v *Voice) ShortDay(t time.Time, c Clock) string {
	return v.intl.shortDay(locale.DayOf(t, c.Zone))
}

// ScanDay and ScanTime are the day, for lists, and the time of a scan by the carrier's own clock, where that shows another time.
func (v *Voice) ScanDay(t time.Time, c Clock) string { return v.ShortDay(t, c.of(t)) }

// ScanTime is described at ScanDay.
func (v *Voice) ScanTime(t time.Time, c Clock) string { return v.Time(t, c.of(t)) }

// Time is a time of day, with its zone where it could be mistaken: "16:40 (PST)".
func (v *Voice) Time(t time.Time, c Clock) string {
	text := v.intl.clock(t.In(c.Zone))
	if name := c.zoneName(t); name != "" {
		return text + " (" + name + ")"
	}
	return text
}

// Until says the last day on which something can be done, as an adverb: "until Monday 14 December".
func (v *Voice) Until(day locale.Day, c Clock) string { return v.limit("until", day, c) }

// By says until when something must have been done, as an adverb: "by Monday 14 December". "" for no day.
func (v *Voice) By(day locale.Day, c Clock) string { return v.limit("by", day, c) }

func (v *Voice) limit(key string, day locale.Day, c Clock) string {
	if day.IsZero() {
		return ""
	}
	return v.date(key, dateData{Day: v.intl.fullDay(day, c.far(day)), Date: v.intl.monthDay(day, c.far(day)), Weekday: v.intl.weekdays[day.Weekday()]})
}

// Money writes an amount of minor units in an ISO 4217 currency.
func (v *Voice) Money(minor int64, currency string) string { return v.intl.amount(minor, currency) }

// Quantity writes a quantity for lists: "2 ×", "0.5 ×".
func (v *Voice) Quantity(q locale.Quantity) string { return v.intl.decimal(q.String()) + " ×" }

// far says that a day is so far away that it needs its year.
func (c Clock) far(day locale.Day) bool {
	days := day.Sub(c.today())
	return days > farDays || days < -farDays
}

// bounds are an ETA's first and last day and instant in the reader's calendar. Where the destination's zone is not known, the carrier's
// own counts; c becomes that. Whole days are the same everywhere.
func bounds(e tracking.ETA, c *Clock) (first, last locale.Day, from, to time.Time) {
	from, to = e.From, e.To
	if to.IsZero() {
		to = from
	}
	if from.IsZero() {
		from = to
	}
	if e.DayOnly {
		return locale.DayOf(from, time.UTC), locale.DayOf(to, time.UTC), from, to
	}
	if c.Named {
		*c = c.of(from)
	}
	return locale.DayOf(from, c.Zone), tracking.ETA{From: from, To: to}.LastDay(c.Zone), from, to
}

// onDay says a day as an adverb, from the day on which it is read.
func (v *Voice) onDay(day locale.Day, c Clock) string {
	d := dateData{
		Day: v.intl.fullDay(day, c.far(day)), Date: v.intl.monthDay(day, c.far(day)),
		Weekday: v.intl.weekdays[day.Weekday()], WeekdayOn: v.intl.weekdayOn(day),
	}
	switch days := day.Sub(c.today()); {
	case c.dated:
		return v.date("on", d)
	case days == -1:
		d.Relative = v.intl.yesterday
		return v.date("yesterday", d)
	case days == 0:
		d.Relative = v.intl.today
		return v.date("today", d)
	case days == 1:
		d.Relative = v.intl.tomorrow
		return v.date("tomorrow", d)
	default:
		return v.date("on", d)
	}
}

func (v *Voice) date(key string, d dateData) string { return v.render("date."+key, d) }
