package locale_test

import (
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
)

func TestADestinationHasTheZoneOfItsCountryRegionOrPostcode(t *testing.T) {
	for _, test := range []struct{ country, region, postcode, want string }{
		{"NL", "", "", "Europe/Amsterdam"},
		{"nl", "Noord-Holland", "1012 AB", "Europe/Amsterdam"},
		{"DE", "", "78266", "Europe/Berlin"},
		{"IN", "", "", "Asia/Kolkata"},
		{"NZ", "", "", "Pacific/Auckland"},
		{"NZ", "Chatham Islands", "", "Pacific/Chatham"},
		{"XK", "", "", "Europe/Belgrade"},

		{"US", "CA", "", "America/Los_Angeles"},
		{"US", "US-CA", "", "America/Los_Angeles"},
		{"US", "us-ca", "", "America/Los_Angeles"},
		{"US", "California", "", "America/Los_Angeles"},
		{"US", "Oregon", "", "America/Los_Angeles"},
		{"US", "new york", "", "America/New_York"},
		{"US", "", "10001", "America/New_York"},
		{"US", "", "97201-1234", "America/Los_Angeles"},
		{"US", "OR", "97914", "America/Denver"},
		{"US", "", "60601", "America/Chicago"},
		{"US", "TX", "79901", "America/Denver"},
		{"US", "TN", "37902", "America/New_York"},
		{"US", "TN", "37201", "America/Chicago"},
		{"US", "FL", "32501", "America/Chicago"},
		{"US", "FL", "", "America/New_York"},
		{"US", "AZ", "85001", "America/Phoenix"},
		{"US", "HI", "", "Pacific/Honolulu"},
		{"US", "", "96799", "Pacific/Pago_Pago"},
		{"US", "", "00901", "America/Puerto_Rico"},
		{"US", "AE", "09012", ""},
		{"US", "", "", ""},
		{"US", "Bavaria", "", ""},
		{"US", "", "9", ""},

		{"CA", "BC", "", "America/Vancouver"},
		{"CA", "", "V5K 0A1", "America/Vancouver"},
		{"CA", "", "m5v 2t6", "America/Toronto"},
		{"CA", "Québec", "", "America/Toronto"},
		{"CA", "", "A1A 1A1", "America/St_Johns"},
		{"CA", "", "A2V 1K1", "America/Halifax"},
		{"CA", "", "S4P 3Y2", "America/Regina"},
		{"CA", "ON", "P9N 1A1", "America/Winnipeg"},
		{"CA", "", "", ""},

		{"AU", "", "6000", "Australia/Perth"},
		{"AU", "NSW", "", "Australia/Sydney"},
		{"AU", "", "0800", "Australia/Darwin"},
		{"AU", "Queensland", "", "Australia/Brisbane"},
		{"AU", "NSW", "2880", "Australia/Broken_Hill"},
		{"AU", "", "", ""},

		{"BR", "AM", "", "America/Manaus"},
		{"BR", "", "69900-000", "America/Rio_Branco"},
		{"BR", "São Paulo", "", "America/Sao_Paulo"},
		{"BR", "", "53990-000", "America/Noronha"},
		{"MX", "Baja California", "", "America/Tijuana"},
		{"MX", "", "77500", "America/Cancun"},
		{"MX", "CHH", "32000", "America/Ciudad_Juarez"},
		{"MX", "", "06000", "America/Mexico_City"},
		{"RU", "", "690000", "Asia/Vladivostok"},
		{"RU", "Москва", "", "Europe/Moscow"},
		{"RU", "", "236000", "Europe/Kaliningrad"},
		{"ID", "Bali", "", "Asia/Makassar"},
		{"ID", "", "10110", "Asia/Jakarta"},
		{"ID", "ID-PA", "", "Asia/Jayapura"},

		{"ES", "", "28001", "Europe/Madrid"},
		{"ES", "", "35001", "Atlantic/Canary"},
		{"ES", "", "38 001", "Atlantic/Canary"},
		{"ES", "", "ES-35001", "Atlantic/Canary"},
		{"ES", "Las Palmas", "", "Atlantic/Canary"},
		{"ES", "Barcelona", "", "Europe/Madrid"},
		{"ES", "", "", ""},
		{"PT", "", "9500-321", "Atlantic/Azores"},
		{"PT", "", "9000-018", "Atlantic/Madeira"},
		{"PT", "", "1100-148", "Europe/Lisbon"},
		{"PT", "Açores", "", "Atlantic/Azores"},
		{"PT", "", "", ""},
		{"FR", "", "", "Europe/Paris"},
		{"FR", "", "97400", "Indian/Reunion"},
		{"CL", "Magallanes", "", "America/Punta_Arenas"},
		{"EC", "", "", "America/Guayaquil"},
		{"CD", "Haut-Katanga", "", "Africa/Lubumbashi"},
		{"PF", "Moorea", "", "Pacific/Tahiti"},

		{"", "", "", ""},
		{"ZZ", "", "", ""},
		{"Netherlands", "", "", ""},
		{"; ", "", "", ""},
	} {
		got := ""
		if zone := locale.Zone(test.country, test.region, test.postcode); zone != nil {
			got = zone.String()
		}
		if got != test.want {
			t.Errorf("Zone(%q, %q, %q) = %q, want %q", test.country, test.region, test.postcode, got, test.want)
		}
	}
}

func TestADestinationThatTellsNoZoneHasTheFallback(t *testing.T) {
	amsterdam := locale.Zone("NL", "", "")
	if got := locale.ZoneIn("US", "", "", amsterdam); got != amsterdam {
		t.Errorf("zone of the US is %v, want the fallback", got)
	}
	if got := locale.ZoneIn("SE", "", "", amsterdam).String(); got != "Europe/Stockholm" {
		t.Errorf("zone of Sweden is %v", got)
	}
}

func TestACountryHasSeveralZonesWhereItAloneDoesNotTell(t *testing.T) {
	for _, country := range []string{"AU", "BR", "CA", "CD", "CL", "ES", "FM", "GL", "ID", "KI", "MN", "MX", "PF", "PG", "PT", "RU", "UM", "US", "us"} {
		if !locale.SeveralZones(country) {
			t.Errorf("%s has several zones", country)
		}
	}
	for _, country := range []string{"NL", "DE", "CN", "FR", "NZ", "AR", "KZ", "", "ZZ"} {
		if locale.SeveralZones(country) {
			t.Errorf("%q has not several zones", country)
		}
	}
}

func TestAZoneIsNamedInLettersOrByItsDistanceFromUTC(t *testing.T) {
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		zone *time.Location
		want string
	}{
		{locale.Zone("US", "CA", ""), "PDT"},
		{locale.Zone("NL", "", ""), "CEST"},
		{locale.Zone("BR", "SP", ""), "UTC-3"},
		{locale.Zone("NP", "", ""), "UTC+5:45"},
		{locale.Zone("IN", "", ""), "IST"},
		{time.FixedZone("", -8*3600), "UTC-8"},
		{time.FixedZone("", -(3*3600 + 1800)), "UTC-3:30"},
		{time.FixedZone("", 0), "UTC"},
		{time.UTC, "UTC"},
	} {
		if got := locale.ZoneName(summer.In(test.zone)); got != test.want {
			t.Errorf("%v is named %q, want %q", test.zone, got, test.want)
		}
	}
}
