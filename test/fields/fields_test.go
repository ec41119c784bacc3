package fields_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/config/crd"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/keyring"
	"github.com/wismo-dev/wismo/internal/release"
)

// leaf is a field without fields below it.
type leaf struct {
	path   string // below spec, with [] behind a list
	enum   []string
	schema apiextensionsv1.JSONSchemaProps
}

// schemas are the specs of all kinds.
func schemas(t *testing.T) map[string]apiextensionsv1.JSONSchemaProps {
	t.Helper()
	definitions, err := crd.Definitions()
	if err != nil || len(definitions) != 3 {
		t.Fatalf("%d definitions, %v", len(definitions), err)
	}
	all := map[string]apiextensionsv1.JSONSchemaProps{}
	for _, d := range definitions {
		all[d.Spec.Names.Kind] = d.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
	}
	return all
}

func leaves(schema apiextensionsv1.JSONSchemaProps, path string) []leaf {
	if schema.Items != nil {
		return leaves(*schema.Items.Schema, path+"[]")
	}
	if len(schema.Properties) == 0 {
		l := leaf{path: path, schema: schema}
		for _, value := range schema.Enum {
			l.enum = append(l.enum, strings.Trim(string(value.Raw), `"`))
		}
		return []leaf{l}
	}
	var all []leaf
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		all = append(all, leaves(schema.Properties[name], strings.TrimPrefix(path+"."+name, "."))...)
	}
	return all
}

// inTable reports whether the table of inactive fields has the leaf, or all of its values but one.
func inTable(kind string, l leaf) bool {
	left := len(l.enum)
	for _, f := range compile.InactiveFields() {
		if f.Kind != kind {
			continue
		}
		if f.Covers(l.path) {
			return true
		}
		if f.Path == l.path && slices.Contains(l.enum, f.Value) {
			left--
		}
	}
	return len(l.enum) > 0 && left <= 1
}

// TestEveryFieldOfTheAPIActsOrIsInTheTable is the test that a field has to pass to leave the table of inactive fields.
func TestEveryFieldOfTheAPIActsOrIsInTheTable(t *testing.T) {
	for kind, schema := range schemas(t) {
		known := map[string]bool{}
		for _, l := range leaves(schema, "") {
			known[l.path] = true
			t.Run(kind+"/"+l.path, func(t *testing.T) {
				t.Parallel()
				w, isWitnessed := witnesses[kind][l.path]
				proof, isElsewhere := elsewhere[kind][l.path]
				switch {
				case inTable(kind, l):
					if isWitnessed || isElsewhere {
						t.Error("the table of package compile says that it is not acted on, and it has a witness: remove one of them")
					}
				case isWitnessed:
					w.holds(t, kind, l.path)
				case isElsewhere:
					wantTest(t, proof)
				case !slices.Contains(keys[kind], l.path):
					t.Error("it neither is in the table of inactive fields in internal/compile/inactive.go nor has a witness in test/fields/base_test.go")
				}
			})
		}
		for _, named := range slices.Concat(slices.Collect(maps.Keys(witnesses[kind])), slices.Collect(maps.Keys(elsewhere[kind])), keys[kind]) {
			if !known[named] {
				t.Errorf("%s has no field %s", kind, named)
			}
		}
	}
}

// wantTest fails unless the test exists, written as a package's folder and a name.
func wantTest(t *testing.T, proof string) {
	t.Helper()
	folder, name, _ := strings.Cut(proof, " ")
	files, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "func "+name+"(") {
			return
		}
	}
	t.Errorf("there is no test %s in %s", name, folder)
}

// holds fails unless the change of the field shows where the witness says.
func (w witness) holds(t *testing.T, kind, path string) {
	t.Helper()
	at := w.at
	if at == "" {
		at = strings.ReplaceAll(path, "[]", "[0]")
	}
	before := documents(t, kind, w.with)
	after := documents(t, kind, w.with)
	set(t, specOf(after, kind), at, w.to)
	one, other := effects(t, before, w.in), effects(t, after, w.in)
	if one == other {
		t.Errorf("%s: %s changes none of the %s", at, w.to, w.in)
	}
}

var kinds = map[string]string{"Shop": "shop", "CarrierIntegration": "carrierIntegration", "NotificationPolicy": "notificationPolicy"}

func specOf(docs map[string]any, kind string) map[string]any {
	return docs[kinds[kind]].(map[string]any)["spec"].(map[string]any)
}

// documents are those of base, with some fields of the kind set.
func documents(t *testing.T, kind string, with map[string]string) map[string]any {
	t.Helper()
	docs := map[string]any{}
	if err := yaml.Unmarshal([]byte(base), &docs); err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(with)) {
		set(t, specOf(docs, kind), path, with[path])
	}
	return docs
}

var index = regexp.MustCompile(`\[(\d+)\]`)

// set sets the field at a path with indices to a value in YAML.
func set(t *testing.T, in any, path, value string) {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(value), &v); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(index.ReplaceAllString(path, ".$1"), ".")
	for i, step := range steps {
		last := i == len(steps)-1
		switch node := in.(type) {
		case map[string]any:
			if last {
				node[step] = v
			}
			in = node[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(node) {
				t.Fatalf("%s: no item %s", path, step)
			}
			if last {
				node[n] = v
			}
			in = node[n]
		default:
			t.Fatalf("%s: base has nothing at %s", path, step)
		}
	}
}

// effects returns what comes of the documents: status (why they are refused), objects, keys, endpoints, pages or mails.
func effects(t *testing.T, docs map[string]any, part string) string {
	t.Helper()
	in := input(t, docs)
	out := compile.Compile(in)
	if part == "status" {
		return text(t, []any{out.Problems, out.Missing})
	}
	if out.Document == nil {
		t.Fatalf("it does not compile: %v, missing %v", out.Problems, out.Missing)
	}
	switch part {
	case "objects":
		return objects(t, in, out)
	case "keys":
		return text(t, out.Keys)
	case "endpoints":
		return text(t, out.Endpoints)
	}
	pages, mails := serve(t, out.Document, compile.ActivityOf(in.Shop))
	if len(pages) == 0 || len(mails) == 0 && compile.ActivityOf(in.Shop).Activity != bundle.Suspended {
		t.Fatal("the scenario shows no page or sends no mail")
	}
	if part == "pages" {
		return pages
	}
	return mails
}

func text(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// objects are those of the Shop, but for what differs with every change of the bundle.
func objects(t *testing.T, in compile.Input, out compile.Output) string {
	t.Helper()
	rings := desired.Rings{}
	for _, k := range out.Keys {
		rings[k.Purpose] = keyring.Ring{Suffix: "k3j4h5l6", Slots: 3}
	}
	var all []string
	for _, o := range desired.Objects(desired.Input{
		Shop: in.Shop, Bundle: out, Render: desired.RenderVersion, Images: release.Images{TrackingPage: "p", Notifier: "n"}, Rings: rings,
		Platform: desired.Platform{OperatorNamespace: "wismo-system"},
	}) {
		if *o.GetName() != desired.BundleName(in.Shop.Name, out.Hash) {
			all = append(all, strings.ReplaceAll(text(t, o), out.Hash, "HASH"))
		}
	}
	return strings.Join(all, "\n")
}

// input is what the operator would gather.
func input(t *testing.T, docs map[string]any) compile.Input {
	t.Helper()
	in := compile.Input{
		Shop: &v1alpha1.Shop{}, Content: content(),
		Platform: compile.Platform{
			InstallationID: "of-a-test", LibraryNamespace: v1alpha1.LibraryNamespace, LinkScheme: "https", Policy: bundle.BuiltinPolicy(),
			HouseRelay: compile.HouseRelay{Host: "relay.mail.svc", Port: 25, TLS: "None", Domain: "mail.platform.example"},
		},
	}
	ci, policy := &v1alpha1.CarrierIntegration{}, &v1alpha1.NotificationPolicy{}
	for name, into := range map[string]any{"shop": in.Shop, "carrierIntegration": ci, "notificationPolicy": policy} {
		if err := json.Unmarshal([]byte(text(t, docs[name])), into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	in.Integrations = []v1alpha1.CarrierIntegration{*ci}
	house := &v1alpha1.NotificationPolicy{}
	house.Namespace, house.Name = "linden", "house"
	other := &v1alpha1.NotificationPolicy{Spec: v1alpha1.NotificationPolicySpec{Rules: []v1alpha1.Rule{{Occasion: "OrderReceived", Level: v1alpha1.LevelPageOnly}}}}
	other.Namespace, other.Name = "linden", "other"
	switch ref := in.Shop.Spec.NotificationPolicyRef; {
	case ref.Name == "own" && ref.Source == v1alpha1.SourceLocal:
		in.Policy = policy
		if ref := policy.Spec.BasePolicyRef; ref.Name == "house" && ref.Source == v1alpha1.SourceLocal {
			in.BasePolicy = house
		}
	default:
		in.Policy = other
	}
	return in
}

func content() map[compile.Ref]compile.Content {
	words := func(subject string) compile.Content {
		return compile.Content{Data: map[string]string{"en.yaml": "mail.Shipped.subject: " + subject + "\n"}}
	}
	picture := func(width string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" width="` + width + `"></svg>`
	}
	ref := func(namespace, name string) compile.Ref {
		return compile.Ref{Kind: compile.ConfigMapKind, Namespace: namespace, Name: name}
	}
	return map[compile.Ref]compile.Content{
		ref("linden", "words"): words("Today"), ref("linden", "other-words"): words("Soon"), ref(v1alpha1.LibraryNamespace, "words"): words("Later"),
		ref("linden", "brand"):       {Data: map[string]string{"logo.svg": picture("10"), "dark.svg": picture("20")}},
		ref("linden", "other-brand"): {Data: map[string]string{"logo.svg": picture("30")}},
	}
}

// marks are how kubectl explain marks what is in the table.
var marks = regexp.MustCompile(`(Not acted on yet|Acted on in part so far|Refused in this version)[.:]`)

func TestKubectlExplainMarksTheFieldsOfTheTableAndNoOther(t *testing.T) {
	for kind, schema := range schemas(t) {
		var walk func(s apiextensionsv1.JSONSchemaProps, path string)
		walk = func(s apiextensionsv1.JSONSchemaProps, path string) {
			want := false
			for _, f := range compile.InactiveFields() {
				own := f.Path == path || f.Path == path+"[]"
				want = want || f.Kind == kind && (f.Covers(path) || f.Value != "" && own)
			}
			if got := marks.MatchString(s.Description); got != want {
				t.Errorf("%s %s is marked: %t, want %t: %s", kind, path, got, want, s.Description)
			}
			if s.Items != nil {
				path, s = path+"[]", *s.Items.Schema
			}
			for name, child := range s.Properties {
				walk(child, strings.TrimPrefix(path+"."+name, "."))
			}
		}
		walk(schema, "")
	}
}

func TestTheTableIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range compile.InactiveFields() {
		if key := f.Kind + " " + f.Path + " " + f.Value; seen[key] {
			t.Errorf("%s is in the table twice", key)
		} else {
			seen[key] = true
		}
		if f.Does == "" || f.Since == "" || kinds[f.Kind] == "" {
			t.Errorf("%+v lacks what the field will do, since when it is stored, or the kind", f)
		}
	}
}
