package message

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Renderer renders the texts of one Shop in each of its languages. It is safe for concurrent use.
type Renderer struct {
	doc        *bundle.Document
	zone       *time.Location
	localizers []*Localizer // as Document.Locales
	matcher    language.Matcher
	blocks     map[string]*template.Template
	palette    Palette
}

// Localizer is a Renderer in one language.
type Localizer struct {
	Locale string // as in Document.Locales
	Name   string // of the language, in the language
	doc    *bundle.Document
	intl   intl
	colon  string // between a title and its sentence
	// setting is what the Shop's configuration contributes to a journey.
	setting tracking.Setting
	phrases
}

// NewRenderer prepares every text of the Shop. Its error lists every problem of the texts and blocks themselves.
func NewRenderer(doc *bundle.Document) (*Renderer, error) {
	r, problems := prepare(doc)
	if len(problems) > 0 {
		return nil, fmt.Errorf("the texts cannot be rendered: %w", joined(problems))
	}
	return r, nil
}

func joined(problems []Problem) error {
	lines := make([]string, 0, len(problems))
	for _, p := range problems {
		lines = append(lines, p.Error())
	}
	return fmt.Errorf("%s", strings.Join(lines, "; "))
}

// prepare parses all texts and blocks, and returns the problems of those that cannot be parsed.
func prepare(doc *bundle.Document) (*Renderer, []Problem) {
	var problems []Problem
	r := &Renderer{doc: doc, blocks: map[string]*template.Template{}, palette: NewPalette(doc.Theme.AccentColor)}
	zone, err := time.LoadLocation(doc.TimeZone)
	if err != nil {
		problems = append(problems, Problem{Message: fmt.Sprintf("the time zone %q is not one of the IANA names", doc.TimeZone)})
		zone = time.UTC
	}
	r.zone = zone
	setting := settingOf(doc, zone)
	var tags []language.Tag
	for _, locale := range doc.Locales {
		v, faults := newLocalizer(doc, locale)
		problems = append(problems, faults...)
		if v == nil {
			continue
		}
		v.setting = setting
		r.localizers = append(r.localizers, v)
		tags = append(tags, language.Make(locale))
	}
	if len(r.localizers) == 0 {
		problems = append(problems, Problem{Message: "the Shop has no language that can be rendered"})
	}
	r.matcher = language.NewMatcher(tags)
	for name, source := range doc.Blocks {
		block, err := parseBlock(name, source)
		if err != nil {
			problems = append(problems, Problem{Source: name + BlockSuffix, Key: name, Message: err.Error()})
			continue
		}
		r.blocks[name] = block
	}
	return r, problems
}

// newLocalizer puts the Shop's overrides over the built-in texts. A locale without built-in texts must be complete.
func newLocalizer(doc *bundle.Document, locale string) (*Localizer, []Problem) {
	lang := languageOf(locale)
	calendar, ok := intlTable[lang]
	if !ok {
		return nil, []Problem{{Source: locale + TextsSuffix, Message: "wismo knows no calendar of this language"}}
	}
	v := &Localizer{Locale: locale, Name: Capital(calendar.name), doc: doc, intl: calendar, colon: ": ", phrases: noPhrases()}
	if lang == "fr" {
		v.colon = "\u00a0: "
	}
	if ours := builtinOf(locale); ours.texts != nil {
		v.phrases = ours.phrases().copied()
	}
	var problems []Problem
	own, set := doc.Texts[locale], newSet()
	for _, key := range Keys() {
		text, overridden := own[key]
		switch {
		case !overridden && (v.Has(key) || optional(key)):
		case !overridden:
			problems = append(problems, Problem{Source: locale + TextsSuffix, Key: key, Message: "the text is missing: " + locale + " is not built in, so its texts must be complete"})
		default:
			if err := v.put(set, key, text); err != nil {
				problems = append(problems, Problem{Source: locale + TextsSuffix, Key: key, Message: err.Error()})
			}
		}
	}
	return v, problems
}

// Say returns the text of a key, with d's fields filled in; "" for a key that does not exist.
func (l *Localizer) Say(key string, d Data) string { return l.render(key, d) }

func (l *Localizer) render(key string, d any) string {
	t := l.templates[key]
	if t == nil {
		return l.plain[key]
	}
	text, err := execute(t, d)
	if err == nil {
		return strings.TrimSpace(text)
	}
	return l.fallback(key, d)
}

// fallback returns the built-in text where a merchant's fails on real data, which the samples did not show; in a language that has
// none, the English one: better than no text.
func (l *Localizer) fallback(key string, d any) string {
	source := Builtin(l.Locale)[key]
	if source == "" {
		source = Builtin(reference)[key]
	}
	t, err := parseTemplate(key, source, d, maxTextBytes)
	if err != nil {
		return ""
	}
	text, err := execute(t, d)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(text)
}

// ShopData returns the fields that do not depend on an order.
func (l *Localizer) ShopData() Data {
	d := Data{
		Shop: l.doc.DisplayName, Company: l.doc.Legal.CompanyName, Carrier: l.plain["carrier"],
		Support: l.doc.Support.Email, SupportURL: l.doc.Support.URL, Phone: l.doc.Support.Phone,
		Privacy: l.doc.Legal.PrivacyURL, Imprint: l.doc.Legal.ImprintURL,
	}
	d.Contact = l.contact(d)
	return d
}

// settingOf returns what the document contributes to a journey. It has no history of lanes: texts use only what the shop promised.
func settingOf(doc *bundle.Document, zone *time.Location) tracking.Setting {
	s := tracking.Setting{Promise: doc.Promise, Methods: doc.DeliveryMethods, Watch: doc.Policy.Watch, Zone: zone, HomeCountry: doc.HomeCountry}
	for _, source := range doc.Sources {
		s.Carriers = append(s.Carriers, source.Carriers...)
	}
	return s
}

// Palette returns the Shop's colours, adjusted until they are readable.
func (r *Renderer) Palette() Palette { return r.palette }

// Localizers returns the Shop's languages, the default first.
func (r *Renderer) Localizers() []*Localizer { return r.localizers }

// Localizer returns the language that fits wanted best (BCP 47 tags or Accept-Language lists, best first).
func (r *Renderer) Localizer(wanted ...string) *Localizer {
	var nonEmpty []string
	for _, w := range wanted {
		if w != "" {
			nonEmpty = append(nonEmpty, w)
		}
	}
	_, index := language.MatchStrings(r.matcher, nonEmpty...)
	return r.localizers[index]
}

// ShopZone returns the Shop's own time zone, in which promises are computed.
func (r *Renderer) ShopZone() *time.Location { return r.zone }

// Block returns a layout block of the Shop; "" when it has none of that name.
func (r *Renderer) Block(name string, d Data) template.HTML {
	t := r.blocks[name]
	if t == nil {
		return ""
	}
	text, err := execute(t, d)
	if err != nil {
		return "" // a layout block is decoration: the page is complete without it
	}
	return template.HTML(text) // escaped by its own template
}
