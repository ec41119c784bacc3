package locale

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// Public holidays come from github.com/rickar/cal (BSD-3-Clause, no dependencies): it computes movable feasts and days observed instead
// from rules, for most countries that are delivered to, where a table would end with some year. Its release of 2023 does not know later
// laws. So the lists here add those laws and missing countries, and leave out days that only some regions
// keep or on which carriers deliver.

// holidayRules returns nil for a country whose holidays are not known; every day but the weekend is a business day there.
func holidayRules(country string) func() []*cal.Holiday { return rulesByCountry()[country] }

var rulesByCountry = sync.OnceValue(func() map[string]func() []*cal.Holiday {
	cal.DefaultLoc = time.UTC // holidays are computed as midnights, which a local zone may skip
	return map[string]func() []*cal.Holiday{
		"AT": fixed(at.Holidays),
		"AU": fixed([]*cal.Holiday{au.NewYear, au.AustraliaDay, au.GoodFriday, au.EasterMonday, au.AnzacDay, au.ChristmasDay, au.BoxingDay}),
		"BE": fixed(be.Holidays),
		"BG": fixed(bg.Holidays),
		"BR": fixed(append(slices.Clone(br.Holidays), since(2024, on(time.November, 20)))),
		"CA": fixed(ca.Holidays),
		"CH": swissHolidays,
		"CY": cypriotHolidays,
		"CZ": fixed(cz.Holidays),
		"DE": fixed(de.Holidays),
		"DK": fixed(dk.Holidays),
		"EE": estonianHolidays,
		"ES": fixed(es.Holidays),
		"FI": finnishHolidays,
		"FR": fixed(fr.Holidays),
		"GB": fixed(gb.Holidays),
		"GR": fixed(gr.Holidays),
		"HR": fixed(hr.Holidays),
		"HU": hungarianHolidays,
		"IE": fixed(ie.Holidays),
		"IS": icelandicHolidays,
		"IT": fixed(append(slices.Clone(it.Holidays), since(2026, on(time.October, 4)))),
		"JP": fixed(jp.Holidays),
		"LI": liechtensteinHolidays,
		"LT": fixed(lt.Holidays),
		"LU": luxembourgHolidays,
		"LV": fixed(lv.Holidays),
		"MT": malteseHolidays,
		"NL": fixed(without(nl.Holidays, nl.GoedeVrijdag, nl.BevrijdingsDag)), // both are working days at carriers
		"NO": fixed(no.Holidays),
		"NZ": fixed(append(slices.Clone(nz.Holidays), &cal.Holiday{Func: matariki})),
		"PL": fixed(append(slices.Clone(pl.Holidays), since(2025, on(time.December, 24)))),
		"PT": portugueseHolidays,
		"RO": fixed(append(slices.Clone(ro.Holidays), since(2024, on(time.January, 6)), since(2024, on(time.January, 7)))),
		"SE": fixed(se.Holidays),
		"SI": fixed(si.Holidays),
		"SK": fixed(without(sk.Holidays, sk.Liberation, sk.Constitution, sk.LadyOfSorrows, sk.Freedom)), // no longer days off since 2026
		"US": fixed(us.Holidays),
		"ZA": fixed(za.Holidays),
	}
})

func fixed(list []*cal.Holiday) func() []*cal.Holiday {
	return func() []*cal.Holiday { return list }
}

func without(list []*cal.Holiday, but ...*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(list), func(h *cal.Holiday) bool { return slices.Contains(but, h) })
}

// on returns a holiday on the same date every year.
func on(month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Month: month, Day: day, Func: cal.CalcDayOfMonth}
}

// easter returns a holiday that many days after Easter Sunday.
func easter(days int) *cal.Holiday {
	return &cal.Holiday{Offset: days, Func: cal.CalcEasterOffset}
}

// orthodoxEaster returns a holiday that many days after the Easter Sunday of the Orthodox churches.
func orthodoxEaster(days int) *cal.Holiday {
	return &cal.Holiday{Offset: days, Func: cal.CalcEasterOffset, Julian: true}
}

// weekdayFrom returns a holiday on the first such weekday from the date on.
func weekdayFrom(weekday time.Weekday, month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Month: month, Day: day, Weekday: weekday, Offset: 1, Func: cal.CalcWeekdayFrom}
}

func since(year int, h *cal.Holiday) *cal.Holiday {
	h.StartYear = year
	return h
}

// swissHolidays are those that nearly all cantons keep.
func swissHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		ch.Neujahr, ch.Karfreitag, ch.Ostermontag, ch.Auffahrt, ch.Pfingstmontag, ch.Bundesfeiertag, ch.Weihnachtstag, ch.ZweiterWeihnachtsfeiertag,
	}
}

func cypriotHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, aa.Epiphany, orthodoxEaster(-48), on(time.March, 25), on(time.April, 1), orthodoxEaster(-2), orthodoxEaster(1), on(time.May, 1),
		orthodoxEaster(50), aa.AssumptionOfMary, on(time.October, 1), on(time.October, 28), aa.ChristmasDay, aa.ChristmasDay2,
	}
}

func estonianHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, on(time.February, 24), aa.GoodFriday, on(time.May, 1), on(time.June, 23), on(time.June, 24), on(time.August, 20),
		on(time.December, 24), aa.ChristmasDay, aa.ChristmasDay2,
	}
}

// finnishHolidays include the eves of midsummer and Christmas, on which nothing is delivered.
func finnishHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, aa.Epiphany, aa.GoodFriday, aa.EasterMonday, on(time.May, 1), aa.AscensionDay,
		weekdayFrom(time.Friday, time.June, 19), weekdayFrom(time.Saturday, time.June, 20), weekdayFrom(time.Saturday, time.October, 31),
		on(time.December, 6), on(time.December, 24), aa.ChristmasDay, aa.ChristmasDay2,
	}
}

// hungarianHolidays include Christmas Eve, which a yearly decree makes a day of rest.
func hungarianHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, on(time.March, 15), aa.GoodFriday, aa.EasterMonday, on(time.May, 1), aa.PentecostMonday, on(time.August, 20),
		on(time.October, 23), on(time.November, 1), since(2024, on(time.December, 24)), aa.ChristmasDay, aa.ChristmasDay2,
	}
}

func icelandicHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, easter(-3), aa.GoodFriday, aa.EasterMonday, weekdayFrom(time.Thursday, time.April, 19), on(time.May, 1), aa.AscensionDay,
		aa.PentecostMonday, on(time.June, 17), weekdayFrom(time.Monday, time.August, 1), on(time.December, 24), aa.ChristmasDay, aa.ChristmasDay2,
		on(time.December, 31),
	}
}

func liechtensteinHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, aa.Epiphany, aa.GoodFriday, aa.EasterMonday, on(time.May, 1), aa.AscensionDay, aa.PentecostMonday, easter(60),
		aa.AssumptionOfMary, on(time.September, 8), on(time.November, 1), on(time.December, 8), aa.ChristmasDay, aa.ChristmasDay2,
	}
}

func luxembourgHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, aa.EasterMonday, on(time.May, 1), on(time.May, 9), aa.AscensionDay, aa.PentecostMonday, on(time.June, 23),
		aa.AssumptionOfMary, on(time.November, 1), aa.ChristmasDay, aa.ChristmasDay2,
	}
}

func malteseHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, on(time.February, 10), on(time.March, 19), on(time.March, 31), aa.GoodFriday, on(time.May, 1), on(time.June, 7),
		on(time.June, 29), aa.AssumptionOfMary, on(time.September, 8), on(time.September, 21), on(time.December, 8), on(time.December, 13), aa.ChristmasDay,
	}
}

func portugueseHolidays() []*cal.Holiday {
	return []*cal.Holiday{
		aa.NewYear, aa.GoodFriday, on(time.April, 25), on(time.May, 1), easter(60), on(time.June, 10), aa.AssumptionOfMary, on(time.October, 5),
		on(time.November, 1), on(time.December, 1), on(time.December, 8), aa.ChristmasDay,
	}
}

// holidaysOfYear returns the days of the year on which a holiday is, or is observed instead. The day that is observed for a holiday
// can be in the previous year: New Year's Day 2028 is a Saturday, so that offices in the US close on 31 December 2027.
func holidaysOfYear(rules []*cal.Holiday, year int) []monthDay {
	var days []monthDay
	add := func(t time.Time) {
		day := monthDay{t.Month(), int8(t.Day())}
		if t.Year() == year && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	for _, rule := range rules {
		for _, y := range []int{year, year + 1} {
			actual, observed := rule.Calc(y)
			if !actual.IsZero() {
				add(actual)
				add(observed)
			}
		}
	}
	return days
}

// matariki is New Zealand's holiday of the Māori new year, on dates that its law lists up to 2052.
func matariki(_ *cal.Holiday, year int) time.Time {
	const first = 2022
	days := [...]string{
		"06-24", "07-14", "06-28", "06-20", "07-10", "06-25", "07-14", "07-06", "06-21", "07-11", "07-02", "06-24", "07-07", "06-29", "07-18", "07-10",
		"06-25", "07-15", "07-06", "07-19", "07-11", "07-03", "06-24", "07-07", "06-29", "07-19", "07-03", "06-25", "07-15", "06-30", "06-21",
	}
	if year < first || year >= first+len(days) {
		return time.Time{}
	}
	date, _ := time.Parse(time.DateOnly, strconv.Itoa(year)+"-"+days[year-first])
	return date
}
