package message

import (
	"sync"
	"time"
)

// countryZones are countries with one time zone only.
// Countries with several zones (ES, PT, US, ...) are left to the Shop's own.
var countryZones = map[string]string{
	"AT": "Europe/Vienna", "BE": "Europe/Brussels", "BG": "Europe/Sofia", "CH": "Europe/Zurich", "CY": "Asia/Nicosia", "CZ": "Europe/Prague",
	"DE": "Europe/Berlin", "DK": "Europe/Copenhagen", "EE": "Europe/Tallinn", "FI": "Europe/Helsinki", "GB": "Europe/London", "GR": "Europe/Athens",
	"HR": "Europe/Zagreb", "HU": "Europe/Budapest", "IE": "Europe/Dublin", "IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "LT": "Europe/Vilnius",
	"LU": "Europe/Luxembourg", "LV": "Europe/Riga", "MT": "Europe/Malta", "NL": "Europe/Amsterdam", "NO": "Europe/Oslo", "PL": "Europe/Warsaw",
	"RO": "Europe/Bucharest", "SE": "Europe/Stockholm", "SI": "Europe/Ljubljana", "SK": "Europe/Bratislava",
}

// zoneOf is the time zone in which a destination reads a clock; fallback where the country does not tell.
func zoneOf(country string, fallback *time.Location) *time.Location {
	name, ok := countryZones[country]
	if !ok {
		return fallback
	}
	if zone, known := zones.Load(name); known {
		return zone.(*time.Location)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return fallback
	}
	zones.Store(name, zone)
	return zone
}

var zones sync.Map // of countryZones, by name: *time.Location, each read once
