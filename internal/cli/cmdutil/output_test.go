package cmdutil_test

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

func TestOutputPrintsAsKubectlDoes(t *testing.T) {
	value := map[string]any{"shops": []any{map[string]any{"name": "linden", "next": "a < b & c"}, map[string]any{"name": "fjallro"}}}
	for format, want := range map[string]string{
		"json":                                  `"next": "a < b & c"`,
		"yaml":                                  "- name: linden\n  next: a < b & c\n",
		"jsonpath={.shops[*].name}":             "linden fjallro",
		"jsonpath-as-json={.shops[0].name}":     `"linden"`,
		"go-template={{len .shops}} of them":    "2 of them",
		`jsonpath={.shops[?(@.next)].next}`:     "a < b & c",
		`go-template={{(index .shops 1).name}}`: "fjallro",
	} {
		output := withFormat(t, format)
		var out strings.Builder
		if err := output.Check(); err != nil || !output.Structured() {
			t.Errorf("%s: %v, structured %t", format, err, output.Structured())
			continue
		}
		if err := output.Print(&out, value); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v, got %q, want %q in it", format, err, out.String(), want)
		}
	}
}

func TestOutputRefusesWhatCannotBePrinted(t *testing.T) {
	for format, want := range map[string]string{
		"csv":                `--output: "csv" must be one of wide, json, yaml, jsonpath, go-template`,
		"jsonpath={.shops[":  "--output: ",
		"go-template={{end}": "--output: ",
		"jsonpath":           "--output: ",
	} {
		if err := withFormat(t, format).Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", format, err, want)
		}
	}
}

func TestOutputOfTheCommandsOwnIsForPeople(t *testing.T) {
	for _, format := range []string{cmdutil.Text, cmdutil.Wide} {
		if output := withFormat(t, format); output.Structured() || output.Check() != nil {
			t.Errorf("%q is taken for a machine's", format)
		}
	}
}

func withFormat(t *testing.T, format string) *cmdutil.Output {
	t.Helper()
	cmd := &cobra.Command{}
	output := cmdutil.AddOutput(cmd, cmdutil.Wide)
	if err := cmd.ParseFlags([]string{"-o", format}); err != nil {
		t.Fatal(err)
	}
	return output
}
