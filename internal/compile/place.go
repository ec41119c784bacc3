package compile

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the image of the manager has no zone files

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/message"
)

//go:embed zones.txt
var zoneTable string

// zones maps a country to its only time zone.
var zones = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(zoneTable) {
		if country, zone, ok := strings.Cut(strings.TrimSpace(line), " "); ok && country != "#" {
			all[country] = zone
		}
	}
	return all
})

// languages are those in which a shopper of a country expects to be addressed, most common first; only countries
// whose languages wismo may have texts for. Everywhere else it is English.
var languages = map[string][]string{
	"AD": {"es", "fr"}, "AR": {"es"}, "AT": {"de"}, "BE": {"nl", "fr", "de"}, "BO": {"es"}, "CA": {"en", "fr"},
	"CH": {"de", "fr", "it"}, "CL": {"es"}, "CO": {"es"}, "CR": {"es"}, "CU": {"es"}, "DE": {"de"}, "DO": {"es"},
	"EC": {"es"}, "ES": {"es"}, "FR": {"fr"}, "GP": {"fr"}, "GT": {"es"}, "HN": {"es"}, "IT": {"it"}, "LI": {"de"},
	"LU": {"fr", "de"}, "MC": {"fr"}, "MQ": {"fr"}, "MX": {"es"}, "NI": {"es"}, "NL": {"nl"}, "PA": {"es"},
	"PE": {"es"}, "PL": {"pl"}, "PR": {"es", "en"}, "PY": {"es"}, "RE": {"fr"}, "SE": {"sv"}, "SM": {"it"},
	"SR": {"nl"}, "SV": {"es"}, "UY": {"es"}, "VA": {"it"}, "VE": {"es"},
}

// fallbackLanguage has built-in texts in every release.
const fallbackLanguage = "en"

// TimeZoneOf returns the only time zone of a country, "" where it has several or is none.
func TimeZoneOf(country string) string { return zones()[country] }

// timeZone returns the Shop's own, or the only one of its country.
func (c *compiler) timeZone() string {
	own := string(c.shop.Spec.TimeZone)
	if own == "" {
		country := string(c.shop.Spec.HomeCountry)
		zone := TimeZoneOf(country)
		if zone == "" {
			c.problem("spec.timeZone", "must be set, because the country %q in spec.homeCountry has several time zones or an unknown one", country)
		}
		return zone
	}
	// "Local" is a name that only Go knows: the zone of the machine.
	if _, err := time.LoadLocation(own); err != nil || own == "Local" {
		c.problem("spec.timeZone", "%q is not in the IANA time zone database; use a name such as Europe/Stockholm", own)
	}
	return own
}

// locales returns the Shop's own, or the languages of its country that have built-in texts.
func (c *compiler) locales() []string {
	var all []string
	for _, l := range c.shop.Spec.Locales {
		all = append(all, string(l))
	}
	if len(all) > 0 {
		return all
	}
	for _, l := range languages[string(c.shop.Spec.HomeCountry)] {
		if slices.Contains(message.BuiltinLocales(), l) {
			all = append(all, l)
		}
	}
	if len(all) == 0 {
		return []string{fallbackLanguage}
	}
	return all
}

// baseURL returns the URL of the tracking page at the hostname, without a path, such as https://track.linden.example.
func baseURL(p Platform, host v1alpha1.Hostname) string {
	scheme := p.LinkScheme
	if scheme == "" {
		scheme = "https"
	}
	url := scheme + "://" + string(host)
	if p.LinkPort != 0 {
		url += ":" + strconv.Itoa(p.LinkPort)
	}
	return url
}
