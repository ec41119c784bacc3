package locale

import (
	"strings"
	"testing"
	"time"
)

// newZones are names that the tables may use before the zone files of a machine know them.
var newZones = map[string]bool{"America/Coyhaique": true}

func TestEveryZoneInTheTablesExists(t *testing.T) {
	names := map[string]bool{}
	for entry := range strings.SplitSeq(strings.Trim(oneZone, ";"), ";") {
		country, name, ok := strings.Cut(entry, " ")
		if !ok || len(country) != 2 {
			t.Errorf("entry %q is not a country and a zone", entry)
		}
		names[name] = true
	}
	for country := range placeTables {
		for name := range zonesOfTable(t, country) {
			names[name] = true
		}
	}
	delete(names, "")
	for name := range names {
		if _, err := time.LoadLocation(name); err != nil && !newZones[name] {
			t.Errorf("zone %q: %v", name, err)
		}
	}
}

func zonesOfTable(t *testing.T, country string) map[string]bool {
	table := placesOf(country)
	names := map[string]bool{table.elsewhere: true}
	for region, name := range table.regions {
		if region != foldPlace(region) || strings.Contains(name, " ") {
			t.Errorf("%s: region %q has the zone %q", country, region, name)
		}
		names[name] = true
	}
	for _, r := range table.postcodes {
		if len(r.from) != len(r.to) || r.from > r.to {
			t.Errorf("%s: %s-%s is no range of postcodes", country, r.from, r.to)
		}
		names[r.zone] = true
	}
	return names
}

func TestEveryCountryWithInhabitantsHasAZone(t *testing.T) {
	const countries = "AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR" +
		" CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HN HR HT HU" +
		" ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP" +
		" MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG" +
		" SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
	for country := range strings.FieldsSeq(countries) {
		if Zone(country, "", "") == nil && !SeveralZones(country) {
			t.Errorf("%s has no zone", country)
		}
	}
}
