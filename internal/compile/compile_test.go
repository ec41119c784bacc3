package compile_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/testing/golden"
)

func TestTheSamplesCompile(t *testing.T) {
	for name, in := range map[string]compile.Input{"linden": compiletest.Linden(t), "fjallro": compiletest.Fjallro(t)} {
		t.Run(name, func(t *testing.T) {
			out := compile.Compile(in)
			if out.Document == nil {
				t.Fatalf("no document: %v, missing %v", out.Problems, out.Missing)
			}
			shown := *out.Document
			shown.Texts = map[string]bundle.Texts{}
			for locale, texts := range out.Document.Texts {
				if len(texts) < 5 { // a complete locale would bury everything else
					shown.Texts[locale] = texts
				}
			}
			document, err := json.MarshalIndent(struct {
				Document     *bundle.Document
				Endpoints    []compile.Endpoint
				Keys         []compile.GeneratedKey
				Credentials  []compile.Credential
				NotYetActive []string
			}{&shown, out.Endpoints, out.Keys, out.Credentials, out.NotYetActive}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden.File(t, "testdata/"+name+".json", append(document, '\n'))
		})
	}
}

func TestWhatIsCompiledIsWhatTheWorkloadReads(t *testing.T) {
	out := compile.Compile(compiletest.Fjallro(t))
	doc, hash, err := bundle.Decode(out.Data)
	if err != nil {
		t.Fatal(err)
	}
	if hash != out.Hash {
		t.Errorf("hash %s, workload sees %s", out.Hash, hash)
	}
	if diff := cmp.Diff(out.Document, doc); diff != "" {
		t.Error(diff)
	}
}

func TestTheGathererIsToldEveryConfigMap(t *testing.T) {
	in := compiletest.Fjallro(t)
	refs := compile.Refs(in.Shop, in.Integrations, in.Platform.LibraryNamespace)
	if len(refs) != len(in.Content) {
		t.Errorf("refs %v, content %v", refs, in.Content)
	}
	for _, ref := range refs {
		without := compiletest.Fjallro(t)
		delete(without.Content, ref)
		out := compile.Compile(without)
		if out.Document != nil || !slices.Contains(out.Missing, ref) {
			t.Errorf("without %s: document %v, missing %v", ref, out.Document != nil, out.Missing)
		}
	}
}

func TestEveryProblemIsSaidNotOnlyTheFirst(t *testing.T) {
	in := compiletest.Fjallro(t)
	in.Shop.Spec.TimeZone = "Europe/Atlantis"
	in.Shop.Spec.Storage.Type = v1alpha1.StoragePostgreSQL
	in.Shop.Spec.Orders.Sources[0].Definition.Name = "shopifi"
	in.Integrations[0].Spec.Intake.Mode = v1alpha1.IntakeWebhook
	in.Content[compile.Ref{compile.ConfigMapKind, "fjallro", "fjallro-texts"}] = compile.Content{Data: map[string]string{
		"sv.yaml":   "mail.OutForDelivery.subject: ok\nmail.OutForDelivery.subjekt: nej\n",
		"readme.md": "x",
	}}
	in.Content[compile.Ref{compile.ConfigMapKind, "fjallro", "fjallro-brand"}] = compile.Content{Data: map[string]string{"logo.svg": "<html></html>"}}
	out := compile.Compile(in)
	if out.Document != nil || out.Data != nil || out.Hash != "" {
		t.Error("a broken Shop has a document")
	}
	var got []string
	for _, p := range out.Problems {
		got = append(got, p.Error())
	}
	golden.File(t, "testdata/problems.txt", strings.Join(got, "\n")+"\n")
	if own := out.ProblemsOf(compile.IntegrationObject(in.Integrations[0].Name)); len(own) != 1 || own[0].Path != "spec.intake.mode" {
		t.Errorf("problems of the integration: %v", own)
	}
}

func TestOneFaultIsRefusedWithItsPath(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(*compile.Input)
		path string
		says string
	}{
		"several time zones":     {func(in *compile.Input) { in.Shop.Spec.HomeCountry = "US" }, "spec.timeZone", `country "US"`},
		"machine's own zone":     {func(in *compile.Input) { in.Shop.Spec.TimeZone = "Local" }, "spec.timeZone", "not in the IANA"},
		"language without texts": {func(in *compile.Input) { in.Shop.Spec.Locales = []v1alpha1.Locale{"pt"} }, "spec.locales", "is not built in"},
		"rehearsal to nobody":    {func(in *compile.Input) { in.Shop.Spec.Activity = v1alpha1.ActivityRehearsal }, "spec.rehearsal", "must be set"},
		"verified by phone alone": {func(in *compile.Input) {
			in.Shop.Spec.Page = &v1alpha1.Page{Lookup: &v1alpha1.Lookup{VerifyBy: []v1alpha1.Proof{v1alpha1.ProofPhone}}}
		}, "spec.page.lookup.verifyBy", "Postcode or Email"},
		"two pods on one volume": {func(in *compile.Input) { in.Shop.Spec.Page = &v1alpha1.Page{Replicas: 2} }, "spec.page.replicas", "must be 1"},
		"reserved source name": {func(in *compile.Input) {
			in.Shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{orderSource("email", "api")}}
		}, "spec.orders.sources[0].name", `"email"`},
		"secret that verifies is not named": {func(in *compile.Input) {
			in.Shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{orderSource("webshop", "shopify")}}
		}, "spec.orders.sources[0].credentialsSecretRef", "client-secret"},
		"day that does not exist": {func(in *compile.Input) {
			in.Shop.Spec.Promise = &v1alpha1.Promise{ClosedDays: []v1alpha1.ClosedDay{"02-29", "2026-12-24", "2026-02-29"}}
		}, "spec.promise.closedDays[2]", `"2026-02-29" is not`},
		"title of two methods": {func(in *compile.Input) {
			in.Shop.Spec.DeliveryMethods = []v1alpha1.DeliveryMethod{
				{Name: "letter", Titles: []v1alpha1.MethodTitle{"Brief"}, Method: v1alpha1.MethodLetter},
				{Name: "parcel", Titles: []v1alpha1.MethodTitle{"Pakket", "brief "}, Method: v1alpha1.MethodParcel},
			}
		}, "spec.deliveryMethods[parcel].titles[1]", "is also a title of letter"},
		"blank title": {func(in *compile.Input) {
			in.Shop.Spec.DeliveryMethods = []v1alpha1.DeliveryMethod{{Name: "letter", Titles: []v1alpha1.MethodTitle{" "}, Method: v1alpha1.MethodLetter}}
		}, "spec.deliveryMethods[letter].titles[0]", "must not be blank"},
		"carrier as order source": {func(in *compile.Input) {
			s := orderSource("webshop", "postnord")
			s.Intake.Mode = v1alpha1.IntakePoll
			in.Shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{s}}
		}, "spec.orders.sources[0].definition.name", "postnord sends no orders"},
	} {
		t.Run(name, func(t *testing.T) {
			in := compiletest.Linden(t)
			tc.edit(&in)
			out := compile.Compile(in)
			if len(out.Problems) == 0 || out.Document != nil {
				t.Fatalf("accepted: %+v", out)
			}
			if p := out.Problems[0]; p.Path != tc.path || !strings.Contains(p.Message, tc.says) {
				t.Errorf("got %s, want %s: ...%s...", p.Error(), tc.path, tc.says)
			}
		})
	}
}

func orderSource(name, definition string) v1alpha1.OrderSource {
	return v1alpha1.OrderSource{
		Name:       v1alpha1.Key(name),
		Definition: v1alpha1.DefinitionReference{Name: v1alpha1.ObjectName(definition), Source: v1alpha1.DefinitionCatalog},
		Intake:     v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
	}
}

func TestAnInvalidOwnDefinitionIsRefusedWithFileAndLine(t *testing.T) {
	in := compiletest.Linden(t)
	s := orderSource("webshop", "own-shop")
	s.Definition.Source = v1alpha1.DefinitionLocal
	in.Shop.Spec.Orders = &v1alpha1.Orders{Sources: []v1alpha1.OrderSource{s}}
	in.Content = map[compile.Ref]compile.Content{{compile.ConfigMapKind, "linden", "own-shop"}: {Data: map[string]string{
		"definition.yaml": "name: own-shop\ntitle: Own shop\nkinds: [Orders]\nsignature: none\n",
	}}}
	out := compile.Compile(in)
	if len(out.Problems) == 0 {
		t.Fatal("accepted")
	}
	if p := out.Problems[0]; p.Source != "own-shop/definition.yaml" || p.Line != 4 || !strings.Contains(p.Message, "signature") {
		t.Errorf("got %+v", p)
	}
}

func TestAnEndpointSurvivesRecreationAndBelongsToOneSource(t *testing.T) {
	first := compile.EndpointID("id", "linden", "Shop", "linden", "api")
	if first != compile.EndpointID("id", "linden", "Shop", "linden", "api") || len(first) != 20 || strings.ToLower(first) != first {
		t.Errorf("endpoint %q", first)
	}
	seen := map[string]bool{first: true}
	for _, other := range [][5]string{
		{"id2", "linden", "Shop", "linden", "api"}, {"id", "linden2", "Shop", "linden", "api"},
		{"id", "linden", "CarrierIntegration", "linden", "api"}, {"id", "linden", "Shop", "linden2", "api"},
		{"id", "linden", "Shop", "linden", "webshop"},
	} {
		id := compile.EndpointID(other[0], other[1], other[2], other[3], other[4])
		if seen[id] {
			t.Errorf("%v has the endpoint of another", other)
		}
		seen[id] = true
	}
}

func TestThePolicyIsBuiltInThenBaseThenOwn(t *testing.T) {
	level := func(p bundle.Policy, occasion string) bundle.Rule {
		i := slices.IndexFunc(p.Rules, func(r bundle.Rule) bool { return r.Occasion == occasion })
		if i < 0 {
			t.Fatalf("no rule for %s", occasion)
		}
		return p.Rules[i]
	}
	in := compiletest.Fjallro(t)
	p := compile.EffectivePolicy(in.Platform.Policy, in.Policy, in.BasePolicy)
	for occasion, want := range map[string]bundle.Level{
		"OutForDelivery":  bundle.Important, // built in
		"LabelCreated":    bundle.PageOnly,  // base
		"LastAttempt":     bundle.Critical,  // own
		"LocationChanged": bundle.PageOnly,  // own
	} {
		if got := level(p, occasion).Level; got != want {
			t.Errorf("%s is %s, want %s", occasion, got, want)
		}
	}
	if p.Budget.RoutinePerOrder != 4 {
		t.Errorf("budget %d, the base says 4", p.Budget.RoutinePerOrder)
	}
	if !slices.IsSortedFunc(p.Rules, func(a, b bundle.Rule) int { return strings.Compare(a.Occasion, b.Occasion) }) {
		t.Error("rules are not sorted")
	}
	in.BasePolicy.Spec.BasePolicyRef = &v1alpha1.PolicyReference{Name: "other", Source: v1alpha1.SourceLocal}
	if problems := compile.CheckPolicy(in.Policy, in.BasePolicy); len(problems) != 1 || problems[0].Path != "spec.basePolicyRef" {
		t.Errorf("a base with a base: %v", problems)
	}
}

func TestAPolicyReplacesOfItsBaseWhatItSetsAndKeepsTheRest(t *testing.T) {
	number := func(n int32) *int32 { return &n }
	base := policyOf(v1alpha1.NotificationPolicySpec{
		QuietHours: &v1alpha1.QuietHours{Start: "20:00", End: "09:00"},
		Watch:      &v1alpha1.Watch{NoScanHours: 72, LateNoticeTime: "18:00"},
		Budget:     &v1alpha1.Budget{RoutinePerOrder: number(4), PerRecipientPerDay: number(0), MinimumGapSeconds: number(600)},
		Segments: []v1alpha1.Segment{
			{Name: "trade", CustomerTags: []v1alpha1.Tag{"b2b"}, Rules: []v1alpha1.Rule{{Occasion: "Delivered", Level: v1alpha1.LevelPageOnly}}},
			{Name: "staff", CustomerTags: []v1alpha1.Tag{"staff"}},
		},
	})
	own := policyOf(v1alpha1.NotificationPolicySpec{
		Rules:  []v1alpha1.Rule{{Occasion: "Lost", Level: v1alpha1.LevelCritical, Channels: []v1alpha1.Channel{v1alpha1.ChannelSMS}}},
		Watch:  &v1alpha1.Watch{NoScanHours: 48, EtaShiftHours: 2},
		Budget: &v1alpha1.Budget{PerRecipientPerDay: number(2)},
		Segments: []v1alpha1.Segment{
			{Name: "club", CustomerTags: []v1alpha1.Tag{"vip", "club"}, Rules: []v1alpha1.Rule{{Occasion: "Lost", Level: v1alpha1.LevelImportant}, {Occasion: "Delivered", Level: v1alpha1.LevelImportant}}},
			{Name: "trade", CustomerTags: []v1alpha1.Tag{"b2b"}},
		},
	})
	p := compile.EffectivePolicy(bundle.BuiltinPolicy(), own, base)
	want := bundle.Policy{
		Rules: p.Rules, Budget: bundle.Budget{RoutinePerOrder: 4, PerRecipientPerDay: 2, MinimumGapSeconds: 600},
		QuietHours: &bundle.QuietHours{Start: "20:00", End: "09:00"},
		Watch: bundle.Watch{
			SilentOrderHours: 48, NoFirstScanHours: 48, NoScanHours: 48, LateNoticeTime: "18:00", PickupReminderDays: 2, EtaShiftHours: 2,
		},
		Segments: []bundle.Segment{
			{Name: "club", CustomerTags: []string{"club", "vip"}, Rules: []bundle.Rule{
				{Occasion: "Delivered", Level: bundle.Important, Channels: []string{"Email"}}, {Occasion: "Lost", Level: bundle.Important, Channels: []string{"SMS"}},
			}},
			{Name: "trade", CustomerTags: []string{"b2b"}},
			{Name: "staff", CustomerTags: []string{"staff"}},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	if b := compile.EffectivePolicy(bundle.BuiltinPolicy(), base, nil).Budget; b.RoutinePerOrder != 0 || b.PerRecipientPerDay != 0 {
		t.Errorf("no routine message a day is %+v", b)
	}
	if q := compile.EffectivePolicy(bundle.BuiltinPolicy(), own, nil).QuietHours; q == nil || *q != (bundle.QuietHours{Start: "21:00", End: "08:00"}) {
		t.Errorf("without quiet hours of its own it has %v", q)
	}
}

func TestShopsWithoutAPolicyOfTheirOwnShareTheBuiltInRulesSorted(t *testing.T) {
	builtin := bundle.BuiltinPolicy()
	if p := compile.EffectivePolicy(builtin, nil, nil); &p.Rules[0] != &builtin.Rules[0] {
		t.Error("each Shop holds rules of its own")
	}
	mixed := bundle.Policy{Rules: []bundle.Rule{{Occasion: "Lost"}, {Occasion: "Delivered"}}}
	p := compile.EffectivePolicy(mixed, nil, nil)
	if p.Rules[0].Occasion != "Delivered" || mixed.Rules[0].Occasion != "Lost" {
		t.Errorf("rules of another order become %v, and what they were made of %v", p.Rules, mixed.Rules)
	}
}

func TestANamedPolicyThatDoesNotExistIsMissingNotReplaced(t *testing.T) {
	in := compiletest.Fjallro(t)
	in.BasePolicy = nil
	out := compile.Compile(in)
	if want := (compile.Ref{compile.PolicyKind, v1alpha1.LibraryNamespace, "house"}); out.Document != nil || !slices.Contains(out.Missing, want) {
		t.Errorf("missing %v, want %v", out.Missing, want)
	}
	in.Policy = nil
	out = compile.Compile(in)
	if want := (compile.Ref{compile.PolicyKind, "fjallro", "fjallro"}); out.Document != nil || !slices.Contains(out.Missing, want) {
		t.Errorf("missing %v, want %v", out.Missing, want)
	}
}

func TestARegionSpeaksItsLanguageWithItsOwnWordsOnTop(t *testing.T) {
	in := compiletest.Linden(t)
	in.Shop.Spec.Locales = []v1alpha1.Locale{"nl-BE"}
	in.Shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "words"}, Source: v1alpha1.SourceLocal}}
	in.Content = map[compile.Ref]compile.Content{{compile.ConfigMapKind, "linden", "words"}: {Data: map[string]string{
		"nl.yaml":    "mail.Delivered.subject: Bezorgd\nmail.OutForDelivery.subject: Onderweg\n",
		"nl-BE.yaml": "mail.Delivered.subject: Geleverd\n",
	}}}
	out := compile.Compile(in)
	if out.Document == nil {
		t.Fatal(out.Problems)
	}
	want := map[string]bundle.Texts{"nl-BE": {"mail.Delivered.subject": "Geleverd", "mail.OutForDelivery.subject": "Onderweg"}}
	if diff := cmp.Diff(want, out.Document.Texts); diff != "" {
		t.Error(diff)
	}
}

func TestAShopWithoutALanguageOfItsOwnSpeaksThatOfItsCountry(t *testing.T) {
	for country, want := range map[string]string{"NL": "nl", "SE": "sv", "PL": "pl", "MX": "es", "JP": "en", "IE": "en"} {
		in := compiletest.Linden(t)
		in.Shop.Spec.HomeCountry = v1alpha1.CountryCode(country)
		in.Shop.Spec.TimeZone = "UTC"
		out := compile.Compile(in)
		if out.Document == nil || out.Document.Locales[0] != want {
			t.Errorf("%s: %+v, want %s first", country, out, want)
		}
	}
}
