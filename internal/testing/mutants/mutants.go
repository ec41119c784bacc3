// Package mutants makes mistakes in a package on purpose, one at a time, and expects a test of the package to notice each by name.
// A mistake that no test notices shows a rule that could be lost unseen.
package mutants

import (
	"encoding/json"
	"fmt"
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

	// File and Code are the place where In is not said: what stands exactly once in a file of the package's directory.
	File, Code string
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
	file, content, err := m.mistaken()
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

// mistaken is the file with the mistake.
func (m Mutant) mistaken() (file string, content []byte, err error) {
	if m.In != "" {
		return m.At.replace(m.In, m.Mistake)
	}
	source, err := os.ReadFile(m.File)
	if err != nil {
		return "", nil, err
	}
	if n := strings.Count(string(source), m.Code); n != 1 {
		return "", nil, fmt.Errorf("%s has %d places %q, of which there must be one", m.File, n, m.Code)
	}
	return m.File, []byte(strings.Replace(string(source), m.Code, m.Mistake, 1)), nil
}
