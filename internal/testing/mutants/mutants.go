// Package mutants is a mutation test: it compiles a package with one mistake at a time, and expects a named test of the package to
// fail. A mistake that no test finds shows a rule that is not tested.
package mutants

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Mutant is one mistake in the package under test.
type Mutant struct {
	Name    string
	In      string // the function, or Type.Method
	At      Place  // the expression in it
	Mistake string // the source that replaces the expression
	Killer  string // the test that must fail: the name of a test or subtest, or its beginning
}

// Kill runs the killer of each mutant against the package whose test calls it, and fails if it passes. It does not change the
// source tree: the compiler reads the changed file through -overlay. args are passed to `go test` after the package.
func Kill(t *testing.T, all []Mutant, args ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles the package once for each mutant")
	}
	for _, m := range all {
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			run := []string{"test", "-overlay", m.overlay(t), "-vet=off", "-ldflags=-s -w", "-run", pattern(m.Killer), "."}
			out, err := exec.CommandContext(t.Context(), "go", append(run, args...)...).CombinedOutput()
			switch {
			case err == nil:
				t.Errorf("no test found the mistake:\n%s", out)
			case !strings.Contains(string(out), "--- FAIL: "+m.Killer):
				t.Errorf("%s did not fail:\n%s", m.Killer, out)
			}
		})
	}
}

// pattern returns the -run pattern of the tests and subtests whose names begin with the killer.
func pattern(killer string) string { return "^" + strings.ReplaceAll(killer, "/", "$/^") }

// overlay writes the file with the mistake and an overlay file to a temporary directory, and returns the overlay's path.
func (m Mutant) overlay(t *testing.T) string {
	t.Helper()
	file, content, err := m.At.replace(m.In, m.Mistake)
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mutant, overlay := filepath.Join(dir, filepath.Base(file)), filepath.Join(dir, "overlay.json")
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {here: mutant}})
	if err == nil {
		err = os.WriteFile(mutant, content, 0o600)
	}
	if err == nil {
		err = os.WriteFile(overlay, replaced, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return overlay
}
