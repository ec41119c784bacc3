package rollout_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutants are mistakes that somebody could make in this package, each a replacement in one file.
var mutants = []struct{ name, file, code, mistake string }{
	{"budget off by one", "decide.go", "case budget > 0:", "case budget > -1:"},
	{"bake skipped", "decide.go", "elapsed(f.Now, m.Since) >= m.wave.Bake", "m.Serving"},
	{"halt not sticky", "decide.go", "if r.Latched.Halt != nil && r.Latched.Attempt == r.Attempt {", "if false {"},
	{
		"second change not reset to the first wave", "fleet.go", "passed: slices.Contains(f.passed(), w.Name)",
		"passed: slices.ContainsFunc(f.Releases, func(r Release) bool { return slices.Contains(r.Latched.Passed, w.Name) })",
	},
	{"unhealthy before counted", "fleet.go", "return !m.Invalid && (f.at(m) || !f.down(m))", "return !m.Invalid"},
	{"percent rounded up", "defaults.go", "a.Value * base / hundredPercent", "(a.Value*base + hundredPercent - 1) / hundredPercent"},
	{"waiting Shop not Ready", "types.go", "return r == PinUnknown", "return r != UpToDate"},
	{"rollback to the intermediate", "fleet.go", "if r.Latched.Succeeded && r.Number < latest.Number", "if r.Number < latest.Number"},
	{"next wave before the last is over", "decide.go", "		all = append(all, w)\n		if !w.passed {\n			break\n		}\n", "		all = append(all, w)\n"},
	{"approval forgotten", "decide.go", "return !w.NeedsApproval ||", "return true || !w.NeedsApproval ||"},
	{"pause forgotten", "decide.go", "case !f.latest.Unusable && f.latest.Pause == NotPaused:", "case !f.latest.Unusable:"},
	{"permit forgotten", "fleet.go", "cmp.Or(permit.Release, shop.Moving, shop.Running)", "cmp.Or(shop.Moving, shop.Running)"},
	{"withdrawn permit forgotten", "fleet.go", "return elapsed(f.Now, f.withdrawn(m, m.target)) < MaxLag", "return false"},
	{"moved to what cannot be rendered", "decide.go", "case !f.latest.Unusable && f.latest.Pause == NotPaused:", "case f.latest.Pause == NotPaused:"},
	{"success forgotten by another build", "decide.go", "return f.latest.Latched.Succeeded && f.latest.Latched.Attempt == f.latest.Attempt", "return false"},
	{"unseen return forgotten", "decide.go", "if m.target != f.latest.Name && f.busy(m) {", "if m.target == f.stable && f.busy(m) {"},
	{"another try not reset to the first wave", "fleet.go", "if f.latest.Latched.Attempt != f.latest.Attempt {", "if false {"},
	{"clock trusted", "fleet.go", "return max(0, now.Sub(since))", "return now.Sub(since).Abs()"},
	{"stumbling forgiven", "fleet.go", "return m.Stumbles >= maxStumbles && !m.wave.passed", "return false"},
	{"who never begins is waited for", "fleet.go", "m.late = f.overdue(shop, permit)", "m.late = false"},
	{"who cannot move is waited for", "fleet.go", "return !m.Invalid && (f.at(m)", "return (f.at(m)"},
	{"rollback of all at once", "decide.go", "m.target == f.latest.Name && budget > 0", "m.target == f.latest.Name && budget > -99"},
	{"mended Shop is never asked again", "steps.go", "return m.Failed\n\t}\n\treturn f.attempt()", "return f.attempt()\n\t}\n\treturn f.attempt()"},
	{"clash forgotten", "fleet.go", "return m.Failed == f.attempt() || f.clashes(m)", "return m.Failed == f.attempt()"},
	{"Shop that has to start counts", "fleet.go", "return m.NeedsLatest", "return false"},
	{"new Shop takes the untried release", "decide.go", "if f.stable == \"\" || (halt == nil && m.wave.passed) {", "if true {"},
}

// TestTheSimulationKillsEveryMutant makes each mistake in turn and expects the simulation to notice.
func TestTheSimulationKillsEveryMutant(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the package once for each mutant")
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			overlay := overlayOf(t, m.file, m.code, m.mistake)
			cmd := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-vet=off", "-ldflags=-s -w", "-run", "^TestNoHistory", ".", "-args", "-seeds", "8000")
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Errorf("the mutant lives:\n%s", out)
			}
			if err != nil && !strings.Contains(string(out), "--- FAIL") {
				t.Errorf("the mutant was not run:\n%s", out)
			}
		})
	}
}

// overlayOf writes the file with the mistake beside the tree and tells the compiler to take it.
func overlayOf(t *testing.T, file, code, mistake string) string {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), code); n != 1 {
		t.Fatalf("%s has %d places %q, of which there must be one", file, n, code)
	}
	here, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mutant := filepath.Join(dir, file)
	overlay := filepath.Join(dir, "overlay.json")
	content, err := json.Marshal(map[string]map[string]string{"Replace": {here: mutant}})
	if err == nil {
		err = os.WriteFile(mutant, []byte(strings.Replace(string(source), code, mistake, 1)), 0o600)
	}
	if err == nil {
		err = os.WriteFile(overlay, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return overlay
}
