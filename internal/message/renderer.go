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

// Renderer speaks for one Shop in each of its languages. It is safe for concurrent use.
type Renderer struct {
	doc     *bundle.Document
	zone    *time.Location
	voices  []*Voice // as Document.Locales
	matcher language.Matcher
	blocks  map[string]*template.Template
	palette Palette
}

// Voice is a Renderer in one language.
type Voice struct {
	Locale string // as in Document.Locales
	Name   string // of the language, in the language
	doc    *bundle.Document
	intl   intl
	colon  string // between a title and its sentence
	// setting is what the Shop's configuration contributes to a journey.
	setting tracking.Setting
	phrases
}

// NewRenderer prepares every text of the Shop. Its error is all that Check finds wrong with texts and blocks themselves.
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

// prepare makes what can be made and says what cannot.
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
		v, faults := newVoice(doc, locale)
		problems = append(problems, faults...)
		if v == nil {
			continue
		}
		v.setting = setting
		r.voices = append(r.voices, v)
		tags = append(tags, language.Make(locale))
	}
	if len(r.voices) == 0 {
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

// newVoice lays the Shop's overrides over our own texts. A locale of which we have none must be complete.
func newVoice(doc *bundle.Document, locale string) (*Voice, []Problem) {
	lang := languageOf(locale)
	calendar, ok := intlTable[lang]
	if !ok {
		return nil, []Problem{{Source: locale + TextsSuffix, Message: "wismo knows no calendar of this language"}}
	}
	v := &Voice{Locale: locale, Name: Capital(calendar.name), doc: doc, intl: calendar, colon: ": ", phrases: noPhrases()}
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

// Say is the text of a key, with d's fields filled in; "" for a key that does not exist.
func (v *Voice) Say(key string, d Data) string { return v.render(key, d) }

func (v *Voice) render(key string, d any) string {
	t := v.templates[key]
	if t == nil {
		return v.plain[key]
	}
	text, err := execute(t, d)
	if err == nil {
		return strings.TrimSpace(text)
	}
	return v.fallback(key, d)
}

// fallback is our own text where a merchant's fails on real data that no sample showed; in a language of which we have
// none, it is English: words rather than a hole.
func (v *Voice) fallback(key string, d any) string {
	source := Builtin(v.Locale)[key]
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

// ShopData are the fields that do not depend on an order.
func (v *Voice) ShopData() Data {
	d := Data{
		Shop: v.doc.DisplayName, Company: v.doc.Legal.CompanyName, Carrier: v.plain["carrier"],
		Support: v.doc.Support.Email, SupportURL: v.doc.Support.URL, Phone: v.doc.Support.Phone,
		Privacy: v.doc.Legal.PrivacyURL, Imprint: v.doc.Legal.ImprintURL,
	}
	d.Contact = v.contact(d)
	return d
}

// settingOf is what the document contributes to a journey. It has no history of lanes: texts reckon only what the shop promised.
func settingOf(doc *bundle.Document, zone *time.Location) tracking.Setting {
	s := tracking.Setting{Promise: doc.Promise, Methods: doc.DeliveryMethods, Watch: doc.Policy.Watch, Zone: zone, HomeCountry: doc.HomeCountry}
	for _, source := range doc.Sources {
		s.Carriers = append(s.Carriers, source.Carriers...)
	}
	return s
}

// Palette is the Shop's colours, readable whatever the accent.
func (r *Renderer) Palette() Palette { return r.palette }

// Voices are the Shop's languages, the default first.
func (r *Renderer) Voices() []*Voice { return r.voices }

// Voice is the language that serves best a reader who understands wanted (BCP 47 tags or Accept-Language lists, best first).
func (r *Renderer) Voice(wanted ...string) *Voice {
	var nonEmpty []string
	for _, w := range wanted {
		if w != "" {
			nonEmpty = append(nonEmpty, w)
		}
	}
	_, index := language.MatchStrings(r.matcher, nonEmpty...)
	return r.voices[index]
}

// ShopZone is the Shop's own time zone, in which promises are reckoned.
func (r *Renderer) ShopZone() *time.Location { return r.zone }

// Block is a layout block of the Shop; "" when it has none of that name.
func (r *Renderer) Block(name string, d Data) template.HTML {
	t := r.blocks[name]
	if t == nil {
		return ""
	}
	text, err := execute(t, d)
	if err != nil {
		return "" // a layout block is decoration: the page stands without it
	}
	return template.HTML(text) // escaped by its own template
}
