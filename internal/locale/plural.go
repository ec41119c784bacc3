package locale

import (
	"strconv"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// PluralForm is the CLDR name of a plural form.
type PluralForm string

// The plural forms of CLDR. Every language has Other.
const (
	PluralZero  PluralForm = "zero"
	PluralOne   PluralForm = "one"
	PluralTwo   PluralForm = "two"
	PluralFew   PluralForm = "few"
	PluralMany  PluralForm = "many"
	PluralOther PluralForm = "other"
)

// Plural returns the form of a noun after the number in the language: one in "1 parcel", few in the Polish "2 paczki".
// It returns Other for a language that is not known. Rules are those of golang.org/x/text, which has no many for millions in es, fr and it.
func Plural(locale string, n Quantity) PluralForm {
	tag, err := language.Parse(locale)
	if err != nil {
		return PluralOther
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(n.String(), "-"), ".")
	i, _ := strconv.Atoi(whole)
	f, _ := strconv.Atoi(fraction)
	switch plural.Cardinal.MatchPlural(tag, i, len(fraction), len(fraction), f, f) {
	case plural.Zero:
		return PluralZero
	case plural.One:
		return PluralOne
	case plural.Two:
		return PluralTwo
	case plural.Few:
		return PluralFew
	case plural.Many:
		return PluralMany
	default:
		return PluralOther
	}
}
