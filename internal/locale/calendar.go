package locale

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Calendar knows on which days parcels move. A day is a business day if it is one in every country of
// the calendar: no weekend, no public holiday of the whole country and none of the shop's own closed days.
// The zero value knows Saturday and Sunday only. Calendars can be shared between goroutines.
type Calendar struct {
	countries []string
	weekend   [7]bool // by time.Weekday
	closed    []Day   // of one year, or of every year where Year is 0
}

// NewCalendar returns the calendar of countries (ISO 3166-1 alpha-2), such as those a parcel leaves and reaches, and of closed days
// ("2026-12-24", or "12-24" for every year). A closed day that is neither is left out. Without a country the weekend is Saturday and Sunday.
func NewCalendar(countries, closedDays []string) Calendar {
	var c Calendar
	for _, country := range countries {
		country = strings.ToUpper(strings.TrimSpace(country))
		if country == "" || slices.Contains(c.countries, country) { // most parcels stay in their country
			continue
		}
		c.countries = append(c.countries, country)
		for _, day := range weekendDays(country) {
			c.weekend[day] = true
		}
	}
	for _, text := range closedDays {
		if day, ok := parseClosedDay(text); ok {
			c.closed = append(c.closed, day)
		}
	}
	return c
}

func parseClosedDay(text string) (Day, bool) {
	if day, err := ParseDay(text); err == nil {
		return day, true
	}
	const leapYear = "2000-"
	day, err := ParseDay(leapYear + text)
	return Day{Month: day.Month, Day: day.Day}, err == nil
}

// Business reports whether the day is a business day.
func (c Calendar) Business(day Day) bool {
	if day.IsZero() || c.isWeekend(day.Weekday()) {
		return false
	}
	for _, closed := range c.closed {
		if closed == day || closed == (Day{Month: day.Month, Day: day.Day}) {
			return false
		}
	}
	for _, country := range c.countries {
		if isHoliday(country, day) {
			return false
		}
	}
	return true
}

func (c Calendar) isWeekend(day time.Weekday) bool {
	if len(c.countries) == 0 {
		return day == time.Saturday || day == time.Sunday
	}
	return c.weekend[day]
}

// maxClosedDays ends the search for a business day in a calendar that has none.
const maxClosedDays = 60

// NextBusinessDay returns the day itself if it is a business day, else the first one after it.
// If 60 days in a row are closed, the calendar is wrong and it returns the day itself.
func (c Calendar) NextBusinessDay(day Day) Day { return c.search(day, 1) }

// AddBusinessDays returns the n-th business day after the day, or before it if n is negative; for 0 the day itself.
func (c Calendar) AddBusinessDays(day Day, n int) Day {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for ; n > 0; n-- {
		day = c.search(day.AddDays(step), step)
	}
	return day
}

func (c Calendar) search(from Day, step int) Day {
	day := from
	for range maxClosedDays {
		if c.Business(day) {
			return day
		}
		day = day.AddDays(step)
	}
	return from
}

// weekendDays returns the weekend of the country by the week data of CLDR 48, or by national law if CLDR has none (BD, MV, PS).
func weekendDays(country string) []time.Weekday {
	switch country {
	case "BD", "BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "MV", "OM", "PS", "QA", "SA", "SD", "SY", "YE":
		return []time.Weekday{time.Friday, time.Saturday}
	case "AF":
		return []time.Weekday{time.Thursday, time.Friday}
	case "IR":
		return []time.Weekday{time.Friday}
	case "IN", "UG":
		return []time.Weekday{time.Sunday}
	default:
		return []time.Weekday{time.Saturday, time.Sunday}
	}
}

// isHoliday reports whether the day is a public holiday of the whole country.
func isHoliday(country string, day Day) bool {
	return slices.Contains(holidaysIn(country, day.Year), monthDay{day.Month, int8(day.Day)})
}

// monthDay is a day without its year.
type monthDay struct {
	month time.Month
	day   int8
}

type countryYear struct {
	country string
	year    int
}

// holidays holds []monthDay by countryYear. It stays small: only countries with holidays and years near the present enter it.
var holidays sync.Map

const firstCachedYear, lastCachedYear = 2000, 2099

func holidaysIn(country string, year int) []monthDay {
	rules := holidayRules(country)
	if rules == nil {
		return nil
	}
	key := countryYear{country, year}
	if days, ok := holidays.Load(key); ok {
		return days.([]monthDay)
	}
	days := holidaysOfYear(rules(), year)
	if firstCachedYear <= year && year <= lastCachedYear {
		holidays.Store(key, days)
	}
	return days
}
