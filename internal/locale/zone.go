package locale

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Zone returns the time zone of a destination: country is ISO 3166-1 alpha-2, region a subdivision as its ISO 3166-2 code ("CA", "US-CA") or name
// ("California"), postcode as written. The last two may be "". The postcode comes first, because a region can have two zones.
// It returns nil if the country is not known, or has several zones and neither region nor postcode decides.
func Zone(country, region, postcode string) *time.Location {
	country = strings.ToUpper(strings.TrimSpace(country))
	name := zoneName(country, region, postcode)
	if name == "" {
		return nil
	}
	return load(name)
}

// ZoneIn returns Zone, or fallback if that is nil.
func ZoneIn(country, region, postcode string, fallback *time.Location) *time.Location {
	if zone := Zone(country, region, postcode); zone != nil {
		return zone
	}
	return fallback
}

// SeveralZones reports whether clocks differ within the country, so that only a region or a postcode gives the zone.
func SeveralZones(country string) bool {
	country = strings.ToUpper(strings.TrimSpace(country))
	return placesOf(country) != nil && countryZone(country) == ""
}

// ZoneName returns the name to show for the zone of t: "PST", or "UTC-3" if the zone has no abbreviation.
func ZoneName(t time.Time) string {
	name, offset := t.Zone()
	if name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		return name
	}
	if offset == 0 {
		return "UTC"
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	hours, minutes := offset/3600, offset/60%60
	if minutes == 0 {
		return fmt.Sprintf("UTC%c%d", sign, hours)
	}
	return fmt.Sprintf("UTC%c%d:%02d", sign, hours, minutes)
}

func zoneName(country, region, postcode string) string {
	if places := placesOf(country); places != nil {
		if name := places.at(country, region, postcode); name != "" {
			return name
		}
	}
	return countryZone(country)
}

// countryZone looks up oneZone: "" if the country alone does not give the zone.
func countryZone(country string) string {
	if len(country) != len("NL") || strings.Trim(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	_, rest, ok := strings.Cut(oneZone, ";"+country+" ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, ";")
	return name
}

// load reads a zone once. The cache stays small: it holds only zones of a closed list.
func load(name string) *time.Location {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil // a zone newer than the zone files of this machine
	}
	loaded, _ := zones.LoadOrStore(name, zone)
	return loaded.(*time.Location)
}

var zones sync.Map // *time.Location by name
