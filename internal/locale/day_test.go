package locale_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/locale"
)

// zonesOfInterest change their clocks at all hours: at 01:00, 02:00 and 03:00, at midnight (Havana, Beirut, Cairo), by half an hour
// (Lord Howe), by a whole day (Apia in 2011), or never.
var zonesOfInterest = []string{
	"UTC", "Europe/Amsterdam", "Europe/Lisbon", "America/New_York", "America/Havana", "America/Santiago", "America/Sao_Paulo", "Asia/Beirut",
	"Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Asia/Kathmandu", "America/St_Johns",
}

func zone(t interface{ Fatalf(string, ...any) }, name string) *time.Location {
	loaded, err := time.LoadLocation(name)
	if err != nil {
		t.Fatalf("load %s: %v", name, err)
	}
	return loaded
}

func drawZone(t *rapid.T) *time.Location {
	return zone(t, rapid.SampledFrom(zonesOfInterest).Draw(t, "zone"))
}

// drawTime is an instant from 2005 to 2037 by the second.
func drawTime(t *rapid.T) time.Time {
	from, to := time.Date(2005, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	return time.Unix(rapid.Int64Range(from, to).Draw(t, "time"), 0)
}

func TestADayStartsAtTheFirstInstantThatCalendarsShowIt(t *testing.T) {
	for _, test := range []struct{ day, zone, start, end string }{
		{"2026-11-26", "Europe/Amsterdam", "2026-11-26T00:00:00+01:00", "2026-11-27T00:00:00+01:00"},
		{"2026-03-29", "Europe/Amsterdam", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"2026-10-25", "Europe/Amsterdam", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"},
		{"2018-11-04", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}, // midnight was skipped
		{"2026-09-06", "America/Santiago", "2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"},
		{"2025-11-02", "America/Havana", "2025-11-02T00:00:00-04:00", "2025-11-03T00:00:00-05:00"}, // midnight came twice
		{"2011-12-30", "Pacific/Apia", "2011-12-31T00:00:00+14:00", "2011-12-31T00:00:00+14:00"},   // the day was skipped
	} {
		day, err := locale.ParseDay(test.day)
		if err != nil {
			t.Fatal(err)
		}
		in := zone(t, test.zone)
		if start := day.In(in).Format(time.RFC3339); start != test.start {
			t.Errorf("%s in %s starts at %s, want %s", test.day, test.zone, start, test.start)
		}
		if end := day.End(in).Format(time.RFC3339); end != test.end {
			t.Errorf("%s in %s ends at %s, want %s", test.day, test.zone, end, test.end)
		}
	}
}

func TestEveryInstantLiesWithinItsDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, now := drawZone(t), drawTime(t)
		day := locale.DayOf(now, in)
		if now.Before(day.In(in)) || !now.Before(day.End(in)) {
			t.Fatalf("%v is not within %v, from %v to %v", now.In(in), day, day.In(in), day.End(in))
		}
		if got := locale.DayOf(day.In(in), in); got != day {
			t.Fatalf("%v starts on %v", day, got)
		}
	})
}

func TestADaySurvivesItsTextAndItsArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := locale.DayOf(drawTime(t), time.UTC)
		n := rapid.IntRange(-4000, 4000).Draw(t, "days")
		later := day.AddDays(n)
		if later.Sub(day) != n || later.AddDays(-n) != day {
			t.Fatalf("%v and %d days is %v, %d days later", day, n, later, later.Sub(day))
		}
		if later.After(day) != (n > 0) || later.Before(day) != (n < 0) {
			t.Fatalf("the order of %v and %v is wrong", day, later)
		}
		if later.Weekday() != time.Weekday(((int(day.Weekday())+n)%7+7)%7) {
			t.Fatalf("%v is a %v, and %v a %v", day, day.Weekday(), later, later.Weekday())
		}
		read, err := locale.ParseDay(day.String())
		if err != nil || read != day {
			t.Fatalf("%v is read as %v: %v", day, read, err)
		}
	})
}

func TestADayIsATextInJSON(t *testing.T) {
	type held struct {
		Day  locale.Day `json:"day"`
		None locale.Day `json:"none,omitzero"`
	}
	written, err := json.Marshal(held{Day: locale.Day{Year: 2026, Month: 4, Day: 1}})
	if err != nil || string(written) != `{"day":"2026-04-01"}` {
		t.Fatalf("written as %s: %v", written, err)
	}
	var read held
	if err := json.Unmarshal([]byte(`{"day":"2026-04-01","none":""}`), &read); err != nil || read.Day != (locale.Day{Year: 2026, Month: 4, Day: 1}) || !read.None.IsZero() {
		t.Errorf("read as %+v: %v", read, err)
	}
}

func TestOnlyADayIsReadAsADay(t *testing.T) {
	for _, text := range []string{"", "2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-01-01T00:00:00Z", "202605061400", "0000-01-01"} {
		if day, err := locale.ParseDay(text); err == nil {
			t.Errorf("%q is read as %v", text, day)
		}
	}
}

func TestNoDayStaysNone(t *testing.T) {
	var none locale.Day
	if !none.IsZero() || !none.AddDays(3).IsZero() || !none.In(time.UTC).IsZero() || none.String() != "" || !locale.DayOf(time.Time{}, nil).IsZero() {
		t.Error("the zero day became a day")
	}
	if !none.Before(locale.Day{Year: 1, Month: 1, Day: 1}) {
		t.Error("no day is not before the first day")
	}
}
