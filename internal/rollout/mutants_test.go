package rollout_test

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/testing/mutants"
)

// mistakes that could be made in this package.
var mistakes = []struct{ name, file, code, mistake string }{
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
	all := make([]mutants.Mutant, 0, len(mistakes))
	for _, m := range mistakes {
		all = append(all, mutants.Mutant{Name: m.name, File: m.file, Code: m.code, Mistake: m.mistake, Killer: "TestNoHistory"})
	}
	mutants.Kill(t, all, "-args", "-seeds", "8000")
}
