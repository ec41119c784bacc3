// Package names is the only table of carriers' names: how shops and aggregators spell them, wismo's slug for each, and how the carrier
// spells its own name. It has no heavy imports, because the page uses it too.
//
// It must not know any definition, payload or order.
package names

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

//go:embed carriers.yaml
var carriersYAML []byte

// carrier is one entry of carriers.yaml.
type carrier struct {
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"`
}

type table struct {
	slugs map[string]string // by squashed spelling
	names map[string]string // by slug
}

var known = sync.OnceValue(func() table {
	t := table{slugs: map[string]string{}, names: map[string]string{}}
	var carriers map[string]carrier
	if err := yaml.Unmarshal(carriersYAML, &carriers); err != nil {
		return t // a test reads the file
	}
	for slug, c := range carriers {
		t.names[slug] = c.Name
		for _, spelling := range append(slices.Clone(c.Aliases), slug, c.Name) {
			t.slugs[Squash(spelling)] = slug
		}
	}
	return t
})

// noCarrier are words that platforms send if they know no carrier.
var noCarrier = []string{"other", "others", "custom", "manual", "none", "unknown", "na", "carrier", "othercarrier", "customcarrier", "default", "test"}

// Slug returns wismo's name of a carrier: lower case, words joined by '-'. A country after a known name is ignored ("GLS Germany").
// It returns "" for no carrier: an empty name, or a word such as "Other".
func Slug(name string) string {
	if slices.Contains(noCarrier, Squash(name)) {
		return ""
	}
	if slug, ok := known().slugs[Squash(name)]; ok {
		return slug
	}
	words := wordsOf(name)
	for n := len(words) - 1; n > 0 && isCountry(words[n]); n-- {
		if slug, ok := known().slugs[strings.Join(words[:n], "")]; ok {
			return slug
		}
	}
	return strings.Join(words, "-")
}

// Name returns the display name of a carrier from its slug. The words of a slug that is not in the table are capitalised.
func Name(slug string) string {
	if name, ok := known().names[slug]; ok {
		return name
	}
	words := wordsOf(slug)
	for i, w := range words {
		first, size := utf8.DecodeRuneInString(w)
		words[i] = string(unicode.ToUpper(first)) + w[size:]
	}
	return strings.Join(words, " ")
}

// Squash reduces a name to its lower-case letters and digits, to compare spellings.
func Squash(name string) string {
	return strings.Join(wordsOf(name), "")
}

func wordsOf(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// countries are words that shops append to a carrier's name, beside codes of two letters.
var countries = strings.Fields(`austria österreich belgium belgië belgique czechia denmark danmark deutschland germany estonia españa spain
	finland suomi france hungary ireland italia italy latvia lithuania luxembourg nederland netherlands norge norway poland polska portugal
	schweiz slovakia slovenia suisse sverige sweden switzerland uk usa international`)

func isCountry(word string) bool {
	return utf8.RuneCountInString(word) == 2 && !strings.ContainsFunc(word, unicode.IsDigit) || slices.Contains(countries, word)
}
