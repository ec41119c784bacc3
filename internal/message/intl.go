package message

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/wismo-dev/wismo/internal/locale"
)

// intl is how one language writes dates and money. Patterns hold {w} weekday, {d} day, {m} month, {y} year, {h} hour, {i} minute; a
// span's last day is {e} {n}.
type intl struct {
	name                       string // of the language, in the language
	full, date, short, time    string
	fullYear, dateYear         string // with the year, for a day that is far away
	spanDays, spanMonths       string // days of one month, and of two
	first                      string // of a month, where that is written as an ordinal: "1er"; "" elsewhere
	weekdays                   [7]string
	weekdaysOn                 [7]string // as in "on Friday", where the language has a form of its own for that; Sunday first, as weekdays
	months, shortMonths        [12]string
	yesterday, today, tomorrow string
	money                      moneyFormat
	symbols                    map[string]string
}

// moneyFormat holds N for the number and ¤ for the currency's symbol.
type moneyFormat struct {
	pattern, decimal, group string
	groupFrom               int // digits from which a number is grouped
}

// fullDay returns the day with its weekday: "vrijdag 27 november".
func (l intl) fullDay(d locale.Day, year bool) string {
	return l.write(pick(year, l.fullYear, l.full), d)
}

// monthDay returns the day without its weekday: "27 november".
func (l intl) monthDay(d locale.Day, year bool) string {
	return l.write(pick(year, l.dateYear, l.date), d)
}

// shortDay returns the day for lists: "27 nov".
func (l intl) shortDay(d locale.Day) string {
	return fill(l.short, "{d}", l.dayOfMonth(d), "{m}", l.shortMonths[d.Month-1])
}

// span returns a range of days: "27 – 30 november", "27 november – 2 december".
func (l intl) span(first, last locale.Day, year bool) string {
	if year || first.Year != last.Year {
		return l.monthDay(first, true) + " – " + l.monthDay(last, true)
	}
	pattern := pick(first.Month == last.Month, l.spanDays, l.spanMonths)
	return fill(pattern, "{d}", l.dayOfMonth(first), "{m}", l.months[first.Month-1], "{e}", l.dayOfMonth(last), "{n}", l.months[last.Month-1])
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func (l intl) write(pattern string, d locale.Day) string {
	return fill(pattern, "{w}", l.weekdays[d.Weekday()], "{d}", l.dayOfMonth(d), "{m}", l.months[d.Month-1], "{y}", strconv.Itoa(d.Year))
}

func (l intl) dayOfMonth(d locale.Day) string {
	if d.Day == 1 && l.first != "" {
		return l.first
	}
	return strconv.Itoa(d.Day)
}

// weekdayOn returns the weekday as it stands in "on Friday"; the preposition is part of it only where its form depends on the day.
func (l intl) weekdayOn(d locale.Day) string {
	if on := l.weekdaysOn[d.Weekday()]; on != "" {
		return on
	}
	return l.weekdays[d.Weekday()]
}

func (l intl) clock(t time.Time) string {
	return fill(l.time, "{h}", t.Format("15"), "{i}", t.Format("04"))
}

// amount writes minor units of an ISO 4217 currency. A symbol of letters stands apart from the number.
func (l intl) amount(minor int64, currency string) string {
	symbol := l.symbols[currency]
	if symbol == "" {
		symbol = currency
	}
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	pattern := l.money.pattern
	if last, _ := utf8.DecodeLastRuneInString(symbol); unicode.IsLetter(last) {
		pattern = strings.Replace(pattern, "¤N", "¤\u00a0N", 1)
	}
	return sign + strings.NewReplacer("N", l.number(minor, digitsOf(currency)), "¤", symbol).Replace(pattern)
}

func (l intl) number(minor int64, digits int) string {
	text := strconv.FormatInt(minor, 10)
	for len(text) <= digits {
		text = "0" + text
	}
	whole, fraction := text[:len(text)-digits], text[len(text)-digits:]
	if len(whole) >= l.money.groupFrom {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + l.money.group + whole[i:]
		}
	}
	if digits == 0 {
		return whole
	}
	return whole + l.money.decimal + fraction
}

// decimal writes a number that has a point as its decimal mark.
func (l intl) decimal(number string) string { return strings.Replace(number, ".", l.money.decimal, 1) }

// digitsOf returns the number of digits by which amounts of a currency were scaled when they were read.
func digitsOf(currency string) int {
	if n, known := locale.Digits(currency); known {
		return n
	}
	return 2
}

// fill replaces names in the pattern, each followed by its value; no value holds a name.
func fill(pattern string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		pattern = strings.Replace(pattern, pairs[i], pairs[i+1], 1)
	}
	return pattern
}
