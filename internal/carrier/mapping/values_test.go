package mapping

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestEveryWayInWhichACarrierWritesATimeIsReadInItsOwnOffset(t *testing.T) {
	stockholm := clock{zone: zone(t, "Europe/Stockholm"), zoneKnown: true}
	tests := []struct{ carrier, text, want string }{
		{"EasyPost", "2024-07-31T15:00:00Z", "2024-07-31T15:00:00Z"},
		{"EasyPost with a fraction", "2024-08-02T19:26:52.000Z", "2024-08-02T19:26:52Z"},
		{"Shopify", "2016-05-17T04:14:36-04:00", "2016-05-17T04:14:36-04:00"},
		{"Shopify, unknown offset", "2016-05-17T04:14:36-00:00", "2016-05-17T04:14:36Z"},
		{"UTC by offset", "2016-05-17T04:14:36+00:00", "2016-05-17T04:14:36Z"},
		{"GLS, no colon", "2026-05-06T14:10:00+0200", "2026-05-06T14:10:00+02:00"},
		{"a blank before the zone", "2026-05-06 14:10:00 +0200", "2026-05-06T14:10:00+02:00"},
		{"InPost", "2026-05-06 14:10:00 +02:00", "2026-05-06T14:10:00+02:00"},
		{"blank for T", "2026-05-06 14:10:00+02:00", "2026-05-06T14:10:00+02:00"},
		{"seven digits", "2026-05-06T14:10:00.1234567+02:00", "2026-05-06T14:10:00.1234567+02:00"},
		{"DHL, compact", "20240423T131519Z", "2024-04-23T13:15:19Z"},
		{"no zone, summer", "2026-05-06T14:10:00", "2026-05-06T12:10:00Z"},
		{"no zone, winter", "2026-01-06 14:10:00", "2026-01-06T13:10:00Z"},
		{"no seconds", "2026-01-06T14:10", "2026-01-06T13:10:00Z"},
		{"PostNL", "06-05-2026 14:10:00", "2026-05-06T12:10:00Z"},
		{"DHL Parcel DE", "06.05.2026 14:10", "2026-05-06T12:10:00Z"},
		{"slashes, year first", "2026/05/06", "2026-05-05T22:00:00Z"},
		{"day only", "2026-05-06", "2026-05-05T22:00:00Z"},
		{"UPS", "20260506141000", "2026-05-06T12:10:00Z"},
		{"twelve digits are no milliseconds of 1976", "202605061400", "2026-05-06T12:00:00Z"},
		{"Canada Post", "2026-01-06 14:10:00 EST", "2026-01-06T14:10:00-05:00"},
		{"HTTP", "Wed, 06 May 2026 14:10:00 +0200", "2026-05-06T14:10:00+02:00"},
		{"Sendcloud, milliseconds", "1525271885993", "2018-05-02T14:38:05.993Z"},
		{"Sendcloud, seconds", "1525271885", "2018-05-02T14:38:05Z"},
		{"absent", "  ", "0001-01-01T00:00:00Z"},
		{"zero for absent", "0", "0001-01-01T00:00:00Z"},
		{"the epoch for absent", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
	}
	for _, test := range tests {
		got, err := stockholm.parse(test.text)
		if told := got.inOwnOffset().Format(time.RFC3339Nano); err != nil || told != test.want {
			t.Errorf("%s: %q is %s (%v), want %s", test.carrier, test.text, told, err, test.want)
		}
	}
	wrong := []string{
		"yesterday", "2026-13-01", "06/05", "14:10", "12345", "2026-01-06 14:10:00 XST",
		"03/04/2026", "29/04/2026", "8/17/2021 7:11:26 PM", "202613061400",
	}
	for _, text := range wrong {
		if got, err := stockholm.parse(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

func TestADefinitionSaysHowItsDatesAreWritten(t *testing.T) {
	for _, test := range []struct{ format, text, want string }{
		{"MM/dd/yyyy hh:mm:ss a", "05/06/2026 02:10:00 PM", "2026-05-06T14:10:00Z"},
		{"dd/MM/yyyy HH:mm", "06/05/2026 14:10", "2026-05-06T14:10:00Z"},
		{"d/M/yyyy", "6/5/2026", "2026-05-06T00:00:00Z"},
		{"M/d/yyyy h:mm:ss a", "8/17/2021 7:11:26 PM", "2021-08-17T19:11:26Z"},
		{"dd/MM/yyyy hh:mm:ss a", "06/05/2026 02:10:00 p.m.", "2026-05-06T14:10:00Z"},
		{"dd/MM/yyyy hh:mm a", "06/05/2026 02:10 a. m.", "2026-05-06T02:10:00Z"},
		{"yyyyMMdd'T'HHmmssXX", "20260506T141000+0200", "2026-05-06T14:10:00+02:00"},
		{"dd/MM/yyyy HH:mm", "2026-05-06T14:10:00Z", "2026-05-06T14:10:00Z"}, // the built-in ways stay
	} {
		layout, err := definition.ParseTimeFormat(test.format)
		if err != nil {
			t.Errorf("%s: %v", test.format, err)
			continue
		}
		got, err := clock{zone: time.UTC, layouts: []string{layout}}.parse(test.text)
		if told := got.inOwnOffset().Format(time.RFC3339); err != nil || told != test.want {
			t.Errorf("%s: %q is %s (%v), want %s", test.format, test.text, told, err, test.want)
		}
	}
}

func TestACalendarDayStaysTheDayThatWasWritten(t *testing.T) {
	stockholm := clock{zone: zone(t, "Europe/Stockholm"), zoneKnown: true}
	for text, want := range map[string]string{
		"2024-08-05": "2024-08-05", "2024-08-05T00:00:00Z": "2024-08-05", "2024-08-05T23:59:00-08:00": "2024-08-05",
		"05.08.2024": "2024-08-05", "1722895200": "2024-08-06", "2024-08-05T00:00:00-07:00": "2024-08-05",
	} {
		got, err := stockholm.parse(text)
		if err != nil || got.day().String() != want {
			t.Errorf("%q is %s (%v), want %s", text, got.day(), err, want)
		}
	}
}

func TestACarriersTextBecomesPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"Zugestellt &amp; unterschrieben":            "Zugestellt & unterschrieben",
		"Priority Mail<SUP>&#153;</SUP>":             "Priority Mail ™",
		"<script>alert(1)</script>":                  "alert(1)",
		"&lt;img src=x onerror=alert(1)&gt;Hi":       "Hi",
		"line one\r\n\tline two\u00a0\u2028":         "line one line two",
		"evil\u202egnp.exe\u202c \u200fright\u2066!": "evilgnp.exe right!",
		"null\x00 bell\x07 zero\ufeff":               "null bell zero",
		"Paket 📦 unterwegs":                          "Paket 📦 unterwegs",
		"å\u0308 combining stays":                    "å\u0308 combining stays",
		"a < b":                                      "a < b",
	} {
		if got := plain(in, maxText); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if got := plain(strings.Repeat("é", 600), maxText); utf8.RuneCountInString(got) != maxText {
		t.Errorf("a long text keeps %d runes", utf8.RuneCountInString(got))
	}
}

func TestPlainTextIsPlainWhateverComesIn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		in := rapid.String().Draw(r, "text")
		got := plain(in, 50)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 50 || strings.ContainsAny(got, "\x00\n\r\t\u202e\u2066") {
			r.Fatalf("%q became %q", in, got)
		}
		if again := plain(strings.ReplaceAll(got, "&", ""), 50); strings.Contains(again, "<b>") {
			r.Fatalf("a tag survives in %q", again)
		}
		if c := code(in); len(c) > maxCodeBytes || !utf8.ValidString(c) {
			r.Fatalf("code %q has %d bytes", c, len(c))
		}
	})
}

func TestOnlyWebLinksBecomeLinks(t *testing.T) {
	for in, want := range map[string]string{
		"https://track.example/1?a=b": "https://track.example/1?a=b", " http://track.example ": "http://track.example",
		"javascript:alert(1)": "", "//track.example/1": "", "https://": "", "data:text/html,x": "", "ftp://track.example": "",
		"https://" + strings.Repeat("a", 3000) + ".example": "",
	} {
		if got := webURL(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
