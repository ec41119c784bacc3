package message

import (
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// civil is the calendar day of t in zone, as midnight UTC.
func civil(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// When says when something happened: "today at 14:05", "on Thursday 26 November at 14:05"; "" for the zero time.
func (v *Voice) When(t time.Time, zone *time.Location, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return v.onDay(civil(t, zone), civil(now, zone)) + " " + v.date("at", dateData{From: v.intl.clock(t.In(zone))})
}

// Eta says when something comes, as an adverb.
func (v *Voice) Eta(e tracking.ETA, zone *time.Location, now time.Time) string {
	from, to := bounds(e, zone)
	first, last := civil(from, from.Location()), civil(to, to.Location())
	if !first.Equal(last) {
		return v.date("between", dateData{
			Date: v.intl.monthDay(first), LastDate: v.intl.monthDay(last), Day: v.intl.fullDay(first), LastDay: v.intl.fullDay(last),
		})
	}
	day := v.onDay(first, civil(now, zone))
	switch {
	case e.DayOnly:
		return day
	case from.Equal(to):
		return day + " " + v.date("around", dateData{From: v.intl.clock(from)})
	default:
		return day + " " + v.date("window", dateData{From: v.intl.clock(from), To: v.intl.clock(to)})
	}
}

// EtaDay is an ETA's day or days for display: "Friday 27 November", "27 November – 30 November".
func (v *Voice) EtaDay(e tracking.ETA, zone *time.Location) string {
	from, to := bounds(e, zone)
	if !civil(from, from.Location()).Equal(civil(to, to.Location())) {
		return v.intl.monthDay(from) + " – " + v.intl.monthDay(to)
	}
	return v.intl.fullDay(from)
}

// EtaTime is an ETA's window for display: "14:00–16:00"; "" when only the day is known.
func (v *Voice) EtaTime(e tracking.ETA, zone *time.Location) string {
	from, to := bounds(e, zone)
	switch {
	case e.DayOnly || !civil(from, from.Location()).Equal(civil(to, to.Location())):
		return ""
	case from.Equal(to):
		return v.intl.clock(from)
	default:
		return v.intl.clock(from) + "–" + v.intl.clock(to)
	}
}

// Day is a calendar day in full, and Clock a time of day, both in zone.
func (v *Voice) Day(t time.Time, zone *time.Location) string { return v.intl.fullDay(t.In(zone)) }

// ShortDay is a calendar day for lists.
func (v *Voice) ShortDay(t time.Time, zone *time.Location) string { return v.intl.shortDay(t.In(zone)) }

// Clock is a time of day.
func (v *Voice) Clock(t time.Time, zone *time.Location) string { return v.intl.clock(t.In(zone)) }

// Money writes an amount of minor units in an ISO 4217 currency.
func (v *Voice) Money(minor int64, currency string) string { return v.intl.amount(minor, currency) }

// bounds are an ETA's ends as they stand in the reader's calendar: whole days are written in UTC.
func bounds(e tracking.ETA, zone *time.Location) (from, to time.Time) {
	if e.DayOnly {
		zone = time.UTC
	}
	from, to = e.From, e.To
	if to.IsZero() {
		to = from
	}
	if from.IsZero() {
		from = to
	}
	return from.In(zone), to.In(zone)
}

// onDay says a day as an adverb, from the day on which it is read.
func (v *Voice) onDay(day, today time.Time) string {
	d := dateData{
		Day: v.intl.fullDay(day), Date: v.intl.monthDay(day),
		Weekday: v.intl.weekdays[day.Weekday()], WeekdayOn: v.intl.weekdayOn(day),
	}
	switch day.Sub(today) / (24 * time.Hour) {
	case -1:
		d.Relative = v.intl.yesterday
		return v.date("yesterday", d)
	case 0:
		d.Relative = v.intl.today
		return v.date("today", d)
	case 1:
		d.Relative = v.intl.tomorrow
		return v.date("tomorrow", d)
	default:
		return v.date("on", d)
	}
}

func (v *Voice) date(key string, d dateData) string { return v.render("date."+key, d) }
