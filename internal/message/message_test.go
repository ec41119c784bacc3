package message

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

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
		keys = append(keys, mailKey(o, "subject"), mailKey(o, "heading"), mailKey(o, "body"))
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

func TestTheSubjectSaysWhatHappenedToWhichOrder(t *testing.T) {
	for _, locale := range BuiltinLocales() {
		r := renderer(t, shop(locale))
		for _, occasion := range tracking.Occasions() {
			o, j, now := SampleOrder(occasion)
			mail, err := r.Mail(occasion, o, j, links, now)
			if err != nil {
				t.Errorf("%s %s: %v", locale, occasion, err)
				continue
			}
			if !strings.Contains(mail.Subject, "#1001") {
				t.Errorf("%s %s: no order number in %q", locale, occasion, mail.Subject)
			}
			for _, want := range []string{links.Page, links.Unsubscribe, "Linden Living"} {
				if !strings.Contains(mail.Text, want) || !strings.Contains(mail.HTML, want) {
					t.Errorf("%s %s lacks %s in one of its forms", locale, occasion, want)
				}
			}
		}
	}
}

func TestMailsOfAJourneyReadAsApproved(t *testing.T) {
	for _, locale := range BuiltinLocales() {
		var out strings.Builder
		r := renderer(t, shop(locale))
		for _, occasion := range tracking.Occasions() {
			o, j, now := SampleOrder(occasion)
			mail, err := r.Mail(occasion, o, j, links, now)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "=== %s\nSubject: %s\nPreheader: %s\n\n%s\n", occasion, mail.Subject, mail.Preheader, mail.Text)
		}
		golden.File(t, "testdata/mails."+locale+".txt", out.String())
	}
}

func TestAMailIsOneDocumentWithOneHeadingAndLabelledPictures(t *testing.T) {
	doc := shop("nl")
	doc.Theme.Logo = &bundle.Logo{MediaType: "image/png", Data: []byte("png")}
	o, j, now := SampleOrder(tracking.Occasion(tracking.OutForDelivery))
	mail, err := renderer(t, doc).Mail(tracking.Occasion(tracking.OutForDelivery), o, j, links, now)
	if err != nil {
		t.Fatal(err)
	}
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
	o, j, now := SampleOrder(tracking.Occasion(tracking.Delivered))
	o.Number = "1001\r\nBcc: everybody@shopper.example"
	o.Customer.Name = `<script>alert(1)</script> Robin`
	o.Items[0].Name = `<img src=x onerror=alert(1)>`
	mail, err := renderer(t, shop("en")).Mail(tracking.Occasion(tracking.Delivered), o, j, links, now)
	if err != nil {
		t.Fatal(err)
	}
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
	o, j, now := SampleOrder(tracking.ArrivesTomorrow)
	j.ETA = nil
	_, err := renderer(t, shop("en")).Mail(tracking.ArrivesTomorrow, o, j, links, now)
	if !errors.Is(err, ErrNoDate) {
		t.Errorf("got %v", err)
	}
}

func TestTheOrdersLanguageDecides(t *testing.T) {
	r := renderer(t, shop("sv", "en", "nl"))
	for wanted, want := range map[string]string{"": "sv", "nl": "nl", "nl-BE": "nl", "en-US": "en", "ja": "sv", "de-DE,nl;q=0.5": "nl"} {
		if got := r.Voice(wanted).Locale; got != want {
			t.Errorf("%q reads %s, want %s", wanted, got, want)
		}
	}
}

func TestAnOverrideReplacesOneTextAndKeepsTheRest(t *testing.T) {
	doc := shop("nl")
	doc.Texts = map[string]bundle.Texts{"nl": {"mail.Delivered.subject": "Hoera, {{.Number}} is er!", "mail.Delivered.preheader": "Veel plezier"}}
	o, j, now := SampleOrder(tracking.Occasion(tracking.Delivered))
	mail, err := renderer(t, doc).Mail(tracking.Occasion(tracking.Delivered), o, j, links, now)
	if err != nil {
		t.Fatal(err)
	}
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

func TestTheDestinationsClockIsTheReadersClock(t *testing.T) {
	o, j, now := SampleOrder(tracking.Occasion(tracking.Delivered))
	r := renderer(t, shop("en"))
	at := func(country string) string {
		o.To.Country = country
		return r.Voice("en").Data(o, j, j.State, r.Zone(o), now).When
	}
	if nl, gb, es := at("NL"), at("GB"), at("ES"); nl != "today at 14:40" || gb != "today at 13:40" || es != nl {
		t.Errorf("NL %q, GB %q, ES (several zones: the Shop's) %q", nl, gb, es)
	}
}

func TestBadNewsIsSaidInItsOwnWords(t *testing.T) {
	for name, test := range map[string]struct {
		journey tracking.Journey
		want    tracking.Occasion
	}{
		"delayed on the way":      {tracking.Journey{State: "InTransit", Delayed: true}, tracking.Delayed},
		"late without a word":     {tracking.Journey{State: "InTransit", Late: true}, tracking.LateWithoutNews},
		"late, and told so":       {tracking.Journey{State: "InTransit", Late: true, Delayed: true}, tracking.Delayed},
		"late but at the door":    {tracking.Journey{State: "OutForDelivery", Late: true}, "OutForDelivery"},
		"coming back":             {tracking.Journey{State: "InTransit", Returning: true}, "ReturnInTransit"},
		"back":                    {tracking.Journey{State: "ReturnedToSender", Returning: true}, "ReturnedToSender"},
		"ordinary":                {tracking.Journey{State: "Packed"}, "Packed"},
		"late before any carrier": {tracking.Journey{State: "Preparing", Late: true}, tracking.LateWithoutNews},
	} {
		if got := StateOf(test.journey); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestAPassedDayIsNeverPromised(t *testing.T) {
	o, _, _ := SampleOrder(tracking.Occasion(tracking.InTransit))
	r := renderer(t, shop(BuiltinLocales()...))
	for hour := range 24 * 6 {
		now := o.PlacedAt.Add(time.Duration(hour) * time.Hour)
		j := tracking.Project(o, bundle.Promise{}, time.UTC, now)
		if eta := Expected(j, r.Zone(o)); eta != nil && eta.End(r.Zone(o)).Before(now) {
			t.Fatalf("%s: still expected on %s", now, eta.End(r.Zone(o)))
		}
	}
}

func TestAFailedDeliveryDoesNotPromiseTheSameHourAgain(t *testing.T) {
	day := time.Date(2026, 11, 26, 13, 0, 0, 0, time.UTC)
	j := tracking.Journey{State: "DeliveryAttemptFailed", Since: day, ETA: &tracking.ETA{From: day.Add(-time.Hour), To: day.Add(3 * time.Hour)}}
	if eta := Expected(j, time.UTC); eta != nil {
		t.Errorf("promises %v", eta)
	}
	j.ETA.From, j.ETA.To = day.AddDate(0, 0, 1), day.AddDate(0, 0, 1)
	if Expected(j, time.UTC) == nil {
		t.Error("the next day's try is not told")
	}
}

func TestNobodyIsGreetedByAnInitial(t *testing.T) {
	for name, want := range map[string]string{"Robin Sample": "Robin", "R. Sample": "", "R Sample": "", "Dr. Sample": "", "": "", "Åsa": "Åsa"} {
		if got := firstName(name); got != want {
			t.Errorf("%q greets %q, want %q", name, got, want)
		}
	}
}

func TestCarriersAreSpeltAsTheySpellThemselves(t *testing.T) {
	for slug, want := range map[string]string{"postnord": "PostNord", "dhl-express": "DHL Express", "green-bikes": "Green Bikes", "": ""} {
		if got := CarrierName(slug); got != want {
			t.Errorf("%q is %q, want %q", slug, got, want)
		}
	}
}
