package tracking

import (
	"regexp"
	"strings"
	"unicode"
)

// Normal forms of numbers and postcodes, by which those of different sources are compared.

// NormalNumber returns the form in which order and parcel numbers are compared: letters and digits only, in upper case. "" = no number.
func NormalNumber(number string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, number)
}

var (
	countryBefore = regexp.MustCompile(`^[A-Z]{1,2}-\d`)  // as people write one: "NL-1015 CJ", "D-10115"
	deliveryPoint = regexp.MustCompile(`^(\d{5})-\d{4}$`) // of the United States: "90001-1234" lies in 90001
)

// NormalPostcode returns the form in which postcodes are compared. "" = no postcode.
func NormalPostcode(postcode string) string {
	postcode = strings.ToUpper(strings.TrimSpace(postcode))
	if found := countryBefore.FindString(postcode); found != "" {
		postcode = postcode[len(found)-1:]
	}
	if found := deliveryPoint.FindStringSubmatch(postcode); found != nil {
		postcode = found[1]
	}
	return NormalNumber(postcode)
}
