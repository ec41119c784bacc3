package corpus

import "time"

// date is a calendar day as midnight UTC.
type date = time.Time

func on(year int, month time.Month, day int) date {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// dateOf returns the day of an instant in a zone.
func dateOf(t time.Time, zone string) date {
	y, m, d := t.In(Location(zone)).Date()
	return on(y, m, d)
}

// clock returns the time of a local clock; minutes count from midnight on the wall clock.
func clock(day date, zone string, minutes int) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, minutes/60, minutes%60, 0, 0, Location(zone)).UTC()
}

// written returns the day as a Day.
func written(day date) Day { return Day(day.Format(time.DateOnly)) }

// fixedHolidays are the public holidays that have a date, by country; the list has those that affect parcels most.
var fixedHolidays = map[string][]string{
	"NL": {"01-01", "04-27", "12-25", "12-26"},
	"SE": {"01-01", "01-06", "05-01", "06-06", "12-25", "12-26"},
	"DE": {"01-01", "05-01", "10-03", "12-25", "12-26"},
	"GB": {"01-01", "12-25", "12-26"},
	"PL": {"01-01", "01-06", "05-01", "05-03", "08-15", "11-01", "11-11", "12-25", "12-26"},
	"ES": {"01-01", "01-06", "05-01", "08-15", "10-12", "11-01", "12-06", "12-08", "12-25"},
	"FR": {"01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"},
	"IT": {"01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"},
	"US": {"01-01", "06-19", "07-04", "11-11", "12-25"},
}

// easterHolidays are the countries' holidays by their distance in days from Easter Sunday.
var easterHolidays = map[string][]int{
	"NL": {1, 39, 50}, "SE": {-2, 1, 39}, "DE": {-2, 1, 39, 50}, "GB": {-2, 1}, "PL": {1, 60}, "ES": {-2}, "FR": {1, 39, 50}, "IT": {1},
}

// isHoliday reports whether a day is a public holiday in the whole of a country.
func isHoliday(day date, country string) bool {
	for _, fixed := range fixedHolidays[country] {
		if day.Format("01-02") == fixed {
			return true
		}
	}
	for _, offset := range easterHolidays[country] {
		if day.Equal(easter(day.Year()).AddDate(0, 0, offset)) {
			return true
		}
	}
	return country == "US" && (isNth(day, time.November, time.Thursday, 4) || isNth(day, time.September, time.Monday, 1))
}

func isNth(day date, month time.Month, weekday time.Weekday, n int) bool {
	return day.Month() == month && day.Weekday() == weekday && (day.Day()-1)/7 == n-1
}

// easter returns the Sunday of Easter by the Gregorian computus (Meeus, Jones, Butcher).
func easter(year int) date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	month, day := (h+l-7*m+114)/31, (h+l-7*m+114)%31+1
	return on(year, time.Month(month), day)
}

// isWorkday reports whether shops pack and parcels move on a day: Monday to Friday without holidays.
func isWorkday(day date, country string) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !isHoliday(day, country)
}

// isRound reports whether carriers deliver on a day: Monday to Saturday without holidays.
func isRound(day date, country string) bool {
	return day.Weekday() != time.Sunday && !isHoliday(day, country)
}

// workday returns the n-th working day after a day; with 0 the day itself, or the next one that is.
func workday(day date, n int, country string) date {
	return nextOf(day, n, func(d date) bool { return isWorkday(d, country) })
}

// roundDay returns the n-th day of delivery after a day; with 0 the day itself, or the next one that is.
func roundDay(day date, n int, country string) date {
	return nextOf(day, n, func(d date) bool { return isRound(d, country) })
}

func nextOf(day date, n int, fits func(date) bool) date {
	for {
		if fits(day) {
			if n == 0 {
				return day
			}
			n--
		}
		day = day.AddDate(0, 0, 1)
	}
}
