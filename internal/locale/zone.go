package locale

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// Zone is the time zone of a destination: country is ISO 3166-1 alpha-2, region a subdivision as its ISO 3166-2 code ("CA", "US-CA") or name
// ("California"), postcode as written. The last two may be "". The postcode tells first, because a region can have two zones.
// It is nil where the country has several zones and neither tells which, and where the country is not known.
func Zone(country, region, postcode string) *time.Location {
	country = strings.ToUpper(strings.TrimSpace(country))
	name := zoneName(country, region, postcode)
	if name == "" {
		return nil
	}
	return load(name)
}

// ZoneIn is Zone, or fallback where that is nil.
func ZoneIn(country, region, postcode string, fallback *time.Location) *time.Location {
	if zone := Zone(country, region, postcode); zone != nil {
		return zone
	}
	return fallback
}

// SeveralZones tells that clocks differ within the country, so that it takes a region or a postcode to know the zone.
func SeveralZones(country string) bool {
	country = strings.ToUpper(strings.TrimSpace(country))
	return placesOf(country) != nil && countryZone(country) == ""
}

// ZoneName is what to call the zone of t where it must be named: "PST", and "UTC-3" where the zone has no letters of its own.
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

// countryZone looks up oneZone: "" where the country alone does not tell.
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

// load reads a zone once. Zones are few in a process, since they are those of the places it delivers to, and of a closed list.
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
