package message

import (
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

var thursday = time.Date(2026, 11, 26, 9, 5, 0, 0, time.UTC)

func TestDatesReadAsEachLanguageWritesThem(t *testing.T) {
	for locale, want := range map[string][4]string{
		"en": {"Thursday 26 November", "26 November", "26 Nov", "09:05"},
		"nl": {"donderdag 26 november", "26 november", "26 nov", "09:05"},
		"sv": {"torsdag 26 november", "26 november", "26 nov.", "09:05"},
		"es": {"jueves, 26 de noviembre", "26 de noviembre", "26 nov", "09:05"},
		"pl": {"czwartek, 26 listopada", "26 listopada", "26 lis", "09:05"},
		"de": {"Donnerstag, 26. November", "26. November", "26. Nov.", "09:05"},
		"fr": {"jeudi 26 novembre", "26 novembre", "26 nov.", "09:05"},
		"it": {"giovedì 26 novembre", "26 novembre", "26 nov", "09:05"},
		"da": {"torsdag 26. november", "26. november", "26. nov.", "09.05"},
		"fi": {"torstai 26. marraskuuta", "26. marraskuuta", "26.11.", "09.05"},
	} {
		l := intlTable[locale]
		got := [4]string{l.fullDay(dayOf(thursday), false), l.monthDay(dayOf(thursday), false), l.shortDay(dayOf(thursday)), l.clock(thursday)}
		if got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
}

func TestTheFirstOfAMonthIsWrittenAsItIsSaid(t *testing.T) {
	first := time.Date(2026, 12, 1, 9, 5, 0, 0, time.UTC)
	for locale, want := range map[string]string{"fr": "mardi 1er décembre", "it": "martedì 1º dicembre", "de": "Dienstag, 1. Dezember", "nl": "dinsdag 1 december"} {
		if got := intlTable[locale].fullDay(dayOf(first), false); got != want {
			t.Errorf("%s: %q, want %q", locale, got, want)
		}
	}
}

func TestMoneyReadsAsEachLanguageWritesIt(t *testing.T) {
	const nbsp = "\u00a0"
	for _, test := range []struct {
		locale   string
		minor    int64
		currency string
		want     string
	}{
		{"en", 123450, "EUR", "€1,234.50"}, {"nl", 123450, "EUR", "€ 1.234,50"}, {"sv", 123450, "SEK", "1 234,50 kr"},
		{"es", 123450, "EUR", "1234,50 €"}, {"es", 1234550, "EUR", "12.345,50 €"}, {"pl", 123450, "PLN", "1234,50 zł"},
		{"de", 5, "EUR", "0,05 €"}, {"de", 123450, "EUR", "1.234,50 €"}, {"fr", 123450, "EUR", "1 234,50 €"}, {"it", 1234550, "EUR", "12.345,50 €"}, {"en", 500, "JPY", "JP¥500"}, {"nl", -995, "EUR", "-€ 9,95"}, {"en", 100, "XTS", "XTS 1.00"},
		{"sv", 123456789, "ISK", "123 456 789 Ikr"}, {"en", 150000, "HUF", "HUF 1,500.00"},
		{"en", 50000, "KRW", "KRW 50,000"}, {"en", 25000, "KWD", "KWD 25.000"}, {"en", 29990, "CLP", "CLP 29,990"}, {"de", 50000, "KRW", "50.000 KRW"}, {"en", 189900, "SEK", "SEK 1,899.00"},
	} {
		got := strings.NewReplacer(nbsp, " ", "\u202f", " ").Replace(intlTable[test.locale].amount(test.minor, test.currency))
		if got != test.want {
			t.Errorf("%s %d %s: %q, want %q", test.locale, test.minor, test.currency, got, test.want)
		}
	}
}

func TestEveryLanguageHasAWholeCalendar(t *testing.T) {
	for locale, l := range intlTable {
		texts := []string{l.name, l.yesterday, l.today, l.tomorrow, l.amount(1, "EUR")}
		for m := range 12 {
			day := time.Date(2026, time.Month(m+1), m+3, 14, 30, 0, 0, time.UTC)
			texts = append(texts, l.fullDay(dayOf(day), false), l.fullDay(dayOf(day), true), l.monthDay(dayOf(day), false), l.monthDay(dayOf(day), true), l.shortDay(dayOf(day)),
				l.span(dayOf(day), dayOf(day.AddDate(0, 0, 2)), false), l.span(dayOf(day), dayOf(day.AddDate(0, 0, 30)), false), l.clock(day), l.weekdayOn(dayOf(day)))
		}
		for _, text := range texts {
			if text == "" || strings.ContainsAny(text, "{}¤") || strings.Contains(text, "cccc") {
				t.Errorf("%s: %q", locale, text)
			}
		}
	}
	for _, locale := range BuiltinLocales() {
		if intlTable[locale].name == "" {
			t.Errorf("%s has texts and no calendar", locale)
		}
	}
}

func TestAnEtaReadsAsASentenceWouldSayIt(t *testing.T) {
	zone := time.UTC
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, zone) }
	window := tracking.ETA{From: at(27, 14), To: at(27, 16)}
	day := tracking.ETA{From: at(27, 0), To: at(27, 0), DayOnly: true}
	days := tracking.ETA{From: at(27, 0), To: at(30, 0), DayOnly: true}
	instant := tracking.ETA{To: at(27, 14)}
	for _, test := range []struct {
		name, locale string
		eta          tracking.ETA
		now          time.Time
		want         string
	}{
		{"today", "en", window, at(27, 8), "today between 14:00 and 16:00"},
		{"tomorrow", "nl", window, at(26, 8), "morgen, vrijdag 27 november tussen 14:00 en 16:00"},
		{"a day ahead", "sv", day, at(24, 8), "fredag 27 november"},
		{"a day ahead, with its article", "es", day, at(24, 8), "el viernes 27 de noviembre"},
		{"a day ahead, in its case", "pl", day, at(24, 8), "w piątek 27 listopada"},
		{"Wednesday, in its case", "pl", tracking.ETA{From: at(25, 0), DayOnly: true}, at(20, 8), "w środę 25 listopada"},
		{"Tuesday, with its preposition", "pl", tracking.ETA{From: at(24, 0), DayOnly: true}, at(20, 8), "we wtorek 24 listopada"},
		{"tomorrow, within a sentence", "de", window, at(26, 8), "morgen (Freitag, 27. November) zwischen 14:00 und 16:00 Uhr"},
		{"tomorrow, within a sentence", "fr", window, at(26, 8), "demain vendredi 27 novembre entre 14:00 et 16:00"},
		{"tomorrow, within a sentence", "it", window, at(26, 8), "domani (venerdì 27 novembre) tra le 14:00 e le 16:00"},
		{"a day ahead", "de", day, at(24, 8), "am Freitag, 27. November"},
		{"a day ahead", "fr", day, at(24, 8), "le vendredi 27 novembre"},
		{"some days", "de", days, at(24, 8), "zwischen dem 27. November und dem 30. November"},
		{"some days", "fr", days, at(24, 8), "entre le vendredi 27 novembre et le lundi 30 novembre"},
		{"some days, whose article would depend on the number", "it", days, at(24, 8), "tra venerdì 27 novembre e lunedì 30 novembre"},
		{"some days", "nl", days, at(24, 8), "tussen vrijdag 27 november en maandag 30 november"},
		{"about an hour", "en", instant, at(27, 8), "today around 14:00"},
		{"yesterday", "en", window, at(28, 8), "yesterday between 14:00 and 16:00"},
		{"tomorrow across midnight of the zone", "en", day, at(26, 23), "tomorrow, Friday 27 November"},
	} {
		v := renderer(t, shop(test.locale)).Localizer("")
		if got := v.Eta(test.eta, utc(test.now)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestAWholeDayIsTheSameDayInEveryZone(t *testing.T) {
	v := renderer(t, shop("en")).Localizer("")
	day := tracking.ETA{From: time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC), DayOnly: true}
	for _, name := range []string{"America/New_York", "Pacific/Auckland", "Europe/Amsterdam"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := v.EtaDay(day, Clock{Zone: zone, Now: thursday}); got != "Friday 27 November" {
			t.Errorf("%s: %s", name, got)
		}
	}
}
