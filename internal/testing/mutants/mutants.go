// Package mutants makes mistakes in a package on purpose, one at a time, and expects a test of the package to notice each by name.
// A mistake that no test notices shows a rule that could be lost unseen.
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
	At      Place  // in it
	Mistake string // takes its place
	Killer  string // the test that must fail; the name of a test, of a subtest, or how their names begin
}

// Kill makes each mistake in turn and runs its killer, in the package whose test calls it. The tree stays as it is: the compiler is
// told to read the changed file from elsewhere. args go to `go test`, after the package.
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
				t.Errorf("the mutant lives:\n%s", out)
			case !strings.Contains(string(out), "--- FAIL: "+m.Killer):
				t.Errorf("%s did not fail:\n%s", m.Killer, out)
			}
		})
	}
}

// pattern runs the tests, and their subtests, whose names begin with the killer's.
func pattern(killer string) string { return "^" + strings.ReplaceAll(killer, "/", "$/^") }

// overlay writes the file with the mistake beside the tree, and what tells the compiler to take it.
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
