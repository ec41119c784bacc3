package release_test

import (
	"testing"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// tolerant returns settled, with one failure allowed in the only wave.
func tolerant(t *testing.T) *fakeCluster {
	t.Helper()
	w := settled(t, 6)
	w.policy.Waves = []rollout.Wave{{Name: "all", MaxConcurrent: rollout.Amount{Value: 1}, MaxFailures: rollout.Amount{Value: 1}, Bake: time.Minute}}
	return w
}

func TestAShopThatClashedFollowsByItselfOnceItIsMendedAlsoAcrossARestart(t *testing.T) {
	w := tolerant(t)
	w.clashes = map[string]bool{"shop-02": true}
	w.edit("Tweede")
	w.until("rel-0002", rollout.StateSucceeded) // the others wait for it no more than for any that failed
	if step := w.stepOf("shop-02"); step.Reason != rollout.ReleaseFailed || step.Failed != (rollout.AttemptRef{}) || w.status()["failed"] != "1" {
		t.Errorf("it is told %+v; %s failed", step, w.status()["failed"])
	}
	w.start()
	w.run(time.Hour)
	if got := w.history("shop-02"); got != "nothing" {
		t.Errorf("while it clashes it moved to %s", got)
	}
	w.clashes = nil
	w.run(rollout.MaxLag + time.Minute)
	if on := w.on("rel-0002"); len(on) != 6 || w.status()["failed"] != "0" {
		t.Errorf("%v are on it, %s failed", on, w.status()["failed"])
	}
	if got := w.history("shop-02"); got != "rel-0002" {
		t.Errorf("it moved to %s", got)
	}
}

func TestAShopThatIsMendedAfterTheHaltStaysWhereItIsUntilARetry(t *testing.T) {
	w := settled(t, 6)
	w.clashes = map[string]bool{}
	for _, shop := range w.shops() {
		w.clashes[shop.Namespace] = true // whoever is the canary
	}
	w.edit("Tweede")
	w.until("rel-0002", rollout.StateRolledBack)
	w.clashes = nil
	w.run(time.Hour)
	if on := w.on("rel-0002"); len(on) != 0 || w.status()["failed"] != "0" {
		t.Errorf("%v move in spite of the halt; %s failed", on, w.status()["failed"])
	}
	w.steer("rel-0002", v1alpha1.AnnotationRetry, "1")
	w.until("rel-0002", rollout.StateSucceeded)
}
