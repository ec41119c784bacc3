package v1alpha1_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constant is a condition type, a reason or an event as the code declares it.
type constant struct {
	name, value, doc string
}

func declared(t *testing.T) []constant {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "conditions.go", nil, parser.ParseComments)
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

// documented are the rows of docs/conditions.md by their first cell.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "conditions.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(content)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		name, isName := strings.CutPrefix(strings.TrimSpace(cells[0]), "`")
		if len(cells) != 4 || !isName {
			continue
		}
		rows[strings.TrimSuffix(name, "`")] = append(rows[strings.TrimSuffix(name, "`")], strings.TrimSpace(cells[3]))
	}
	return rows
}

func TestEveryReasonIsDocumentedWithItsNextStep(t *testing.T) {
	rows := documented(t)
	known := map[string]bool{}
	for _, c := range declared(t) {
		known[c.value] = true
		if len(rows[c.value]) == 0 {
			t.Errorf("docs/conditions.md has no row for %s", c.value)
		}
		for _, next := range rows[c.value] {
			if next == "" {
				t.Errorf("docs/conditions.md does not say what follows from %s", c.value)
			}
		}
	}
	for name := range rows {
		if !known[name] {
			t.Errorf("docs/conditions.md explains %s, which does not exist", name)
		}
	}
}

// stated are the names of the constants that the code uses.
func stated(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	word := regexp.MustCompile(`v1alpha1\.((?:Condition|Reason|Event)[A-Za-z]+)`)
	note := func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		for _, match := range word.FindAllSubmatch(content, -1) {
			used[string(match[1])] = true
		}
		return err
	}
	for _, half := range []string{"controllers", "internal"} {
		if err := filepath.WalkDir(filepath.Join("..", "..", half), note); err != nil {
			t.Fatal(err)
		}
	}
	return used
}

// A reason that nothing states is one that somebody waits for in vain. Those of synthetic orders are named before what
// states them.
func TestEveryReasonIsStatedBySomeCode(t *testing.T) {
	yetToCome := []string{
		"ReasonSucceeded", "ReasonWaitingForFirstRun", "ReasonSyntheticOrderFailed",
	}
	used := stated(t)
	for _, c := range declared(t) {
		if !used[c.name] && !slices.Contains(yetToCome, c.name) {
			t.Errorf("no code states %s", c.value)
		}
		if used[c.name] && slices.Contains(yetToCome, c.name) {
			t.Errorf("some code states %s, so it has come", c.value)
		}
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
