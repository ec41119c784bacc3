package locale_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/locale"
)

func day(t interface{ Fatalf(string, ...any) }, text string) locale.Day {
	read, err := locale.ParseDay(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return read
}

func TestParcelsDoNotMoveOnPublicHolidays(t *testing.T) {
	for country, days := range map[string]string{
		"AT": "2026-10-26", "AU": "2026-01-26", "BE": "2026-07-21", "CH": "2028-08-01", "CY": "2026-04-13", "CZ": "2026-10-28",
		"DE": "2026-04-03 2026-05-14 2029-10-03", "DK": "2026-04-02", "EE": "2026-06-24", "ES": "2026-10-12", "FI": "2026-06-19 2027-12-06",
		"FR": "2026-07-14 2026-05-08", "GB": "2026-12-28 2026-08-31", "GR": "2026-04-13", "HR": "2026-08-05", "HU": "2026-10-23", "IE": "2026-03-17",
		"IS": "2026-06-17", "IT": "2026-06-02 2027-10-04", "JP": "2026-05-06", "LI": "2026-05-25", "LT": "2026-02-16", "LU": "2026-06-23", "LV": "2026-11-18",
		"MT": "2026-12-08", "NL": "2026-04-27 2026-12-25", "NO": "2027-05-17", "NZ": "2026-02-06 2026-07-10", "PL": "2026-11-11 2026-12-24",
		"PT": "2026-06-10 2026-06-04", "RO": "2026-12-01", "SE": "2026-06-19 2026-12-24", "SI": "2027-02-08", "SK": "2027-07-05",
		"US": "2026-11-26 2026-07-03 2027-12-31", "ZA": "2026-09-24", "BR": "2026-09-07 2026-11-20", "BG": "2026-03-03", "CA": "2026-07-01",
	} {
		calendar := locale.NewCalendar([]string{country}, nil)
		for text := range strings.FieldsSeq(days) {
			if calendar.Business(day(t, text)) {
				t.Errorf("%s is a business day in %s", text, country)
			}
		}
	}
	for country, days := range map[string]string{
		"NL": "2026-04-03 2026-05-05 2026-11-26", "PL": "2024-12-24", "CH": "2026-05-01", "US": "2026-11-27", "DK": "2026-05-01", "FI": "2026-06-18",
		"ZZ": "2026-12-25", "SK": "2026-09-01", "HU": "2023-12-22", "GB": "2026-12-24",
	} {
		calendar := locale.NewCalendar([]string{country}, nil)
		for text := range strings.FieldsSeq(days) {
			if !calendar.Business(day(t, text)) {
				t.Errorf("%s is no business day in %s", text, country)
			}
		}
	}
}

func TestAWeekendIsThatOfTheCountry(t *testing.T) {
	const friday, saturday, sunday = "2026-11-20", "2026-11-21", "2026-11-22"
	for country, want := range map[string][]string{
		"NL": {saturday, sunday}, "SA": {friday, saturday}, "AE": {saturday, sunday}, "IN": {sunday}, "IR": {friday}, "": {saturday, sunday},
	} {
		calendar := locale.NewCalendar([]string{country}, nil)
		var closed []string
		for _, text := range []string{"2026-11-19", friday, saturday, sunday, "2026-11-23"} {
			if !calendar.Business(day(t, text)) {
				closed = append(closed, text)
			}
		}
		if !slices.Equal(closed, want) {
			t.Errorf("%q is closed on %v, want %v", country, closed, want)
		}
	}
}

func TestHolidaysOfOriginAndDestinationBothCount(t *testing.T) {
	calendar := locale.NewCalendar([]string{"nl", "DE", "NL"}, nil)
	for _, text := range []string{"2026-04-27", "2026-05-01", "2026-04-03"} { // King's Day, Labour Day, Good Friday
		if calendar.Business(day(t, text)) {
			t.Errorf("%s is a business day from the Netherlands to Germany", text)
		}
	}
}

func TestAShopIsClosedOnItsOwnDays(t *testing.T) {
	calendar := locale.NewCalendar([]string{"NL"}, []string{"2026-12-28", "12-24", "02-29", "24-12", "", "soon"})
	for _, text := range []string{"2026-12-28", "2026-12-24", "2027-12-24", "2028-02-29"} {
		if calendar.Business(day(t, text)) {
			t.Errorf("%s is a business day", text)
		}
	}
	if text := "2027-12-28"; !calendar.Business(day(t, text)) {
		t.Errorf("%s is no business day", text)
	}
}

func TestBusinessDaysAreCountedPastChristmas(t *testing.T) {
	calendar := locale.NewCalendar([]string{"NL"}, nil)
	for _, test := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-12-24", 0, "2026-12-24"},
		{"2026-12-24", 1, "2026-12-28"},
		{"2026-12-24", 4, "2026-12-31"},
		{"2026-12-24", 5, "2027-01-04"},
		{"2026-12-28", -1, "2026-12-24"},
		{"2026-12-26", 1, "2026-12-28"},
	} {
		if got := calendar.AddBusinessDays(day(t, test.from), test.n).String(); got != test.want {
			t.Errorf("%d business days from %s is %s, want %s", test.n, test.from, got, test.want)
		}
	}
	if got := calendar.NextBusinessDay(day(t, "2026-12-25")).String(); got != "2026-12-28" {
		t.Errorf("the business day from Christmas on is %s", got)
	}
	if got := calendar.NextBusinessDay(day(t, "2026-12-24")).String(); got != "2026-12-24" {
		t.Errorf("the business day from Christmas Eve on is %s", got)
	}
}

func TestACalendarWithoutBusinessDaysLeavesTheDay(t *testing.T) {
	calendar := locale.NewCalendar([]string{"NL", "AF", "IN", "SA"}, nil) // Thursday to Sunday
	if got := calendar.NextBusinessDay(day(t, "2026-11-26")).String(); got != "2026-11-30" {
		t.Errorf("the next business day is %s", got)
	}
	var always []string
	for n := range 366 {
		always = append(always, locale.Day{Year: 2000, Month: 1, Day: 1}.AddDays(n).String()[len("2000-"):])
	}
	closed := locale.NewCalendar(nil, always)
	if got := closed.AddBusinessDays(day(t, "2026-11-26"), 2).String(); got != "2026-11-28" {
		t.Errorf("two days later is %s", got)
	}
}

func TestMoreBusinessDaysNeverEndEarlier(t *testing.T) {
	countries := []string{"NL", "DE", "US", "JP", "SA", "GB", "PL", "FI", "IN", "ZZ"}
	rapid.Check(t, func(t *rapid.T) {
		calendar := locale.NewCalendar(rapid.SliceOfN(rapid.SampledFrom(countries), 0, 3).Draw(t, "countries"), []string{"12-24", "2027-01-04"})
		from := locale.DayOf(drawTime(t), nil)
		n := rapid.IntRange(0, 40).Draw(t, "days")
		end := calendar.AddBusinessDays(from, n)
		if next := calendar.AddBusinessDays(from, n+1); !next.After(end) || !calendar.Business(next) {
			t.Fatalf("%d business days from %v end on %v, one more on %v", n, from, end, next)
		}
		if later := calendar.AddBusinessDays(from.AddDays(1), n); later.Before(end) {
			t.Fatalf("%d business days from %v end on %v, but a day later on %v", n, from, end, later)
		}
		business := 0
		for d := from.AddDays(1); !d.After(end); d = d.AddDays(1) {
			if calendar.Business(d) {
				business++
			}
		}
		if business != n {
			t.Fatalf("there are %d business days from %v to %v, want %d", business, from, end, n)
		}
		if back := calendar.AddBusinessDays(end, -n); n > 0 && calendar.Business(from) && back != from {
			t.Fatalf("%d business days before %v is %v, want %v", n, end, back, from)
		}
	})
}

func TestCalendarsAreSharedBetweenGoroutines(t *testing.T) {
	calendar := locale.NewCalendar([]string{"NL", "US"}, nil)
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for year := 1990; year < 2110; year++ {
				if calendar.Business(locale.Day{Year: year, Month: 12, Day: 25}) {
					t.Errorf("Christmas of %d is a business day", year)
				}
			}
		})
	}
	running.Wait()
}
