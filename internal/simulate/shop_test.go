package simulate_test

import (
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/simulate"
)

// document is a Shop with the built-in policy and nothing of its own.
func document() *bundle.Document {
	return simulate.Prepare(&bundle.Document{
		SchemaVersion: bundle.SchemaVersion, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", BaseURL: "https://track.linden.example", HomeCountry: "NL",
		Locales: []string{"en"}, TimeZone: "Europe/Amsterdam", Activity: bundle.Live,
		Sources: []bundle.Source{{Name: "api", Kind: bundle.Orders, EndpointID: "a", Definition: "api", Intake: "Webhook"}},
		Email:   bundle.Email{Type: bundle.House, FromName: "Linden Living", FromAddress: "linden@mail.example", ReplyTo: "help@linden.example"},
		Policy:  bundle.BuiltinPolicy(), Page: bundle.Page{VerifyBy: []string{"Postcode"}},
		Links: bundle.Links{TTLDays: 365}, Storage: bundle.Storage{Type: bundle.SQLite},
	})
}
