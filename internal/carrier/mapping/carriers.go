package mapping

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"
)

//go:embed carriers.yaml
var carriersYAML []byte

// carrierNames are the other names of each slug, in normal form.
var carrierNames = sync.OnceValue(func() map[string]string {
	var known map[string][]string
	if err := yaml.Unmarshal(carriersYAML, &known); err != nil {
		return nil // a test reads the file
	}
	names := map[string]string{}
	for slug, aliases := range known {
		names[squash(slug)] = slug
		for _, a := range aliases {
			names[squash(a)] = slug
		}
	}
	return names
})

// slug is wismo's name of a carrier: lower case, words joined by '-'. Shops and aggregators spell one carrier in many
// ways, and a parcel is recognised by carrier and number; carriers.yaml lists the spellings.
func slug(name string) string {
	name = plain(name, maxWord)
	if known, ok := carrierNames()[squash(name)]; ok {
		return known
	}
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, "-")
}

// squash compares names by their letters and digits only.
func squash(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
