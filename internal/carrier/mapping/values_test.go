package mapping

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
)

func TestEveryWayInWhichACarrierWritesATimeIsRead(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ carrier, text, want string }{
		{"EasyPost", "2024-07-31T15:00:00Z", "2024-07-31T15:00:00Z"},
		{"EasyPost with a fraction", "2024-08-02T19:26:52.000Z", "2024-08-02T19:26:52Z"},
		{"Shopify", "2016-05-17T04:14:36-04:00", "2016-05-17T08:14:36Z"},
		{"Shopify, unknown offset", "2016-05-17T04:14:36-00:00", "2016-05-17T04:14:36Z"},
		{"GLS, no colon", "2026-05-06T14:10:00+0200", "2026-05-06T12:10:00Z"},
		{"a blank before the zone", "2026-05-06 14:10:00 +0200", "2026-05-06T12:10:00Z"},
		{"InPost", "2026-05-06 14:10:00 +02:00", "2026-05-06T12:10:00Z"},
		{"blank for T", "2026-05-06 14:10:00+02:00", "2026-05-06T12:10:00Z"},
		{"seven digits", "2026-05-06T14:10:00.1234567+02:00", "2026-05-06T12:10:00.1234567Z"},
		{"no zone, summer", "2026-05-06T14:10:00", "2026-05-06T12:10:00Z"},
		{"no zone, winter", "2026-01-06 14:10:00", "2026-01-06T13:10:00Z"},
		{"no seconds", "2026-01-06T14:10", "2026-01-06T13:10:00Z"},
		{"PostNL", "06-05-2026 14:10:00", "2026-05-06T12:10:00Z"},
		{"DHL Parcel DE", "06.05.2026 14:10", "2026-05-06T12:10:00Z"},
		{"Landmark", "05/06/2026 02:10:00 PM", "2026-05-06T12:10:00Z"},
		{"day only", "2026-05-06", "2026-05-05T22:00:00Z"},
		{"UPS", "20260506141000", "2026-05-06T12:10:00Z"},
		{"Canada Post", "2026-01-06 14:10:00 EST", "2026-01-06T19:10:00Z"},
		{"HTTP", "Wed, 06 May 2026 14:10:00 +0200", "2026-05-06T12:10:00Z"},
		{"Sendcloud, milliseconds", "1525271885993", "2018-05-02T14:38:05.993Z"},
		{"Sendcloud, seconds", "1525271885", "2018-05-02T14:38:05Z"},
		{"absent", "  ", "0001-01-01T00:00:00Z"},
		{"zero for absent", "0", "0001-01-01T00:00:00Z"},
		{"the epoch for absent", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
	}
	for _, test := range tests {
		got, err := parseTime(test.text, stockholm)
		if err != nil || got.Format(time.RFC3339Nano) != test.want {
			t.Errorf("%s: %q is %s (%v), want %s", test.carrier, test.text, got.Format(time.RFC3339Nano), err, test.want)
		}
	}
	for _, text := range []string{"yesterday", "2026-13-01", "06/05", "14:10", "12345", "2026-01-06 14:10:00 XST"} {
		if got, err := parseTime(text, stockholm); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}

func TestACalendarDayStaysTheDayThatWasWritten(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2024-08-05": "2024-08-05", "2024-08-05T00:00:00Z": "2024-08-05", "2024-08-05T23:59:00-08:00": "2024-08-05",
		"05.08.2024": "2024-08-05", "1722895200": "2024-08-06",
	} {
		got, err := parseDay(text, stockholm)
		if err != nil || got.Format(time.RFC3339) != want+"T00:00:00Z" {
			t.Errorf("%q is %s (%v), want %s", text, got, err, want)
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

func TestMoneyIsExactInEveryCurrency(t *testing.T) {
	tests := []struct {
		amount, currency string
		want             int64
	}{
		{"10.00", "USD", 1000}, {"10", "EUR", 1000}, {"10.5", "SEK", 1050}, {"1234", "JPY", 1234}, {"1.234", "KWD", 1234},
		{"-5.00", "PLN", -500}, {"0.10", "EUR", 10}, {"1234567890123.45", "EUR", 123456789012345}, {"10.000", "EUR", 1000},
	}
	for _, test := range tests {
		if got, err := minorUnits(test.amount, test.currency); err != nil || got != test.want {
			t.Errorf("%s %s is %d (%v), want %d", test.amount, test.currency, got, err, test.want)
		}
	}
	for _, wrong := range [][2]string{{"10.005", "EUR"}, {"1e9", "EUR"}, {"1e999999999", "EUR"}, {"", "EUR"}, {"10", "EURO"}, {"10", "X"}, {"1/3", "EUR"}, {"0x10", "EUR"}} {
		if got, err := minorUnits(wrong[0], wrong[1]); err == nil {
			t.Errorf("%s %s was read as %d", wrong[0], wrong[1], got)
		}
	}
}

func TestOneCarrierHasOneSlugHoweverItIsSpelled(t *testing.T) {
	for slugWanted, names := range map[string][]string{
		"postnord":    {"PostNord", "PostNord SE", "postnord", "POSTNORD-SE", "Post Nord"},
		"dhl-express": {"DHL Express", "DHLExpress", "dhl-express", "DHL_EXPRESS"},
		"fedex":       {"FedEx", "Fedex Ground"},
		"royal-mail":  {"Royal Mail", "RoyalMail"},
		"quay-post":   {"Quay Post", "quay-post", "  Quay  Post!"},
		"":            {"", "  ", "<b></b>", "---"},
	} {
		for _, name := range names {
			if got := slug(name); got != slugWanted {
				t.Errorf("%q is %q, want %q", name, got, slugWanted)
			}
		}
	}
}

func TestNoSpellingBelongsToTwoCarriers(t *testing.T) {
	var known map[string][]string
	if err := yaml.Unmarshal(carriersYAML, &known); err != nil || len(known) < 20 {
		t.Fatalf("%d carriers: %v", len(known), err)
	}
	owner := map[string]string{}
	for slug, aliases := range known {
		for _, name := range append(slices.Clone(aliases), slug) {
			if other := owner[squash(name)]; other != "" && other != slug {
				t.Errorf("%q means %s and %s", name, slug, other)
			}
			owner[squash(name)] = slug
		}
	}
}
