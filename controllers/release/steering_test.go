package release_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// onSubject makes Shops sick on a library with the word in its template.
func onSubject(word string) func(string, *releases.Edition) bool {
	return func(_ string, e *releases.Edition) bool {
		return strings.Contains(e.Content["house"].Data["nl.yaml"], word)
	}
}

func TestAPauseHoldsAReleaseUntilItIsResumed(t *testing.T) {
	w := settled(t, 6)
	w.edit("Tweede")
	w.run(time.Minute)
	w.steer("rel-0002", v1alpha1.AnnotationPause, "Advance")
	w.run(2 * time.Hour)
	if on := w.on("rel-0002"); len(on) != 1 {
		t.Errorf("%v moved in spite of the pause", on)
	}
	if got := w.status()["state"]; got != "Paused" {
		t.Errorf("the state is %s", got)
	}
	w.wantEvent("ReleasePaused")
	w.steer("rel-0002", v1alpha1.AnnotationPause, "")
	w.until("rel-0002", rollout.StateSucceeded)
}

func TestWhatIsPausedIsToldOnceTheDecisionGoesByItAlsoInARollback(t *testing.T) {
	w := settled(t, 6)
	w.sick = onSubject("Kapot")
	w.edit("Kapot")
	w.until("rel-0002", rollout.StateRolledBack)
	if got := w.status()["paused"]; got != "" {
		t.Errorf("paused says %q", got)
	}
	w.steer("rel-0002", v1alpha1.AnnotationPause, "All")
	w.run(time.Minute)
	if got := w.status(); got["paused"] != "All" || got["state"] != "RolledBack" {
		t.Errorf("paused says %q in the state %s", got["paused"], got["state"])
	}
}

func TestPitfall18AWaveWaitsForAnApprovalOfThisReleaseAndThisWave(t *testing.T) {
	w := settled(t, 6)
	w.policy.Waves = append(w.policy.Waves, rollout.Wave{Name: "early", Size: 2, MaxConcurrent: rollout.Amount{Value: 1}, Bake: time.Minute, NeedsApproval: true})
	w.steer("rel-0001", v1alpha1.AnnotationApprove, "early")
	w.edit("Tweede")
	w.until("rel-0002", rollout.StateWaitingForApproval)
	w.run(time.Hour)
	if on := w.on("rel-0002"); len(on) != 1 {
		t.Errorf("%v moved without approval", on)
	}
	w.wantEvent("ReleaseWaits")
	w.steer("rel-0002", v1alpha1.AnnotationApprove, "other, early")
	w.until("rel-0002", rollout.StateSucceeded)
}

func TestARollbackThatSomebodyAsksForReturnsAllAndARetryBeginsAnew(t *testing.T) {
	w := settled(t, 6)
	w.edit("Tweede")
	w.run(20 * time.Minute)
	w.steer("rel-0002", v1alpha1.AnnotationRollBack, "1")
	w.until("rel-0002", rollout.StateRolledBack)
	if on := w.on("rel-0001"); len(on) != 6 {
		t.Errorf("%v are back", on)
	}
	w.wantEvent("ReleaseHalted", "requested")
	w.steer("rel-0002", v1alpha1.AnnotationRetry, "1")
	w.run(time.Minute)
	if on := w.on("rel-0002"); len(on) != 1 {
		t.Errorf("the retry began with %v", on)
	}
	w.until("rel-0002", rollout.StateSucceeded)
}

func TestPitfall11AHaltStaysUntilSomebodyRetries(t *testing.T) {
	w := settled(t, 6)
	w.sick = onSubject("Kapot")
	w.edit("Kapot")
	w.until("rel-0002", rollout.StateRolledBack)
	w.sick = func(string, *releases.Edition) bool { return false }
	w.start() // also across a restart
	w.run(2 * time.Hour)
	if on := w.on("rel-0002"); len(on) > 0 {
		t.Errorf("%v move in spite of the halt", on)
	}
	w.steer("rel-0002", v1alpha1.AnnotationRetry, "1")
	w.until("rel-0002", rollout.StateSucceeded)
}

func TestWhatCannotBeReadOnAReleaseIsNamedAndStopsRatherThanMoves(t *testing.T) {
	w := settled(t, 6)
	w.edit("Tweede")
	w.run(time.Minute)
	w.steer("rel-0002", v1alpha1.AnnotationPause, "please")
	w.steer("rel-0002", v1alpha1.AnnotationRetry, "once more")
	w.run(time.Hour)
	status := w.status()
	if status["state"] != "Paused" || !strings.Contains(status["problems"], `"please" and must be`) || !strings.Contains(status["problems"], `"once more" and must be a number`) {
		t.Errorf("the status is %v", status)
	}
	w.steer("rel-0002", v1alpha1.AnnotationPause, "")
	w.steer("rel-0002", v1alpha1.AnnotationLatched, "{")
	w.run(time.Hour)
	if status := w.status(); status["state"] != "Paused" || !strings.Contains(status["problems"], "latched cannot be read") {
		t.Errorf("the status is %v", status)
	}
}
