package message

import (
	"slices"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/internal/locale"
)

// A text that holds a count has a key for each plural form of its language: "rest.parcels.one", "rest.parcels.few", ... with .other
// for the forms that have no text. Which count takes which form is CLDR's.

// pluralForms are the ends of the keys of counted texts beside .other. Only some languages need each.
var pluralForms = []string{".zero", ".one", ".two", ".few", ".many"}

// SayCount returns the text of a key in the plural form for n, which the text may use as {{.Count}}.
func (l *Localizer) SayCount(key string, n int, d Data) string {
	d.Count = strconv.Itoa(n)
	form := key + "." + string(locale.Plural(l.Locale, locale.Units(n)))
	if !l.Has(form) {
		form = key + "." + string(locale.PluralOther)
	}
	return l.Say(form, d)
}

// withPluralForms adds to the keys of the reference language, which has .one and .other, the plural forms that other languages may have.
func withPluralForms(keys []string) []string {
	all := slices.Clone(keys)
	for _, key := range keys {
		if base, ok := strings.CutSuffix(key, ".other"); ok && slices.Contains(keys, base+".one") {
			for _, form := range pluralForms {
				all = append(all, base+form)
			}
		}
	}
	return all
}
