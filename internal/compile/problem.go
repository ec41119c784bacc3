package compile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ShopObject is Problem.Object of the Shop itself.
const ShopObject = "Shop"

// Problem is one fault that an edit can fix.
type Problem struct {
	Object  string // ShopObject, or the object that holds the fault, see IntegrationObject and PolicyObject
	Path    string // field path in that object, such as spec.templates[0]
	Source  string // the file, such as linden-texts/nl.yaml; "" when the fault is in the object itself
	Line    int    // in Source, from 1; 0 = unknown
	Message string
	Later   bool // a later release does what is asked for
}

// Error returns the problem in one line: where, then what.
func (p Problem) Error() string {
	where := p.Path
	if p.Object != ShopObject {
		where = p.Object + " " + p.Path
	}
	switch {
	case p.Source != "" && p.Line > 0:
		where += fmt.Sprintf(" (%s:%d)", p.Source, p.Line)
	case p.Source != "":
		where += " (" + p.Source + ")"
	}
	return where + ": " + p.Message
}

// ProblemsOf returns the problems of one object.
func (o Output) ProblemsOf(object string) []Problem {
	var own []Problem
	for _, p := range o.Problems {
		if p.Object == object {
			own = append(own, p)
		}
	}
	return own
}

// NotYetActiveOf returns the paths of one object's fields that are kept and not acted on.
func (o Output) NotYetActiveOf(object string) []string {
	var own []string
	for _, entry := range o.NotYetActive {
		of, path, found := strings.Cut(entry, " ")
		switch {
		case !found && object == ShopObject:
			own = append(own, entry)
		case found && of == object:
			own = append(own, path)
		}
	}
	return own
}

func sortedProblems(problems []Problem) []Problem {
	return slices.SortedFunc(slices.Values(problems), func(a, b Problem) int {
		return cmp.Or(
			strings.Compare(a.Object, b.Object), strings.Compare(a.Path, b.Path), strings.Compare(a.Source, b.Source),
			cmp.Compare(a.Line, b.Line), strings.Compare(a.Message, b.Message))
	})
}
