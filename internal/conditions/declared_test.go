package conditions_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/conditions"
)

// constant is a condition type, a reason or an event as the API declares it.
type constant struct {
	name, value, doc string
}

func declared(t *testing.T) []constant {
	t.Helper()
	name := filepath.Join("..", "..", "api", "v1alpha1", "conditions.go")
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var all []constant
	ast.Inspect(file, func(node ast.Node) bool {
		spec, isValue := node.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, constant{spec.Names[0].Name, value, spec.Doc.Text()})
		return true
	})
	return all
}

// tabled are the names in the table as the API would declare them, such as ReasonReady.
func tabled() map[string]bool {
	names := map[string]bool{}
	for _, c := range conditions.Types() {
		names["Condition"+c.Name] = true
	}
	for _, r := range conditions.Reasons() {
		names["Reason"+r.Name] = true
	}
	for _, e := range conditions.Events() {
		names["Event"+e.Name] = true
	}
	return names
}

func TestTheTableHasWhatTheAPIDeclaresAndNothingElse(t *testing.T) {
	names := tabled()
	for _, c := range declared(t) {
		if !names[c.name] {
			t.Errorf("the table lacks %s", c.name)
		}
		delete(names, c.name)
	}
	for name := range names {
		t.Errorf("the table has %s, which the API does not declare", name)
	}
}

func TestConditionsAndReasonsAreNamedOnceAndWell(t *testing.T) {
	camelCase := regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
	names := map[string]string{}
	for _, c := range declared(t) {
		prefix, name := split(c.name)
		if prefix == "" || name != c.value {
			t.Errorf("%s is %q, want the constant to be named after its value", c.name, c.value)
		}
		if !camelCase.MatchString(c.value) {
			t.Errorf("%s is %q, want one word in CamelCase", c.name, c.value)
		}
		if !strings.HasPrefix(c.doc, c.name+" means ") && !strings.HasPrefix(c.doc, c.name+" is ") && !strings.HasPrefix(c.doc, c.name+" rolls up ") {
			t.Errorf("%s is explained as %q, want what it means", c.name, c.doc)
		}
		if other := names[prefix+c.value]; other != "" {
			t.Errorf("%s and %s have the same value", c.name, other)
		}
		names[prefix+c.value] = c.name
	}
}

func split(name string) (prefix, rest string) {
	for _, prefix := range []string{"Condition", "Reason", "Event"} {
		if rest, found := strings.CutPrefix(name, prefix); found {
			return prefix, rest
		}
	}
	return "", name
}
