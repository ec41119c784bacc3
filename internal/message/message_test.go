package message

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
)

func shop(locales ...string) *bundle.Document {
	return &bundle.Document{
		SchemaVersion: 1, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", BaseURL: "https://track.linden.example", HomeCountry: "NL",
		Locales: locales, TimeZone: "Europe/Amsterdam", Activity: bundle.Live,
		Legal:   bundle.Legal{CompanyName: "Linden Living B.V.", PrivacyURL: "https://linden.example/privacy"},
		Support: bundle.Support{Email: "hello@linden.example"},
		Theme:   bundle.Theme{AccentColor: "#1F5C4D"},
		Page:    bundle.Page{VerifyBy: []string{"Postcode", "Email"}},
	}
}

func TestEveryBuiltInLanguageRendersCompletely(t *testing.T) {
	for _, locale := range BuiltinLocales() {
		for _, p := range Check(shop(locale)) {
			t.Errorf("%s: %v", locale, p)
		}
		texts := Builtin(locale)
		for _, key := range Keys() {
			if texts[key] == "" && !optional(key) {
				t.Errorf("%s lacks %s", locale, key)
			}
		}
		for key := range texts {
			if texts[key] != "" && Builtin(reference)[key] == "" && !optional(key) {
				t.Errorf("%s has %s, which no other locale has", locale, key)
			}
		}
	}
}
