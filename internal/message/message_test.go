package message

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/golden"
	"github.com/wismo-dev/wismo/internal/tracking"
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

func renderer(t *testing.T, doc *bundle.Document) *Renderer {
	t.Helper()
	r, err := NewRenderer(doc)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var links = Links{Page: "https://track.linden.example/o/TOKEN", Unsubscribe: "https://track.linden.example/u/TOKEN"}

func TestEveryBuiltInLanguageRendersCompletely(t *testing.T) {
	for _, locale := range BuiltinLocales() {
		r := renderer(t, shop(locale))
		for _, p := range r.localizers[0].checkKeys(r, Keys()) {
			t.Errorf("%s: %v", locale, p)
		}
		texts := Builtin(locale)
		for _, key := range Keys() {
			if texts[key] == "" && !optional(key) {
				t.Errorf("%s lacks %s", locale, key)
			}
		}
		for key := range texts {
			if !slices.Contains(Keys(), key) {
				t.Errorf("%s has %s, which no other locale has", locale, key)
			}
		}
	}
}

func TestThePromisedLanguagesAreBuiltIn(t *testing.T) {
	for _, locale := range []string{"en", "nl", "sv", "es", "pl", "de", "fr", "it"} {
		if !slices.Contains(BuiltinLocales(), locale) {
			t.Errorf("%s is missing", locale)
		}
	}
}

func TestEveryOccasionReasonAndStateHasWords(t *testing.T) {
	var keys []string
	for _, o := range tracking.Occasions() {
		keys = append(keys, "mail."+string(o)+".subject", "mail."+string(o)+".heading", "mail."+string(o)+".body")
	}
	for _, p := range tracking.Phases() {
		keys = append(keys, "page.state."+string(p), "page.event."+string(p), "page.next."+string(p))
	}
	for _, s := range tracking.Statuses() {
		keys = append(keys, "page.state."+string(s), "page.event."+string(s), "page.next."+string(s))
	}
	for _, r := range tracking.Reasons() {
		keys = append(keys, "page.reason."+string(r))
	}
	for _, key := range keys {
		if Builtin(reference)[key] == "" {
			t.Errorf("no words for %s", key)
		}
	}
}

func TestNoTextLeavesAShopperWithoutAnAnswer(t *testing.T) {
	banned := map[string][]string{
		"en": {"not available", "unavailable", "unknown", "pending", "n/a"},
		"nl": {"niet beschikbaar", "onbekend", "in behandeling"},
		"sv": {"inte tillgänglig", "okänd", "väntande"},
		"es": {"no disponible", "desconocid", "pendiente"},
		"pl": {"niedostępn", "nieznan", "oczekując"},
		"de": {"nicht verfügbar", "unbekannt", "ausstehend", "in bearbeitung"},
		"fr": {"indisponible", "inconnu", "en attente", "en suspens"},
		"it": {"non disponibil", "sconosciut", "in attesa", "in sospeso"},
	}
	for _, locale := range BuiltinLocales() {
		if len(banned[locale]) == 0 {
			t.Errorf("nobody has said which words %s must not use", locale)
		}
		words := append(banned[locale], banned["en"]...)
		for key, text := range Builtin(locale) {
			for _, word := range words {
				if strings.Contains(strings.ToLower(text), word) {
					t.Errorf("%s %s says %q: %s", locale, key, word, text)
				}
			}
		}
	}
}

// mailOf renders a sample's mail.
func mailOf(t *testing.T, r *Renderer, s Sample) Mail {
	t.Helper()
	m, err := r.Mail(s.News, s.Order, s.Journey, s.Order.Buyer, links, s.Now)
	if err != nil {
		t.Fatalf("%s: %v", s.News.Occasion, err)
	}
	return m
}

func TestTheSubjectSaysWhatHappenedToWhichOrder(t *testing.T) {
	for _, locale := range BuiltinLocales() {
		r := renderer(t, shop(locale))
		for _, s := range samples() {
			mail := mailOf(t, r, s)
			if !strings.Contains(mail.Subject, "#1001") {
				t.Errorf("%s %s: no order number in %q", locale, s.News.Occasion, mail.Subject)
			}
			for _, want := range []string{links.Page, links.Unsubscribe, "Linden Living", "#1001"} {
				if !strings.Contains(mail.Text, want) || !strings.Contains(mail.HTML, want) {
					t.Errorf("%s %s lacks %s in one of its forms", locale, s.News.Occasion, want)
				}
			}
		}
	}
}

// withoutFrame leaves out of a mail's text what every mail says: the shop and the greeting above, and all that is below the goods.
func withoutFrame(text string) string {
	text, _, _ = strings.Cut(text, "\n- ")
	parts := strings.Split(text, "\n\n")
	return strings.Join(slices.DeleteFunc(parts[1:len(parts)-1], func(p string) bool { return strings.Contains(p, "Robin") || strings.Contains(p, links.Page) }), "\n\n")
}

func TestMailsOfAJourneyReadAsApproved(t *testing.T) {
	for _, locale := range BuiltinLocales() {
		var out strings.Builder
		r := renderer(t, shop(locale))
		for _, s := range samples() {
			back := s.News.Subject == parcelOf("3SWISMO0000002")
			if back && returnWord(s.News.Occasion) != string(s.News.Occasion) && s.News.Occasion != tracking.Occasion(tracking.Exception) || s.News.Subject.Kind == tracking.SubjectShipment && isReturnOccasion(s.News.Occasion) && strings.Contains(out.String(), "=== "+string(s.News.Occasion)) {
				continue // the same words as another one's
			}
			mail := mailOf(t, r, s)
			text := mail.Text
			if s.News.Occasion != tracking.Occasion(tracking.OrderReceived) {
				text = withoutFrame(text)
			}
			fmt.Fprintf(&out, "=== %s %s\nSubject: %s\n\n%s\n\n", s.News.Occasion, s.News.Subject, mail.Subject, text)
		}
		golden.File(t, "testdata/mails."+locale+".txt", out.String())
	}
}

func TestThePagesWordsReadAsApproved(t *testing.T) {
	for _, l := range BuiltinLocales() {
		var out strings.Builder
		r := renderer(t, shop(l))
		v := r.localizers[0]
		for _, s := range samples() {
			c := r.Clock(s.Order, s.Now)
			w := v.Lead(s.Order, s.Journey, c)
			if i := len(s.Journey.Parcels) - 1; i > 0 && s.Journey.Parcels[i].Direction == tracking.Return {
				w = v.Parcel(s.Order, s.Journey, i, c)
			}
			lines := []string{w.State, w.Next, w.Reason, w.Action.Heading, w.Action.Body, w.Action.Otherwise, w.Left, w.Moved, w.Pickup.Until, w.LastScan, w.Method}
			lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
			if text := strings.Join(lines, "\n"); !strings.Contains(out.String(), text+"\n") {
				fmt.Fprintf(&out, "=== %s %s\n%s\n\n", s.News.Occasion, s.News.Subject, text)
			}
		}
		golden.File(t, "testdata/pages."+l+".txt", out.String())
	}
}

func TestThePageAboutTextsNamesEveryField(t *testing.T) {
	page, err := os.ReadFile("../../docs/texts.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range fieldNames(Data{}) {
		if !strings.Contains(string(page), "`."+field+"`") {
			t.Errorf("docs/texts.md does not say what .%s is", field)
		}
	}
}

func TestAMailIsOneDocumentWithOneHeadingAndLabelledPictures(t *testing.T) {
	doc := shop("nl")
	doc.Theme.Logo = &bundle.Logo{MediaType: "image/png", Data: []byte("png")}
	mail := mailOf(t, renderer(t, doc), SampleOf(tracking.Occasion(tracking.OutForDelivery), tracking.Outbound))
	root, err := html.Parse(strings.NewReader(mail.HTML))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for n := range root.Descendants() {
		count[n.Data]++
		if n.Data == "img" && fmt.Sprint(n.Attr[:2]) != "[{ src https://track.linden.example/logo} { alt Linden Living}]" {
			t.Errorf("a picture with %v", n.Attr)
		}
	}
	want := map[string]int{"h1": 1, "img": 1, "script": 0, "link": 0}
	for element, n := range want {
		if count[element] != n {
			t.Errorf("the mail has %d %s", count[element], element)
		}
	}
	if !strings.Contains(mail.HTML, `lang="nl"`) {
		t.Error("the mail does not say its language")
	}
}

func TestWhatAShopperTypedCannotBreakOutOfAMail(t *testing.T) {
	p := buy(t, func(o *tracking.OrderSaid) {
		o.Number = "#1001\r\nBcc: everyone@shopper.example"
		o.Customer.Name = `<script>alert(1)</script> Robin`
		o.Lines[0].Name = `<img src=x onerror=alert(1)>`
	})
	mail := p.mail(renderer(t, shop("en")), tracking.Occasion(tracking.OrderReceived), tracking.Subject{}, hours(1))
	if strings.ContainsAny(mail.Subject, "\r\n") {
		t.Errorf("the subject has two lines: %q", mail.Subject)
	}
	for _, tag := range []string{"<script", "<img"} {
		if strings.Contains(mail.HTML, tag) {
			t.Errorf("%s reached the mail", tag)
		}
	}
}

func TestAMailAboutADayIsNotSentWithoutOne(t *testing.T) {
	s := SampleOf(tracking.ArrivesTomorrow, tracking.Outbound)
	o, j := s.Order, s.Journey
	j.Parcels = slices.Clone(j.Parcels)
	j.Parcels[0].ETA = nil
	if _, err := renderer(t, shop("en")).Mail(s.News, o, j, o.Buyer, links, s.Now); !errors.Is(err, ErrNoDate) {
		t.Errorf("got %v", err)
	}
}

func TestTheOrdersLanguageDecides(t *testing.T) {
	r := renderer(t, shop("sv", "en", "nl"))
	for wanted, want := range map[string]string{"": "sv", "nl": "nl", "nl-BE": "nl", "en-US": "en", "ja": "sv", "de-DE,nl;q=0.5": "nl"} {
		if got := r.Localizer(wanted).Locale; got != want {
			t.Errorf("%q reads %s, want %s", wanted, got, want)
		}
	}
}

func TestAnOverrideReplacesOneTextAndKeepsTheRest(t *testing.T) {
	doc := shop("nl")
	doc.Texts = map[string]bundle.Texts{"nl": {"mail.Delivered.subject": "Hoera, {{.Number}} is er!", "mail.Delivered.preheader": "Veel plezier"}}
	mail := mailOf(t, renderer(t, doc), SampleOf(tracking.Occasion(tracking.Delivered), tracking.Outbound))
	if mail.Subject != "Hoera, #1001 is er!" || mail.Preheader != "Veel plezier" || !strings.Contains(mail.Text, "Je bestelling is bezorgd") {
		t.Errorf("got %q, %q\n%s", mail.Subject, mail.Preheader, mail.Text)
	}
}

func TestALanguageThatIsNotBuiltInMustBeComplete(t *testing.T) {
	doc := shop("en", "da")
	problems := Check(doc)
	if len(problems) < 200 || problems[0].Source != "da.yaml" || problems[0].Key == "" {
		t.Errorf("an empty Danish has %d problems, first %v", len(problems), problems[:min(1, len(problems))])
	}
	doc.Texts = map[string]bundle.Texts{"da": Builtin("en")}
	if problems := Check(doc); len(problems) > 0 {
		t.Errorf("a complete Danish is refused: %v", problems[0])
	}
	doc.Locales = []string{"tlh"}
	if problems := Check(doc); len(problems) == 0 || !strings.Contains(problems[0].Message, "calendar") {
		t.Errorf("a language without a calendar: %v", problems)
	}
}

func TestCarriersAreSpeltAsTheySpellThemselves(t *testing.T) {
	for slug, want := range map[string]string{"postnord": "PostNord", "dhl-express": "DHL Express", "green-bikes": "Green Bikes", "": ""} {
		if got := CarrierName(slug); got != want {
			t.Errorf("%q is %q, want %q", slug, got, want)
		}
	}
}
