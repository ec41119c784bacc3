package simulate

import (
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/corpus"
	"github.com/wismo-dev/wismo/internal/simulate/check"
)

// sources are the definitions of the corpus' webhooks, with the kind of each.
var sources = []struct {
	source corpus.Source
	kind   bundle.SourceKind
}{
	{corpus.SourceAPI, bundle.Orders}, {corpus.SourceShopify, bundle.Orders}, {corpus.SourceEasyPost, bundle.Carrier}, {corpus.SourceSendcloud, bundle.Carrier},
}

// Prepare returns the Document as a run needs it: in English, which the checker reads, live, with an address to send from, and with a
// source for each definition that the journeys use.
func Prepare(doc *bundle.Document) *bundle.Document {
	d := *doc
	d.Locales, d.Activity = []string{"en"}, bundle.Live
	d.Email.FromAddress, d.Email.Credential = "shop@mail.example", ""
	d.Storage = bundle.Storage{Type: bundle.SQLite}
	d.Sources = slices.Clone(doc.Sources)
	for _, s := range sources {
		if !slices.ContainsFunc(d.Sources, func(have bundle.Source) bool { return have.Definition == string(s.source) }) {
			d.Sources = append(d.Sources, bundle.Source{
				Name: "simulated-" + string(s.source), Kind: s.kind, EndpointID: "simulated-" + string(s.source), Definition: string(s.source), Intake: "Webhook",
			})
		}
	}
	return &d
}

// sourcesOf returns the name of the Document's source for each definition.
func sourcesOf(doc *bundle.Document) map[corpus.Source]string {
	names := map[corpus.Source]string{}
	for _, s := range doc.Sources {
		if _, taken := names[corpus.Source(s.Definition)]; !taken {
			names[corpus.Source(s.Definition)] = s.Name
		}
	}
	return names
}

// LimitsOf returns the limits that the Document sets.
func LimitsOf(doc *bundle.Document) check.Limits {
	l := check.DefaultLimits()
	l.Zone, l.QuietStart, l.QuietEnd = doc.TimeZone, "", ""
	if q := doc.Policy.QuietHours; q != nil {
		l.QuietStart, l.QuietEnd = q.Start, q.End
	}
	l.OwnPromise = len(doc.Promise.Transit) > 0
	return l
}
