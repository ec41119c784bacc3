package definition_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

func TestTheCatalogHoldsWhatItPromises(t *testing.T) {
	want := []string{"api", "easypost", "postnord", "sendcloud", "shopify"}
	if diff := cmp.Diff(want, definition.Names()); diff != "" {
		t.Fatalf("names (-want +got):\n%s", diff)
	}
	type facts struct {
		receives, generated bool
		page, notifier      []string
	}
	tests := map[string]facts{
		"api":       {receives: true, generated: true},
		"easypost":  {receives: true, generated: true, page: []string{"webhook-secret", "webhook-secret-previous"}, notifier: []string{"api-key"}},
		"sendcloud": {receives: true, page: []string{"webhook-signature-key", "webhook-signature-key-previous"}, notifier: []string{"public-key", "secret-key"}},
		"shopify":   {receives: true, page: []string{"client-secret", "client-secret-previous"}, notifier: []string{"access-token"}},
		"postnord":  {notifier: []string{"api-key"}},
	}
	for name, want := range tests {
		d, err := definition.Load(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := facts{d.Receives(), d.NeedsGeneratedKey(), keys(d, bundle.PageComponent), keys(d, bundle.NotifierComponent)}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(facts{})); diff != "" || d.Name != name {
			t.Errorf("%s, which calls itself %s (-want +got):\n%s", name, d.Name, diff)
		}
	}
}

func keys(d *definition.Definition, by bundle.Component) []string {
	var names []string
	for _, k := range d.CredentialKeys(by) {
		names = append(names, k.Key)
	}
	return names
}

func TestADefinitionSaysHowLongItsCarriersHoldAParcel(t *testing.T) {
	for _, name := range []string{"easypost", "sendcloud"} {
		d, err := definition.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := d.Carrier("correos"); !ok || c.Rules().PickupHoldDays != 15 || c.Rules().MaxDeliveryAttempts != 2 {
			t.Errorf("%s: %+v", name, c)
		}
		if c, ok := d.Carrier("quay"); ok {
			t.Errorf("%s knows %+v", name, c)
		}
	}
}

func TestOfEverySpeakerTheNearestToTheParcelIsTheBest(t *testing.T) {
	for name, want := range map[string]tracking.SourceRank{
		"postnord": tracking.RankCarrier, "easypost": tracking.RankAggregator, "sendcloud": tracking.RankAggregator,
		"shopify": tracking.RankShop, "api": tracking.RankShop,
	} {
		d, err := definition.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Rank(); got != want {
			t.Errorf("%s speaks as %d, want %d", name, got, want)
		}
	}
}

func TestAnUnknownNameIsAnsweredWithTheNamesThereAre(t *testing.T) {
	for _, name := range []string{"easypots", "", "../api", "api.yaml"} {
		if _, err := definition.Load(name); err == nil || !strings.Contains(err.Error(), "api, easypost, postnord, sendcloud, shopify") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// valid is the smallest definition that receives webhooks.
const valid = `format: 1
name: quay
title: Quay Post
kinds: [Carrier]
capabilities: {push: Active}
verify:
  scheme: HMACSHA256
  header: X-Quay-Signature
  encoding: Hex
  signed: [Body]
secrets:
  generated: true
mapping:
  parcels:
  - list: '[body]'
    number: parcel.number
    events:
      list: parcel.events
      code: event.code
      time: event.time
  codes:
    D: {status: Delivered}
`

func TestATenantsOwnDefinitionResolvesLikeTheCatalogs(t *testing.T) {
	d, err := definition.Resolve(bundle.Source{Name: "carrier-quay", Definition: "quay", Document: valid})
	if err != nil {
		t.Fatal(err)
	}
	if d.Title != "Quay Post" || d.Mapping.Parcels[0].Number.Line != 16 {
		t.Errorf("got %q, number on line %d", d.Title, d.Mapping.Parcels[0].Number.Line)
	}
	if _, err := definition.Resolve(bundle.Source{Name: "carrier-quay", Definition: "quay", Document: "name: 7"}); err == nil {
		t.Error("a broken document was resolved")
	}
	if _, err := definition.Resolve(bundle.Source{Name: "api", Definition: "api"}); err != nil {
		t.Error(err)
	}
}

func TestEveryMistakeInADefinitionIsToldWithItsLine(t *testing.T) {
	tests := []struct{ name, old, replacement, want string }{
		{"unknown key", "title:", "titel:", "line 3: unknown key titel"},
		{"unknown key deep down", "      code: event.code", "      kode: event.code", "unknown key kode"},
		{"a list where a text belongs", "title: Quay Post", "title: [a]", "line 3:"},
		{"no format", "format: 1\n", "", "line 1: format: must be 1, the format version that this version of wismo reads, not 0"},
		{"format of another version", "format: 1", "format: 2", "line 1: format: must be 1, the format version that this version of wismo reads, not 2"},
		{"speaker", "mapping:", "speaker: Me\nmapping:", "line 13: speaker: must be one of Carrier, Aggregator, Shop"},
		{"time format", "mapping:", "mapping:\n  timeFormats: [yyyy-MM-qq]", "line 14: mapping.timeFormats[0]: \"yyyy-MM-qq\" is not a time format"},
		{"time format without a year", "mapping:", "mapping:\n  timeFormats: [dd/MM]", "mapping.timeFormats[0]: \"dd/MM\" is not a time format: it has no year"},
		{"order of events", "      code:", "      order: Newest\n      code:", "events.order: must be one of OldestFirst, NewestFirst"},
		{"carrier", "mapping:", "carriers: [{name: Quay!}]\nmapping:", "line 13: carriers[0].name: must be a DNS label"},
		{"number pattern", "mapping:", "carriers: [{name: quay, numbers: ['Q[']}]\nmapping:", "carriers[0].numbers[0]: must be a regular expression"},
		{"link", "mapping:", "carriers: [{name: quay, link: 'http://quay.example'}]\nmapping:", "carriers[0].link: must be an https URL with {number}"},
		{"hold", "mapping:", "carriers: [{name: quay, pickupHoldDays: 900}]\nmapping:", "carriers[0].pickupHoldDays: must be 0 to 90, not 900"},
		{"notice", "mapping:", "carriers: [{name: quay, notices: [{occasion: Teatime, responsible: Carrier}]}]\nmapping:", "carriers[0].notices[0].occasion: \"Teatime\" is not an occasion"},
		{"name", "name: quay", "name: Quay!", "line 2: name: must be a DNS label"},
		{"kind", "kinds: [Carrier]", "kinds: [Carriers]", `line 4: kinds[0]: must be one of Orders, Carrier, not "Carriers"`},
		{"capability", "push: Active", "push: Yes", "line 5: capabilities.push: must be one of Active, NotYetActive"},
		{"scheme", "scheme: HMACSHA256", "scheme: MD5", "line 7: verify.scheme: must be one of HMACSHA256, StaticHeader, None"},
		{"push that cannot be verified", "scheme: HMACSHA256", "scheme: None", "line 5: capabilities.push: must not be Active with verify.scheme None"},
		{"header", "X-Quay-Signature", `"X Quay"`, "line 8: verify.header: must be the name of an HTTP header"},
		{"encoding", "encoding: Hex", "encoding: Hexx", "line 9: verify.encoding"},
		{"body not signed", "signed: [Body]", "signed: [ID]\n  idHeader: X-Id", "line 10: verify.signed: must contain Body"},
		{"id without a header", "signed: [Body]", "signed: [ID, Body]", "verify.idHeader: must be the name of an HTTP header"},
		{"time without a place", "signed: [Body]", "signed: [Timestamp, Body]", "verify.timestamp: must name the header"},
		{"unsigned time", "signed: [Body]", "signed: [Body]\n  timestamp: {header: T, format: RFC3339, toleranceSeconds: 9}", "line 11: verify.timestamp: must be left out"},
		{"tolerance", "signed: [Body]", "signed: [Timestamp, Body]\n  timestamp: {header: T, format: RFC3339}", "line 11: verify.timestamp.toleranceSeconds: must be 1 to 86400, not 0"},
		{"no secret", "generated: true", "generated: false", "line 11: secrets: must name a secret"},
		{"credential key", "generated: true", "credentialKeys: [{key: a/b, usedBy: Page, minBytes: 1, description: d}]", `line 12: secrets.credentialKeys[0].key: must be a key of a Secret, not "a/b"`},
		{"credential without size", "generated: true", "credentialKeys: [{key: k, usedBy: Page, description: d}]", "minBytes: must be 1 to 4096"},
		{"credential for nobody", "generated: true", "credentialKeys: [{key: k, usedBy: Me, minBytes: 1, description: d}]", "must be one of Page, Notifier"},
		{"secret header kept", "mapping:", "receipt: {keepHeaders: [authorization]}\nmapping:", "receipt.keepHeaders[0]: must not be authorization, which may hold a secret"},
		{"nothing mapped", "  parcels:\n  - list: '[body]'\n    number: parcel.number\n    events:\n      list: parcel.events\n      code: event.code\n      time: event.time\n", "", "mapping: must map orders, shipments or parcels"},
		{"no number", "    number: parcel.number\n", "", "line 15: mapping.parcels[0]: must map number, shipmentID or both"},
		{"no time", "      time: event.time\n", "", "mapping.parcels[0].events.time: must be set"},
		{"status", "status: Delivered", "status: Arrived", `line 22: mapping.codes.D: "Arrived" is not a status`},
		{"status and phase", "status: Delivered", "status: Delivered, phase: Packed", "line 22: mapping.codes.D: must not set both phase and status"},
		{"reason", "status: Delivered", "reason: Because", `"Because" is not a reason`},
		{"time zone", "mapping:", "mapping:\n  timeZone: Mars/Base", "mapping.timeZone: must be an IANA time zone"},
		{"orders of a carrier", "mapping:", "mapping:\n  orders: [{list: body, number: order.n}]", "mapping: maps orders or shipments, so kinds must contain Orders"},
		{"expression is a list", "number: parcel.number", "number: [a]", "line 16: must be a CEL expression written as one string"},
		{"two documents", "name: quay", "---\nname: a\n---\nname: quay", "exactly one YAML document"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(valid, test.old, test.replacement, 1)
			if text == valid {
				t.Fatal("the test changes nothing")
			}
			_, err := definition.Parse([]byte(text))
			if _, ok := errors.AsType[definition.Problems](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	text := strings.NewReplacer("encoding: Hex", "encoding: Octal", "status: Delivered", "status: Gone").Replace(valid)
	_, err := definition.Parse([]byte(text))
	problems, ok := errors.AsType[definition.Problems](err)
	if !ok || len(problems) != 2 {
		t.Errorf("got %v", err)
	}
}

func TestAHugeOrEmptyDefinitionIsRefused(t *testing.T) {
	if _, err := definition.Parse([]byte(valid + strings.Repeat("# padding\n", 7000))); err == nil {
		t.Error("a huge definition was parsed")
	}
	if _, err := definition.Parse(nil); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("empty: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(valid)
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := definition.Parse([]byte(text))
		if (d == nil) == (err == nil) {
			t.Errorf("definition %v with error %v", d, err)
		}
	})
}
