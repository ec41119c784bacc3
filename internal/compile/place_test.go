package compile

import (
	"testing"
	"time"
)

func TestEveryCountryWithOneTimeZoneHasARealOne(t *testing.T) {
	if len(zones()) < 200 {
		t.Fatalf("only %d countries", len(zones()))
	}
	for country, zone := range zones() {
		if _, err := time.LoadLocation(zone); err != nil || len(country) != 2 {
			t.Errorf("%s %s: %v", country, zone, err)
		}
	}
}
