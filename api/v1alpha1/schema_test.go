package v1alpha1_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// definitions are the CRDs as they are installed.
func definitions(t *testing.T) map[string]*apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "config", "crd", "bases", "*.yaml"))
	if err != nil || len(files) != 3 {
		t.Fatalf("found the CRDs %v (%v), want three", files, err)
	}
	all := map[string]*apiextensionsv1.CustomResourceDefinition{}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		crd := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, crd); err != nil {
			t.Fatal(err)
		}
		all[crd.Spec.Names.Kind] = crd
	}
	return all
}

// field is one node of a schema.
type field struct {
	path   string
	name   string // of the property; "" for an item of a list or a value of a map
	schema apiextensionsv1.JSONSchemaProps
}

// fields are all nodes below spec and status, except the conditions, which are Kubernetes' own.
func fields(crd *apiextensionsv1.CustomResourceDefinition) []field {
	var all []field
	var walk func(f field)
	walk = func(f field) {
		all = append(all, f)
		if f.name == "conditions" {
			return
		}
		for name, schema := range f.schema.Properties {
			walk(field{f.path + "." + name, name, schema})
		}
		if f.schema.Items != nil {
			walk(field{f.path + "[]", "", *f.schema.Items.Schema})
		}
		if f.schema.AdditionalProperties != nil {
			walk(field{f.path + "{}", "", *f.schema.AdditionalProperties.Schema})
		}
	}
	root := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	for _, name := range []string{"spec", "status"} {
		walk(field{name, name, root.Properties[name]})
	}
	return all
}

func eachField(t *testing.T, check func(t *testing.T, f field)) {
	t.Helper()
	for kind, crd := range definitions(t) {
		for _, f := range fields(crd) {
			t.Run(kind+"/"+f.path, func(t *testing.T) { check(t, f) })
		}
	}
}

func TestKubectlExplainExplainsEveryField(t *testing.T) {
	eachField(t, func(t *testing.T, f field) {
		if f.name == "" {
			return
		}
		if len(f.schema.Description) < 20 {
			t.Errorf("the description %q is too short to explain anything", f.schema.Description)
		}
		if !strings.HasPrefix(f.schema.Description, f.name+" ") && !strings.HasPrefix(f.schema.Description, f.name+",") {
			t.Errorf("the description %q does not start with %q", f.schema.Description, f.name)
		}
	})
}

func TestNoObjectCanGrowWithoutBound(t *testing.T) {
	eachField(t, func(t *testing.T, f field) {
		if !boundedByNature(f.schema) && unbounded(f) {
			t.Errorf("a %s without a bound", f.schema.Type)
		}
	})
}

// boundedByNature are quantities, enumerations and times.
func boundedByNature(s apiextensionsv1.JSONSchemaProps) bool {
	return s.XIntOrString || len(s.Enum) > 0 || s.Format == "date-time"
}

func unbounded(f field) bool {
	switch s := f.schema; s.Type {
	case "string":
		return s.MaxLength == nil
	case "array":
		return s.MaxItems == nil || s.XListType == nil
	case "object":
		return s.AdditionalProperties != nil && s.MaxProperties == nil
	case "integer":
		return s.Minimum == nil || (s.Maximum == nil && f.name != "observedGeneration")
	default:
		return true
	}
}

func TestNoFieldIsOfAShapeThatAgesBadly(t *testing.T) {
	eachField(t, func(t *testing.T, f field) {
		switch s := f.schema; {
		case f.name == "phase":
			t.Error("a phase; conditions say more")
		case s.Type == "boolean":
			t.Error("a boolean; sooner or later there is a third value")
		case s.Type == "number":
			t.Error("a floating-point number; it does not survive a round trip")
		case s.Nullable:
			t.Error("null as a value; leaving out says the same")
		case s.XPreserveUnknownFields != nil:
			t.Error("anything goes; typing errors would, too")
		case strings.HasSuffix(f.path, "spec.activity"):
			// The one default, so that `kubectl get` shows it.
		case s.Default != nil && f.path != "status":
			t.Error("a default; what a release assumes stands in the release, where it can be rolled back")
		}
	})
}

// quoted is a literal or a field, which may hold any punctuation.
var quoted = regexp.MustCompile("'[^']*'|`[^`]*`")

// sentence is how an error message of Kubernetes reads.
var sentence = regexp.MustCompile("^(_ )?(must|may) [^.!]*[^.! ]$")

func TestEveryRuleAnswersWithASentence(t *testing.T) {
	for kind, crd := range definitions(t) {
		nodes := append(fields(crd), field{"", "", *crd.Spec.Versions[0].Schema.OpenAPIV3Schema})
		for _, f := range nodes {
			for _, rule := range f.schema.XValidations {
				if !sentence.MatchString(quoted.ReplaceAllString(rule.Message, "_")) {
					t.Errorf("%s %s: %q does not read like `must ...` or `may only ...`", kind, f.path, rule.Message)
				}
			}
		}
	}
}

// A CRD is kept and sent as JSON; kubectl apply keeps a copy of it in an annotation of at most 256 KiB.
func TestACRDStaysSmall(t *testing.T) {
	for kind, crd := range definitions(t) {
		text, err := json.Marshal(crd)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) >= 100_000 {
			t.Errorf("%s: %d bytes, want less than 100000", kind, len(text))
		}
	}
}
