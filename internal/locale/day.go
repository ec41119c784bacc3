package locale

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// Day is a calendar day without clock or zone, such as the day a carrier names for a delivery. The zero value is no day.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// errNoDay names the one form that days are read in.
var errNoDay = errors.New("not a day: write it as YYYY-MM-DD")

// DayOf is the day that a calendar on the wall shows in zone at the instant t; UTC where zone is nil. The zero time has no day.
func DayOf(t time.Time, zone *time.Location) Day {
	if t.IsZero() {
		return Day{}
	}
	y, m, d := t.In(OrUTC(zone)).Date()
	return Day{Year: y, Month: m, Day: d}
}

// ParseDay reads YYYY-MM-DD.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return Day{}, errNoDay
	}
	return dayOf(t), nil
}

// In is the first instant of the day in zone: midnight, or the end of the gap where clocks skip midnight.
func (d Day) In(zone *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return wall(d, 0, OrUTC(zone))
}

// End is the first instant after the day in zone, which is the start of the next day.
func (d Day) End(zone *time.Location) time.Time { return d.AddDays(1).In(zone) }

// AddDays is the day n days later, or earlier where n is negative. No day stays no day.
func (d Day) AddDays(n int) Day {
	if d.IsZero() {
		return d
	}
	return dayOf(d.utc().AddDate(0, 0, n))
}

// Sub is the number of days from e to d, negative where d is the earlier one.
func (d Day) Sub(e Day) int { return int(d.utc().Unix()/secondsADay - e.utc().Unix()/secondsADay) }

const secondsADay = 24 * 60 * 60

// Compare is negative where d is before e, positive where it is after e, else 0. No day is before every day.
func (d Day) Compare(e Day) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before tells that d is an earlier day than e.
func (d Day) Before(e Day) bool { return d.Compare(e) < 0 }

// After tells that d is a later day than e.
func (d Day) After(e Day) bool { return d.Compare(e) > 0 }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// IsZero tells that there is no day.
func (d Day) IsZero() bool { return d == Day{} }

// String is the day as YYYY-MM-DD, "" for no day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes the day as String does.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD, and "" as no day.
func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Day{}
		return nil
	}
	read, err := ParseDay(string(text))
	if err != nil {
		return err
	}
	*d = read
	return nil
}

func (d Day) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func dayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{Year: y, Month: m, Day: d}
}

// OrUTC is the zone, or UTC where none is known.
func OrUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
