package api_test

import (
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/internal/cli/lint"
)

// What the API server refuses, lint refuses offline, and for the same cause.
func TestLintRefusesOfflineWhatTheAPIServerRefuses(t *testing.T) {
	tried := 0
	for _, table := range refused {
		for _, r := range slices.Concat(table.refusals...) {
			tried++
			t.Run(table.kind+"/"+r.name, func(t *testing.T) {
				findings := linted(t, table.base, r.change)
				if !slices.ContainsFunc(findings, func(f lint.Finding) bool {
					return f.Level == lint.Error && (r.field == "" || f.Path == r.field) && strings.Contains(f.Message, r.text)
				}) {
					t.Errorf("lint says\n  %v\nwant an error of %q that says %q", findings, r.field, r.text)
				}
			})
		}
	}
	if tried < 100 {
		t.Errorf("only %d documents were tried", tried)
	}
}

func TestLintAcceptsOfflineWhatTheAPIServerAccepts(t *testing.T) {
	for _, a := range accepted {
		t.Run(a.name, func(t *testing.T) {
			if findings := linted(t, a.base, a.change); len(findings) > 0 {
				t.Errorf("lint says %v", findings)
			}
		})
	}
}

// linted is what lint's validation says of the document, in the form in which a person would have written it.
func linted(t *testing.T, base, change string) []lint.Finding {
	t.Helper()
	text, err := yaml.Marshal(document(t, base, change).Object)
	if err != nil {
		t.Fatal(err)
	}
	documents, findings := lint.Read("test.yaml", text)
	for _, d := range documents {
		more, err := lint.Validate(d)
		if err != nil {
			t.Fatal(err)
		}
		findings = append(findings, more...)
	}
	return findings
}
