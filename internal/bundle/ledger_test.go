package bundle

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/bundle/frozen"
)

// full sets every field of the Document, and every later word.
func full() *Document {
	rule := func(occasion string) Rule {
		return Rule{Occasion: occasion, Level: Important, Channels: []string{"Email"}}
	}
	doc := &Document{
		SchemaVersion: SchemaVersion, MinReader: Reader, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", Aliases: []Alias{{Hostname: "old.linden.example", Locale: "nl"}},
		BaseURL: "https://track.linden.example", HomeCountry: "NL", Locales: []string{"nl"}, TimeZone: "Europe/Amsterdam",
		ActivityFile: true, Activity: Rehearsal, RehearsalTo: "try@linden.example",
		Legal:   Legal{CompanyName: "Linden BV", PrivacyURL: "https://linden.example/privacy", ImprintURL: "https://linden.example/imprint"},
		Support: Support{Email: "help@linden.example", Phone: "+31201234567", URL: "https://linden.example/help", Hours: "9-17"},
		Promise: Promise{
			HandlingBusinessDays: 1, CutOff: "15:00", ClosedDays: []string{"12-24"},
			Transit: []Transit{{Name: "home", Countries: []string{"NL"}, MinBusinessDays: 1, MaxBusinessDays: 2}},
		},
		DeliveryMethods: []DeliveryMethod{{Name: "letter", Titles: []string{"Brief"}, Method: MethodLetter, MinBusinessDays: 1, MaxBusinessDays: 4}},
		Theme:           Theme{AccentColor: "#1F5C4D", Logo: &Logo{MediaType: "image/png", Data: []byte{1}}},
		Texts:           map[string]Texts{"nl": {"mail.help": "Vragen?"}}, Blocks: map[string]string{"mail-footer": "<p>Linden</p>"},
		Page: Page{
			Fields: []Field{{Name: "Price", Show: "Never"}}, VerifyBy: []string{"Email"}, FrameAncestors: []string{"https://linden.example"},
			Actions: []Action{{Name: "CancelOrder", LastPhase: "Packed", Type: "Link", URL: "https://linden.example/cancel"}},
		},
		Sources: []Source{{
			Name: "carrier-postnord", Kind: Carrier, EndpointID: "x", Definition: "postnord", Document: "name: postnord",
			AccountURL: "https://postnord.example", Intake: "Webhook", Credential: "carrier-postnord",
			Carriers: []CarrierRules{{
				Name: "postnord", MaxDeliveryAttempts: 2, PickupHoldDays: 14,
				Notices: []Notice{{Occasion: "AvailableForPickup", Responsible: ResponsibleCarrier}},
			}},
		}},
		Email: Email{
			Type: SMTP, FromName: "Linden", FromAddress: "order@linden.example", ReplyTo: "help@linden.example",
			Host: "smtp.linden.example", Port: 587, TLS: "StartTLS", Credential: "email",
		},
		Policy: Policy{
			Rules: []Rule{rule("Delivered")}, Budget: Budget{RoutinePerOrder: 5, PerRecipientPerDay: 6, MinimumGapSeconds: 60},
			QuietHours: &QuietHours{Start: "21:00", End: "08:00"},
			Watch: Watch{
				SilentOrderHours: 48, NoFirstScanHours: 48, NoScanHours: 96, LateNoticeTime: "17:00", PickupReminderDays: 2, EtaShiftHours: 4,
			},
			Segments: []Segment{{Name: "trade", CustomerTags: []string{"b2b"}, Rules: []Rule{rule("Delivered")}}},
		},
		Links: Links{TTLDays: 90}, Storage: Storage{Type: SQLite},
	}
	for _, word := range laterWords["policy.rules[].occasion"] {
		doc.Policy.Rules = append(doc.Policy.Rules, rule(word))
	}
	for _, word := range laterWords["page.actions[].lastPhase"] {
		doc.Page.Actions = append(doc.Page.Actions, Action{Name: "ContactSupport", LastPhase: word, Type: "Link", URL: "https://linden.example/help"})
	}
	return doc
}

// pathsOf are the fields of a type, as the ledger names them.
func pathsOf(t reflect.Type, path string) []string {
	switch t.Kind() {
	case reflect.Pointer:
		return pathsOf(t.Elem(), path)
	case reflect.Slice:
		return pathsOf(t.Elem(), path+"[]")
	case reflect.Struct:
	default:
		return nil
	}
	var all []string
	for i := range t.NumField() {
		at := below(path, t.Field(i))
		all = append(append(all, at), pathsOf(t.Field(i).Type, at)...)
	}
	return all
}

func TestTheLedgerAndItsSampleHaveEveryFieldOfTheDocument(t *testing.T) {
	all := slices.Sorted(slices.Values(pathsOf(reflect.TypeFor[Document](), "")))
	var listed []string
	for _, e := range Ledger() {
		if e.Value == "" {
			listed = append(listed, e.Path)
		}
	}
	if diff := cmp.Diff(all, listed); diff != "" {
		t.Errorf("say in the ledger since which reader a field is acted on, and what it means to lose it (-document +ledger):\n%s", diff)
	}
	var found []string
	visit(reflect.ValueOf(full()).Elem(), "", func(path, _ string) { found = append(found, path) })
	slices.Sort(found)
	if diff := cmp.Diff(all, slices.Compact(found)); diff != "" {
		t.Errorf("the sample does not set every field (-document +sample):\n%s", diff)
	}
}

func TestNoEntryIsOfAReaderThatDoesNotExist(t *testing.T) {
	latest := 0
	for _, e := range Ledger() {
		latest = max(latest, e.Since)
		if e.Since < 1 || e.Read > e.Since || (e.Loss != Required && e.Loss != Ignorable) {
			t.Errorf("%+v", e)
		}
	}
	if latest != Reader {
		t.Errorf("the last entry is of reader %d, this build is reader %d", latest, Reader)
	}
}

// frozenFields are the fields of the readers before this one.
func frozenFields() []string { return pathsOf(reflect.TypeFor[frozen.Document](), "") }

func TestTheFieldsOfTheLastReleaseAreThoseOfItsReaders(t *testing.T) {
	var readable []string
	for _, e := range Ledger() {
		if e.Value == "" && (e.Since <= frozen.Reader || (e.Read > 0 && e.Read <= frozen.Reader)) {
			readable = append(readable, e.Path)
		}
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(frozenFields())), readable); diff != "" {
		t.Errorf("(-last release +ledger):\n%s", diff)
	}
}

func TestTheLastReleaseReadsWhatIsFittedForItWithAllThatItKnows(t *testing.T) {
	fitted, lost := Fit(full(), frozen.Reader)
	plain, err := json.Marshal(fitted)
	if err != nil {
		t.Fatal(err)
	}
	read, err := frozen.Decode(plain)
	if err != nil {
		t.Fatalf("it refuses the document: %v", err)
	}
	var found []string
	visit(reflect.ValueOf(read).Elem(), "", func(path, _ string) { found = append(found, path) })
	slices.Sort(found)
	if diff := cmp.Diff(slices.Sorted(slices.Values(frozenFields())), slices.Compact(found)); diff != "" {
		t.Errorf("fields are lost on the way (-known +read):\n%s", diff)
	}
	if diff := cmp.Diff(laterEntries(), lost); diff != "" {
		t.Errorf("something is lost and not said (-ledger +said):\n%s", diff)
	}
}

func TestFittingChangesNothingOfWhatOthersHold(t *testing.T) {
	doc := full()
	Fit(doc, frozen.Reader)
	if diff := cmp.Diff(full(), doc); diff != "" {
		t.Error(diff)
	}
}

func TestThisReaderLosesNothing(t *testing.T) {
	fitted, lost := Fit(full(), Reader)
	if len(lost) > 0 {
		t.Errorf("lost: %v", lost)
	}
	if diff := cmp.Diff(full(), fitted); diff != "" {
		t.Error(diff)
	}
}

// only is a Document in which one field is set, and what is above it.
func only(t *testing.T, e Entry) *Document {
	t.Helper()
	drop := map[string]bool{}
	for _, other := range laterEntries() {
		if other.Value == "" && other.Path != e.Path && !strings.HasPrefix(e.Path, other.Path+".") && !strings.HasPrefix(e.Path, other.Path+"[") {
			drop[other.Path] = true
		}
	}
	doc := full()
	doc.Sources[0].Carriers[0].Notices[0].Responsible = ResponsibleShop // TestOnlyACarrierThatTellsTheShopperNeedsALaterReader has the other
	clearFields(reflect.ValueOf(doc).Elem(), "", drop)
	return doc
}

func TestAFieldWhoseLossSendsMoreNeedsItsReaderAndAnyOtherDoesNot(t *testing.T) {
	for _, e := range laterEntries() {
		if e.Value != "" {
			continue
		}
		want := 1
		if e.Loss == Required {
			want = e.Since
		}
		if got := OldestReader(only(t, e)); got != want {
			t.Errorf("a document with %s needs reader %d, want %d", e.Path, got, want)
		}
	}
}

func TestOnlyACarrierThatTellsTheShopperNeedsALaterReader(t *testing.T) {
	for responsible, want := range map[Responsible]int{ResponsibleCarrier: 2, ResponsibleShop: 1} {
		doc := sample()
		doc.Sources[0].Carriers = []CarrierRules{{Name: "dpd", Notices: []Notice{{Occasion: "Delivered", Responsible: responsible}}}}
		if got := OldestReader(doc); got != want {
			t.Errorf("%s needs reader %d, want %d", responsible, got, want)
		}
	}
}
