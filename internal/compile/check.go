package compile

import (
	"maps"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/carrier/mapping"
	"github.com/wismo-dev/wismo/internal/message"
)

// CheckTemplate says everything that is wrong with a template on its own, before any Shop uses it: all its texts are
// rendered for every occasion, in the languages of wismo and in its own. A language that is not built in may be spread
// over several templates, so that what is missing in this one is taken from English.
func CheckTemplate(name string, content Content) []Problem {
	c := &compiler{shop: &v1alpha1.Shop{}, missing: map[Ref]bool{}}
	w := words{texts: map[string]bundle.Texts{}, blocks: map[string]string{}}
	c.template(&w, "", name, content)
	if len(c.problems) == 0 {
		c.texts("", message.Check(sample(w)))
	}
	for i := range c.problems {
		locate(&c.problems[i], name, content)
	}
	return sortedProblems(c.problems)
}

// sample returns a Shop that speaks every language there is, and has everything that a text can name.
func sample(w words) *bundle.Document {
	doc := &bundle.Document{
		SchemaVersion: bundle.SchemaVersion, Namespace: "sample", Name: "sample", DisplayName: "Sample Shop",
		Hostname: "track.sample.example", BaseURL: "https://track.sample.example", HomeCountry: "NL", TimeZone: "Europe/Amsterdam",
		Activity: bundle.Live, Legal: bundle.Legal{CompanyName: "Sample Ltd", PrivacyURL: "https://sample.example/privacy", ImprintURL: "https://sample.example/imprint"},
		Support: bundle.Support{Email: "help@sample.example", Phone: "+31201234567", URL: "https://sample.example/help", Hours: "9-17"},
		Texts:   map[string]bundle.Texts{}, Blocks: w.blocks, Policy: bundle.BuiltinPolicy(), Links: bundle.Links{TTLDays: defaultLinkTTLDays},
		Email: bundle.Email{Type: bundle.House, FromName: "Sample Shop", FromAddress: "sample@mail.sample.example"},
	}
	own := slices.Collect(maps.Keys(w.texts))
	doc.Locales = slices.Compact(slices.Sorted(slices.Values(append(own, message.BuiltinLocales()...))))
	for _, locale := range doc.Locales {
		texts := bundle.Texts{}
		if message.Builtin(locale) == nil {
			maps.Copy(texts, message.Builtin(fallbackLanguage))
		}
		maps.Copy(texts, w.of(locale))
		doc.Texts[locale] = texts
	}
	return doc
}

// locate finds the file and the line of a problem that names a key only: a text of another language may come from the
// file of its base language.
func locate(p *Problem, name string, content Content) {
	if strings.Contains(p.Source, "/") || p.Source == "" {
		return
	}
	key, _, _ := strings.Cut(p.Message, ": ")
	for _, file := range []string{p.Source, strings.SplitN(p.Source, "-", 2)[0] + message.TextsSuffix} {
		number := 0
		for line := range strings.Lines(content.Data[file]) {
			if number++; strings.HasPrefix(strings.TrimLeft(line, `"' `), key) {
				p.Source, p.Line = name+"/"+file, number
				return
			}
		}
	}
	p.Source = name + "/" + p.Source
}

// CheckDefinition reads what a ConfigMap defines, or says everything that is wrong with it.
func CheckDefinition(name string, content Content) (*definition.Definition, []Problem) {
	file := name + "/" + DefinitionKey
	text, ok := content.Data[DefinitionKey]
	if !ok {
		return nil, []Problem{{Source: file, Message: "the ConfigMap has no key " + DefinitionKey + ", which holds the definition"}}
	}
	def, err := definition.Parse([]byte(text))
	if err == nil {
		_, err = mapping.Compile(def)
	}
	if err != nil {
		return nil, definitionProblems(file, err)
	}
	return def, nil
}
