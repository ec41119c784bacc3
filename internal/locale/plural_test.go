package locale_test

import (
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/locale"
)

func TestANounTakesThePluralFormOfItsLanguage(t *testing.T) {
	for language, numbers := range map[string]string{
		"en":      "0=other 1=one 2=other 1.5=other 21=other",
		"en-GB":   "1=one 2=other",
		"nl":      "0=other 1=one 2=other",
		"sv":      "1=one 2=other",
		"es":      "0=other 1=one 2=other 1.5=other",
		"pl":      "0=many 1=one 2=few 4=few 5=many 12=many 21=many 22=few 0.5=other 1.5=other",
		"de":      "0=other 1=one 2=other",
		"fr":      "0=one 1=one 1.5=one 2=other",
		"it":      "0=other 1=one 2=other",
		"cs":      "1=one 3=few 5=other 0.5=many",
		"ar":      "0=zero 1=one 2=two 3=few 11=many 100=other",
		"ja":      "1=other",
		"xx":      "1=other",
		"":        "1=other",
		"\x00bad": "1=other",
	} {
		for test := range strings.FieldsSeq(numbers) {
			number, want, _ := strings.Cut(test, "=")
			if got := locale.Plural(language, quantity(t, number)); string(got) != want {
				t.Errorf("%s of %q is %q, want %q", number, language, got, want)
			}
		}
	}
}
