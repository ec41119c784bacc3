package locale

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// placeTable finds the zone of a place in a country with several zones.
type placeTable struct {
	// regions by code or name, folded (upper case, letters and digits only): "CA", "CALIFORNIA".
	regions map[string]string
	// postcodes are ranges of prefixes, in order: the last range that holds the postcode wins. "" = the zone is not known.
	postcodes []postcodeRange
	// elsewhere is the zone of every region that is not in regions; "" = not known.
	elsewhere string
}

// postcodeRange holds the postcodes whose prefix is from from to to, inclusive; both have the same length.
type postcodeRange struct {
	from, to string
	zone     string
}

// at returns the zone of a place, "" if neither postcode nor region gives it.
func (p *placeTable) at(country, region, postcode string) string {
	if zone := p.ofPostcode(country, foldPlace(postcode)); zone != "" {
		return zone
	}
	region = foldPlace(region)
	if region == "" {
		return ""
	}
	for _, name := range []string{region, strings.TrimPrefix(region, country)} {
		if zone, ok := p.regions[name]; ok {
			return zone
		}
	}
	return p.elsewhere
}

func (p *placeTable) ofPostcode(country, postcode string) string {
	if bare := strings.TrimPrefix(postcode, country); bare != "" && bare[0] <= '9' {
		postcode = bare // "ES-35001"
	}
	zone := ""
	for _, r := range p.postcodes {
		if n := len(r.from); len(postcode) >= max(n, minPostcode) && r.from <= postcode[:n] && postcode[:n] <= r.to {
			zone = r.zone
		}
	}
	return zone
}

// minPostcode keeps a single digit from being read as a postcode; the outward part of a Canadian one has three characters.
const minPostcode = 3

// foldPlace returns text in upper case without accents, blanks and punctuation, so that "Île-de-France" and "ile de france" are the same.
func foldPlace(text string) string {
	const longest = 80 // names of regions are shorter
	if len(text) > longest {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1 // also the accents, which NFD has split off
	}, norm.NFD.String(text))
}

// placesOf returns the table of the country, nil if it needs none. A table is parsed when first used.
func placesOf(country string) *placeTable {
	text, ok := placeTables[country]
	if !ok {
		return nil
	}
	if table, ok := places.Load(country); ok {
		return table.(*placeTable)
	}
	table, _ := places.LoadOrStore(country, parsePlaces(text))
	return table.(*placeTable)
}

var places sync.Map // *placeTable by country

// parsePlaces reads lines "zone: region, region | 100-149, 200"; the zone "elsewhere=<zone>" has a line of its own, the zone "-" is not known.
func parsePlaces(text string) *placeTable {
	table := &placeTable{regions: map[string]string{}}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if zone, ok := strings.CutPrefix(line, "elsewhere="); ok {
			table.elsewhere = zone
			continue
		}
		zone, rest, _ := strings.Cut(line, ": ")
		zone = strings.TrimPrefix(zone, "-")
		regions, postcodes, _ := strings.Cut(rest, "|")
		for region := range strings.SplitSeq(regions, ",") {
			if folded := foldPlace(region); folded != "" {
				table.regions[folded] = zone
			}
		}
		for prefix := range strings.SplitSeq(postcodes, ",") {
			if prefix = strings.TrimSpace(prefix); prefix == "" {
				continue
			}
			from, to, isRange := strings.Cut(prefix, "-")
			if !isRange {
				to = from
			}
			table.postcodes = append(table.postcodes, postcodeRange{from: from, to: to, zone: zone})
		}
	}
	return table
}
