// Command conditionsdoc prints docs/conditions.md: a template with the tables of internal/conditions in it.
package main

import (
	_ "embed"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/template"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/internal/conditions"
)

// templatePath is the template, seen from the repository's root.
const templatePath = "hack/conditionsdoc/conditions.md.tmpl"

//go:embed conditions.md.tmpl
var text string

func main() {
	if err := write(os.Stdout, text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write executes the template. It is an error if no section of it shows some reason.
func write(to io.Writer, text string) error {
	shown := map[string]bool{}
	parsed, err := template.New("conditions.md").Funcs(template.FuncMap{
		"types":   typeTable,
		"reasons": func(of ...string) string { return reasonTable(of, shown) },
		"events":  eventTable,
	}).Parse(text)
	if err != nil {
		return err
	}
	if err := parsed.Execute(to, nil); err != nil {
		return err
	}
	for _, r := range conditions.Reasons() {
		if !shown[key(r)] {
			return fmt.Errorf("%s has no section that shows the reason %s of %v: add one with {{reasons \"<condition>\"}}", templatePath, r.Name, r.Conditions)
		}
	}
	return nil
}

// key identifies a reason: conditions may use the same name with another meaning.
func key(r conditions.Reason) string { return r.Name + " of " + strings.Join(r.Conditions, ", ") }

// table returns a Markdown table of the rows, the first of which is the heading.
func table(rows ...[]string) string {
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// typeTable returns the table of all condition types.
func typeTable() string {
	rows := [][]string{{"Condition", "Kinds", "What it means when True", "Feeds"}}
	for _, t := range conditions.Types() {
		kinds, feeds := strings.Join(t.Kinds, ", "), t.Feeds
		if slices.Equal(t.Kinds, conditions.Kinds()) {
			kinds = "all"
		}
		if feeds == "" {
			feeds = t.Note
		}
		rows = append(rows, []string{"`" + t.Name + "`", kinds, planned(t.Planned) + t.Means, feeds})
	}
	return table(rows...)
}

// reasonTable returns the table of the reasons that one of the conditions has; without conditions, of those that several share. It
// marks them as shown.
func reasonTable(of []string, shown map[string]bool) string {
	rows := [][]string{{"Reason", "Status", "What it means", "Your next step"}}
	for _, r := range conditions.Reasons() {
		uses := func(condition string) bool { return slices.Contains(r.Conditions, condition) }
		if slices.ContainsFunc(of, uses) || len(of) == 0 && r.Conditions == nil {
			shown[key(r)] = true
			rows = append(rows, []string{"`" + r.Name + "`", statusCell(r), planned(r.Planned) + r.Means, r.Next})
		}
	}
	return table(rows...)
}

// statusCell returns the status that the conditions have with a reason, and the roll-ups that carry it while they are True.
func statusCell(r conditions.Reason) string {
	rollUps := string(metav1.ConditionTrue) + " on " + strings.Join(r.TrueOn, " and ")
	switch {
	case len(r.TrueOn) == 0:
		return string(r.Status)
	case r.Status == "":
		return rollUps
	default:
		return string(r.Status) + "; " + rollUps
	}
}

// planned returns a note on what no code sets yet.
func planned(is bool) string {
	if is {
		return "Not set by this version. "
	}
	return ""
}

// eventTable returns the table of the events that no condition carries.
func eventTable() string {
	rows := [][]string{{"Event", "Type", "What it means", "Your next step"}}
	for _, e := range conditions.Events() {
		rows = append(rows, []string{"`" + e.Name + "`", e.Type, e.Means, e.Next})
	}
	return table(rows...)
}
