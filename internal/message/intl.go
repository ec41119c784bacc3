package message

import (
	"strconv"
	"strings"
	"time"
)

// intl is how one language writes dates and money. Patterns hold {w} weekday, {d} day, {m} month, {h} hour, {i} minute.
type intl struct {
	name                       string // of the language, in the language
	full, date, short, time    string
	first                      string    // of a month, where that is written as an ordinal: "1er"; "" elsewhere
	weekdays                   [7]string // Sunday first
	weekdaysOn                 [7]string // as in "on Friday", where the language has a form of its own for that
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

// fullDay is the day with its weekday: "vrijdag 27 november".
func (l intl) fullDay(t time.Time) string {
	return fill(l.full, "{w}", l.weekdays[t.Weekday()], "{d}", l.dayOfMonth(t), "{m}", l.months[t.Month()-1])
}

// monthDay is the day without its weekday: "27 november".
func (l intl) monthDay(t time.Time) string {
	return fill(l.date, "{d}", l.dayOfMonth(t), "{m}", l.months[t.Month()-1])
}

// shortDay is for lists: "27 nov".
func (l intl) shortDay(t time.Time) string {
	return fill(l.short, "{d}", l.dayOfMonth(t), "{m}", l.shortMonths[t.Month()-1])
}

func (l intl) dayOfMonth(t time.Time) string {
	if t.Day() == 1 && l.first != "" {
		return l.first
	}
	return strconv.Itoa(t.Day())
}

// weekdayOn is the weekday as it stands in "on Friday"; the preposition is part of it only where its form depends on the day.
func (l intl) weekdayOn(t time.Time) string {
	if on := l.weekdaysOn[t.Weekday()]; on != "" {
		return on
	}
	return l.weekdays[t.Weekday()]
}

func (l intl) clock(t time.Time) string {
	return fill(l.time, "{h}", t.Format("15"), "{i}", t.Format("04"))
}

// amount writes minor units of an ISO 4217 currency.
func (l intl) amount(minor int64, currency string) string {
	symbol := l.symbols[currency]
	if symbol == "" {
		symbol = currency
	}
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return sign + strings.NewReplacer("N", l.number(minor, digitsOf(currency)), "¤", symbol).Replace(l.money.pattern)
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

func digitsOf(currency string) int {
	if n, odd := currencyDigits[currency]; odd {
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
