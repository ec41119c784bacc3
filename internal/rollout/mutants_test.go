package rollout_test

import (
	"testing"

	. "github.com/wismo-dev/wismo/internal/testing/mutants"
)

// TestTheSimulationKillsEveryMutant makes mistakes that could be made in this package, one at a time, and expects the
// simulation to notice each.
func TestTheSimulationKillsEveryMutant(t *testing.T) {
	mistakes := []Mutant{
		{Name: "budget off by one", In: "fleet.advance", At: Case(3), Mistake: "budget > -1"},
		{Name: "bake skipped", In: "fleet.baked", At: Return(2), Mistake: "!m.RolloutStarted.After(f.latest.Created) || m.Serving"},
		{Name: "halt not sticky", In: "fleet.halt", At: If(2), Mistake: "false"},
		{
			Name: "second change not reset to the first wave", In: "fleet.assign", At: Field("passed"),
			Mistake: "slices.ContainsFunc(f.Releases, func(r Release) bool { return slices.Contains(r.Progress.Passed, w.Name) })",
		},
		{Name: "unhealthy before counted", In: "fleet.countable", At: Return(3), Mistake: "!m.Invalid"},
		{Name: "percent rounded up", In: "Amount.upTo", At: Return(1), Mistake: "(a.Value*base + hundredPercent - 1) / hundredPercent"},
		{Name: "waiting Shop not Ready", In: "Reason.Stalls", At: Return(1), Mistake: "r != UpToDate"},
		{
			Name: "rollback to the intermediate", In: "lastStable", At: If(1),
			Mistake: "r.Number < latest.Number && (stable == nil || r.Number > stable.Number)",
		},
		{Name: "next wave before the last is over", In: "fleet.open", At: If(2), Mistake: "false"},
		{Name: "approval forgotten", In: "wave.mayStart", At: Return(1), Mistake: "true"},
		{Name: "pause forgotten", In: "Decide", At: Case(2), Mistake: "!f.latest.Unusable"},
		{Name: "assignment forgotten", In: "fleet.newMember", At: Field("target"), Mistake: "cmp.Or(shop.Moving, shop.Running)"},
		{Name: "withdrawn assignment forgotten", In: "fleet.unsure", At: Return(1), Mistake: "false"},
		{Name: "moved to what cannot be rendered", In: "Decide", At: Case(2), Mistake: "f.latest.Pause == NotPaused"},
		{Name: "success forgotten by another build", In: "fleet.succeeded", At: Return(1), Mistake: "false"},
		{Name: "unseen return forgotten", In: "fleet.rollBack", At: If(1), Mistake: "m.target == f.stable && f.busy(m)"},
		{Name: "another try not reset to the first wave", In: "fleet.passed", At: If(1), Mistake: "false"},
		{Name: "clock trusted", In: "elapsed", At: Return(1), Mistake: "now.Sub(since).Abs()"},
		{Name: "interruptions forgiven", In: "fleet.failsToServe", At: Return(2), Mistake: "false"},
		{Name: "who never begins is waited for", In: "fleet.newMember", At: Field("late"), Mistake: "false"},
		{Name: "an older release is waited for", In: "fleet.outdated", At: Return(1), Mistake: "false"},
		{Name: "who cannot move is waited for", In: "fleet.countable", At: Return(3), Mistake: "f.at(m) || !f.down(m)"},
		{
			Name: "rollback of all at once", In: "fleet.rollBack", At: If(2),
			Mistake: "m.target == f.latest.Name && budget > -99 && f.latest.Pause != PausedAll",
		},
		{Name: "fixed Shop is never asked again", In: "fleet.failedAttempt", At: Return(1), Mistake: "f.attempt()"},
		{Name: "incompatible release forgotten", In: "fleet.hasFailed", At: Return(1), Mistake: "m.Failed == f.attempt()"},
		{Name: "Shop that has to start counts", In: "fleet.provesNothing", At: Return(1), Mistake: "false"},
		{Name: "new Shop takes the untried release", In: "fleet.start", At: If(3), Mistake: "true"},
	}
	for i := range mistakes {
		mistakes[i].Killer = "TestNoHistory"
	}
	Kill(t, mistakes, "-args", "-seeds", "8000")
}
