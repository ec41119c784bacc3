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

// errNoDay names the only form in which days are read.
var errNoDay = errors.New("not a day: write it as YYYY-MM-DD")

// DayOf returns the day in zone at the instant t; UTC if zone is nil. The zero time has no day.
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

// In returns the first instant of the day in zone: midnight, or the end of the gap if clocks skip midnight.
func (d Day) In(zone *time.Location) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return wall(d, 0, OrUTC(zone))
}

// End returns the first instant after the day in zone, which is the start of the next day.
func (d Day) End(zone *time.Location) time.Time { return d.AddDays(1).In(zone) }

// AddDays returns the day n days later, or earlier if n is negative. The zero Day stays zero.
func (d Day) AddDays(n int) Day {
	if d.IsZero() {
		return d
	}
	return dayOf(d.utc().AddDate(0, 0, n))
}

// Sub returns the number of days from e to d, negative if d is the earlier one.
func (d Day) Sub(e Day) int { return int(d.utc().Unix()/secondsPerDay - e.utc().Unix()/secondsPerDay) }

const secondsPerDay = 24 * 60 * 60

// Compare returns a negative number if d is before e, a positive one if it is after e, else 0. The zero Day is before every day.
func (d Day) Compare(e Day) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d is an earlier day than e.
func (d Day) Before(e Day) bool { return d.Compare(e) < 0 }

// After reports whether d is a later day than e.
func (d Day) After(e Day) bool { return d.Compare(e) > 0 }

// Weekday returns the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// IsZero reports whether d is no day.
func (d Day) IsZero() bool { return d == Day{} }

// String returns the day as YYYY-MM-DD, "" for no day.
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

// OrUTC returns the zone, or UTC if it is nil.
func OrUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}
