package conditions_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/internal/conditions"
)

// statement is a place in the operator's code that states a reason.
type statement struct {
	at        token.Position
	reason    string
	condition string                 // "" = not there
	status    metav1.ConditionStatus // "" = not there
	rollUp    bool                   // it is the reason of an outcome, and thereby of Reconciling or Stalled
}

// setters are the functions that take a reason, by the status that they give a condition.
var setters = map[string]metav1.ConditionStatus{
	"True": metav1.ConditionTrue, "Holds": metav1.ConditionTrue,
	"False": metav1.ConditionFalse, "Fails": metav1.ConditionFalse, "refused": metav1.ConditionFalse,
	"Unknown": metav1.ConditionUnknown, "Undecided": metav1.ConditionUnknown,
}

// outcomes are the functions that take a reason for Reconciling or Stalled.
var outcomes = []string{"Wait", "Await", "Stalled", "AsBefore", "await", "progress"}

var word = regexp.MustCompile(`^(Condition|Reason|Event)([A-Z][A-Za-z]+)$`)

// named returns the name of a constant of the API without its prefix; "" = not a constant with that prefix.
func named(n ast.Node, prefix string) string {
	selector, ok := n.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	from, ok := selector.X.(*ast.Ident)
	found := word.FindStringSubmatch(selector.Sel.Name)
	if !ok || from.Name != "v1alpha1" || found == nil || found[1] != prefix {
		return ""
	}
	return found[2]
}

// written finds what one file of the operator states. Reasons that are only compared, or listed as text, are not stated by that.
func written(files *token.FileSet, file *ast.File) (all []statement, events []string) {
	note := func(s statement, n ast.Node) {
		s.reason, s.at = named(n, "Reason"), files.Position(n.Pos())
		if s.reason != "" {
			all = append(all, s)
		}
		if event := named(n, "Event"); event != "" {
			events = append(events, event)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called := calleeOf(n)
			s := statement{status: setters[called], rollUp: slices.Contains(outcomes, called)}
			for i, argument := range n.Args {
				if name := named(argument, "Condition"); name != "" && i == 0 {
					s.condition = name
				}
				if called != "Since" {
					note(s, argument)
				}
			}
		case *ast.CompositeLit:
			fields := fieldsOf(n)
			s := statement{status: statusIn(fields)}
			for _, field := range fields {
				note(s, field)
			}
		case *ast.ReturnStmt:
			for _, result := range n.Results {
				note(statement{}, result)
			}
		case *ast.AssignStmt:
			for _, value := range n.Rhs {
				note(statement{status: statusIn(n.Rhs)}, value)
			}
		}
		return true
	})
	return all, events
}

func calleeOf(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

// fieldsOf returns the values in a literal. A list of strings has none: its reasons are compared, not stated.
func fieldsOf(literal *ast.CompositeLit) []ast.Expr {
	if list, ok := literal.Type.(*ast.ArrayType); ok {
		if of, ok := list.Elt.(*ast.Ident); ok && of.Name == "string" {
			return nil
		}
	}
	var all []ast.Expr
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Value
		}
		all = append(all, element)
	}
	return all
}

// statusIn returns the status that is given beside a reason.
func statusIn(values []ast.Expr) metav1.ConditionStatus {
	for _, value := range values {
		if selector, ok := value.(*ast.SelectorExpr); ok {
			if from, ok := selector.X.(*ast.Ident); ok && from.Name == "metav1" && strings.HasPrefix(selector.Sel.Name, "Condition") {
				return metav1.ConditionStatus(strings.TrimPrefix(selector.Sel.Name, "Condition"))
			}
		}
	}
	return ""
}

// stated returns what the operator writes.
func stated(t *testing.T) (all []statement, events map[string]bool) {
	t.Helper()
	events = map[string]bool{}
	eachFile(t, func(files *token.FileSet, file *ast.File) {
		here, told := written(files, file)
		all = append(all, here...)
		for _, event := range told {
			events[event] = true
		}
	})
	return all, events
}

// eachFile parses every Go file of the operator, tests aside.
func eachFile(t *testing.T, do func(*token.FileSet, *ast.File)) {
	t.Helper()
	files := token.NewFileSet()
	for _, half := range []string{"controllers", "internal/operator"} {
		err := filepath.WalkDir(filepath.Join("..", "..", half), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err == nil {
				do(files, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// rowsFor returns the rows of the table that a statement can be about.
func rowsFor(s statement) []conditions.Reason {
	if s.condition != "" {
		r, ok := conditions.Lookup(s.condition, s.reason)
		if !ok {
			return nil
		}
		return []conditions.Reason{r}
	}
	return slices.DeleteFunc(conditions.Reasons(), func(r conditions.Reason) bool { return r.Name != s.reason })
}

func TestTheOperatorWritesReasonsWithTheStatusOfTheTable(t *testing.T) {
	all, _ := stated(t)
	seen := 0
	for _, s := range all {
		fits := func(r conditions.Reason) bool {
			return (s.status == "" || r.Status == s.status) && (!s.rollUp || r.Status == metav1.ConditionFalse || len(r.TrueOn) > 0)
		}
		if rows := rowsFor(s); !slices.ContainsFunc(rows, fits) {
			t.Errorf("%s: the table has no %s of %q that is %q: %+v", s.at, s.reason, s.condition, s.status, rows)
		}
		if s.status != "" {
			seen++
		}
	}
	if seen < 60 {
		t.Errorf("only %d statements with a status were found", seen)
	}
}

func TestTheFunctionsThatTakeAReasonExist(t *testing.T) {
	declared := map[string]bool{}
	eachFile(t, func(_ *token.FileSet, file *ast.File) {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			for _, parameter := range f.Type.Params.List {
				named := func(n *ast.Ident) bool { return n.Name == "reason" }
				declared[f.Name.Name] = declared[f.Name.Name] || slices.ContainsFunc(parameter.Names, named)
			}
		}
	})
	for _, name := range append(slices.Sorted(maps.Keys(setters)), outcomes...) {
		if !declared[name] {
			t.Errorf("no function of the operator named %s takes a reason: if it was renamed, its reasons are not compared with the table", name)
		}
	}
}

// A reason that no code states must be marked as planned. Where the code gives the status beside the reason, the table has the same
// one.
func TestEveryReasonIsStatedBySomeCode(t *testing.T) {
	all, events := stated(t)
	for _, r := range conditions.Reasons() {
		about := func(s statement) bool {
			return s.reason == r.Name && (s.condition == "" || r.Conditions == nil || slices.Contains(r.Conditions, s.condition))
		}
		of := slices.DeleteFunc(slices.Clone(all), func(s statement) bool { return !about(s) })
		if r.Planned != (len(of) == 0) {
			t.Errorf("%s of %v is planned: %t; places that state it: %d", r.Name, r.Conditions, r.Planned, len(of))
		}
		open := func(s statement) bool { return s.status == "" || s.status == r.Status }
		if r.Status != "" && !r.Planned && !slices.ContainsFunc(of, open) {
			t.Errorf("%s of %v is never %s", r.Name, r.Conditions, r.Status)
		}
	}
	for _, e := range conditions.Events() {
		if !events[e.Name] {
			t.Errorf("no code states the event %s", e.Name)
		}
	}
}

func TestAPlannedConditionHasPlannedReasonsOnly(t *testing.T) {
	for _, c := range conditions.Types() {
		for _, r := range conditions.Reasons() {
			if c.Planned && slices.Contains(r.Conditions, c.Name) && !r.Planned {
				t.Errorf("%s is planned, and its reason %s is not", c.Name, r.Name)
			}
		}
	}
}
