package locale_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/locale"
)

func TestAClockTimeIsFoundOnItsDayAlsoWhenClocksChange(t *testing.T) {
	for _, test := range []struct{ day, clock, zone, want string }{
		{"2026-11-26", "15:00", "America/Los_Angeles", "2026-11-26T15:00:00-08:00"},
		{"2026-11-26", "24:00", "Europe/Amsterdam", "2026-11-27T00:00:00+01:00"},
		{"2026-03-29", "01:59", "Europe/Amsterdam", "2026-03-29T01:59:00+01:00"},
		{"2026-03-29", "02:00", "Europe/Amsterdam", "2026-03-29T03:00:00+02:00"}, // clocks skip from 02:00 to 03:00
		{"2026-03-29", "02:30", "Europe/Amsterdam", "2026-03-29T03:00:00+02:00"},
		{"2026-03-29", "03:00", "Europe/Amsterdam", "2026-03-29T03:00:00+02:00"},
		{"2026-10-25", "02:30", "Europe/Amsterdam", "2026-10-25T02:30:00+02:00"}, // clocks show it twice
		{"2026-10-25", "03:00", "Europe/Amsterdam", "2026-10-25T03:00:00+01:00"},
		{"2026-10-04", "02:10", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00"},
		{"2026-11-26", "8:00", "UTC", "0001-01-01T00:00:00Z"},
		{"2026-11-26", "24:01", "UTC", "0001-01-01T00:00:00Z"},
		{"2026-11-26", "12:60", "UTC", "0001-01-01T00:00:00Z"},
		{"2026-11-26", "1a:00", "UTC", "0001-01-01T00:00:00Z"},
		{"2026-11-26", "", "UTC", "0001-01-01T00:00:00Z"},
	} {
		day, err := locale.ParseDay(test.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := locale.At(day, test.clock, zone(t, test.zone)).Format(time.RFC3339); got != test.want {
			t.Errorf("%s %s in %s is %s, want %s", test.day, test.clock, test.zone, got, test.want)
		}
	}
}

func TestNoInstantOfTheDayShowsTheClockTimeEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawZone(t)
		day := locale.DayOf(drawTime(t), in)
		minutes := rapid.IntRange(0, 24*60-1).Draw(t, "minutes")
		want := day.End(in)
		for at := day.In(in); at.Before(want); at = at.Add(time.Minute) {
			if hour, minute, _ := at.In(in).Clock(); hour*60+minute >= minutes {
				want = at
			}
		}
		if got := locale.At(day, fmt.Sprintf("%02d:%02d", minutes/60, minutes%60), in); !got.Equal(want) {
			t.Fatalf("%v %02d:%02d in %v is %v, want %v", day, minutes/60, minutes%60, in, got, want)
		}
	})
}

func TestQuietHoursEndWhenClocksShowTheirEnd(t *testing.T) {
	for _, test := range []struct{ now, start, end, zone, until string }{
		{"2026-11-26T23:00:00+01:00", "22:00", "08:00", "Europe/Amsterdam", "2026-11-27T08:00:00+01:00"},
		{"2026-11-26T07:59:59+01:00", "22:00", "08:00", "Europe/Amsterdam", "2026-11-26T08:00:00+01:00"},
		{"2026-11-26T08:00:00+01:00", "22:00", "08:00", "Europe/Amsterdam", ""},
		{"2026-11-26T21:59:59+01:00", "22:00", "08:00", "Europe/Amsterdam", ""},
		{"2026-11-26T22:00:00+01:00", "22:00", "08:00", "Europe/Amsterdam", "2026-11-27T08:00:00+01:00"},
		{"2026-11-26T13:00:00+01:00", "12:00", "14:00", "Europe/Amsterdam", "2026-11-26T14:00:00+01:00"},
		{"2026-11-26T14:00:00+01:00", "12:00", "14:00", "Europe/Amsterdam", ""},
		{"2026-03-28T23:00:00+01:00", "22:00", "08:00", "Europe/Amsterdam", "2026-03-29T08:00:00+02:00"},
		{"2026-10-24T23:00:00+02:00", "22:00", "08:00", "Europe/Amsterdam", "2026-10-25T08:00:00+01:00"},
		{"2026-03-28T23:00:00+01:00", "22:00", "02:30", "Europe/Amsterdam", "2026-03-29T03:00:00+02:00"},
		{"2026-11-26T23:00:00+01:00", "22:00", "24:00", "Europe/Amsterdam", "2026-11-27T00:00:00+01:00"},
		{"2026-11-27T02:00:00Z", "20:00", "08:00", "America/New_York", "2026-11-27T08:00:00-05:00"},
		{"2026-11-26T23:00:00+01:00", "22:00", "22:00", "Europe/Amsterdam", ""},
		{"2026-11-26T23:00:00+01:00", "00:00", "24:00", "Europe/Amsterdam", ""},
		{"2026-11-26T23:00:00+01:00", "24:00", "00:00", "Europe/Amsterdam", ""},
		{"2026-11-26T23:00:00+01:00", "", "", "Europe/Amsterdam", ""},
		{"2026-11-26T23:00:00+01:00", "10 pm", "08:00", "Europe/Amsterdam", ""},
	} {
		now, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		until, quiet := locale.QuietUntil(now, test.start, test.end, zone(t, test.zone))
		got := ""
		if quiet {
			got = until.Format(time.RFC3339)
		}
		if got != test.until {
			t.Errorf("at %s quiet hours %s-%s in %s end at %q, want %q", test.now, test.start, test.end, test.zone, got, test.until)
		}
	}
}

func TestQuietHoursEndInTheFutureAndWithinADay(t *testing.T) {
	const longest = 24*time.Hour + time.Hour // on the day on which clocks go back
	rapid.Check(t, func(t *rapid.T) {
		in := zone(t, rapid.SampledFrom(zonesOfInterest[:11]).Draw(t, "zone")) // without the day that Apia skipped
		now := drawTime(t)
		clock := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("%02d:%02d", rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"))
		})
		start, end := clock.Draw(t, "start"), clock.Draw(t, "end")
		until, quiet := locale.QuietUntil(now, start, end, in)
		if !quiet {
			return
		}
		if !until.After(now) || until.Sub(now) > longest {
			t.Fatalf("quiet hours %s-%s at %v end at %v", start, end, now.In(in), until)
		}
		if again, still := locale.QuietUntil(until, start, end, in); still && start != end && again.Sub(until) > 2*time.Hour {
			t.Fatalf("quiet hours %s-%s that end at %v go on until %v", start, end, until, again)
		}
	})
}
