package message

import (
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// farDays is how far away a day is from which its year is written: about ten months.
const farDays = 300

// When returns when something happened: "today at 14:05", "on Thursday 26 November at 14:05"; "" for the zero time.
func (l *Localizer) When(t time.Time, c Clock) string {
	if t.IsZero() {
		return ""
	}
	return l.onDay(locale.DayOf(t, c.Zone), c) + " " + l.date("at", dateData{From: l.Time(t, c)})
}

// Scanned is like When by the carrier's own clock, where that shows another time than the reader's.
func (l *Localizer) Scanned(t time.Time, c Clock) string { return l.When(t, c.of(t)) }

// Eta returns when something comes, as an adverb.
func (l *Localizer) Eta(e tracking.ETA, c Clock) string {
	first, last, from, to := bounds(e, &c)
	if first != last {
		return l.date("between", dateData{
			Date: l.intl.monthDay(first, c.far(first)), LastDate: l.intl.monthDay(last, c.far(last)),
			Day: l.intl.fullDay(first, c.far(first)), LastDay: l.intl.fullDay(last, c.far(last)),
		})
	}
	day := l.onDay(first, c)
	switch {
	case e.DayOnly:
		return day
	case from.Equal(to):
		return day + " " + l.date("around", dateData{From: l.Time(from, c)})
	default:
		return day + " " + l.date("window", dateData{From: l.intl.clock(from.In(c.Zone)), To: l.Time(to, c)})
	}
}

// EtaDay returns an ETA's day or days for display: "Friday 27 November", "27 – 30 November".
func (l *Localizer) EtaDay(e tracking.ETA, c Clock) string {
	first, last, _, _ := bounds(e, &c)
	if first != last {
		return l.intl.span(first, last, c.far(last))
	}
	return l.intl.fullDay(first, c.far(first))
}

// EtaTime returns an ETA's window for display: "14:00–16:00"; "" when only the day is known.
func (l *Localizer) EtaTime(e tracking.ETA, c Clock) string {
	first, last, from, to := bounds(e, &c)
	switch {
	case e.DayOnly || first != last:
		return ""
	case from.Equal(to):
		return l.Time(from, c)
	default:
		return l.intl.clock(from.In(c.Zone)) + "–" + l.Time(to, c)
	}
}

// Day returns the calendar day of an instant, in full.
func (l *Localizer) Day(t time.Time, c Clock) string {
	day := locale.DayOf(t, c.Zone)
	return l.intl.fullDay(day, c.far(day))
}

// ShortDay returns a calendar day for lists.
func (l *Localizer) ShortDay(t time.Time, c Clock) string {
	return l.intl.shortDay(locale.DayOf(t, c.Zone))
}

// ScanDay returns the day of a scan for lists, by the carrier's own clock where that differs from the reader's.
func (l *Localizer) ScanDay(t time.Time, c Clock) string { return l.ShortDay(t, c.of(t)) }

// ScanTime returns the time of a scan; see ScanDay.
func (l *Localizer) ScanTime(t time.Time, c Clock) string { return l.Time(t, c.of(t)) }

// Time returns a time of day, with its zone where it could be mistaken: "16:40 (PST)".
func (l *Localizer) Time(t time.Time, c Clock) string {
	text := l.intl.clock(t.In(c.Zone))
	if name := c.zoneName(t); name != "" {
		return text + " (" + name + ")"
	}
	return text
}

// Until returns the last day on which something can be done, as an adverb: "until Monday 14 December".
func (l *Localizer) Until(day locale.Day, c Clock) string { return l.limit("until", day, c) }

// By returns until when something must have been done, as an adverb: "by Monday 14 December". "" for no day.
func (l *Localizer) By(day locale.Day, c Clock) string { return l.limit("by", day, c) }

func (l *Localizer) limit(key string, day locale.Day, c Clock) string {
	if day.IsZero() {
		return ""
	}
	return l.date(key, dateData{Day: l.intl.fullDay(day, c.far(day)), Date: l.intl.monthDay(day, c.far(day)), Weekday: l.intl.weekdays[day.Weekday()]})
}

// Money writes an amount of minor units in an ISO 4217 currency.
func (l *Localizer) Money(minor int64, currency string) string { return l.intl.amount(minor, currency) }

// Quantity writes a quantity for lists: "2 ×", "0.5 ×".
func (l *Localizer) Quantity(q locale.Quantity) string { return l.intl.decimal(q.String()) + " ×" }

// far reports whether a day is so far away that it needs its year.
func (c Clock) far(day locale.Day) bool {
	days := day.Sub(c.today())
	return days > farDays || days < -farDays
}

// bounds returns an ETA's first and last day and instant in the reader's calendar. Where the destination's zone is not known, the carrier's
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

// onDay returns a day as an adverb, from the day on which it is read.
func (l *Localizer) onDay(day locale.Day, c Clock) string {
	d := dateData{
		Day: l.intl.fullDay(day, c.far(day)), Date: l.intl.monthDay(day, c.far(day)),
		Weekday: l.intl.weekdays[day.Weekday()], WeekdayOn: l.intl.weekdayOn(day),
	}
	switch days := day.Sub(c.today()); {
	case c.dated:
		return l.date("on", d)
	case days == -1:
		d.Relative = l.intl.yesterday
		return l.date("yesterday", d)
	case days == 0:
		d.Relative = l.intl.today
		return l.date("today", d)
	case days == 1:
		d.Relative = l.intl.tomorrow
		return l.date("tomorrow", d)
	default:
		return l.date("on", d)
	}
}

func (l *Localizer) date(key string, d dateData) string { return l.render("date."+key, d) }
