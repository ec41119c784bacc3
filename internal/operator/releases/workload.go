package releases

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
	"github.com/wismo-dev/wismo/internal/release"
)

// workload is the state of one Deployment of a Shop on which a decision depends; zero = there is no Deployment.
type workload struct {
	present bool
	// release is the release that it runs, before the one that it served on before; empty = it was created before there were releases.
	release, before         string
	began                   time.Time // when its pods were last replaced for a release; zero = never
	failed, unhealthyBefore release.AttemptRef
	incompatibleWith        release.AttemptRef

	available      bool // enough of its pods serve
	availableSince time.Time
	complete       bool // all its pods run the current pod template
	completeSince  time.Time
	unreported     bool // it was complete and has changed; the Deployment controller has not reported on the change yet
}

func workloadOf(d *appsv1.Deployment) workload {
	marks, health := release.MarksOf(d), rollouthealth.Read(d)
	w := workload{
		present: true, release: marks.Release, before: marks.Before, began: marks.Since,
		failed: marks.Failed, unhealthyBefore: marks.UnhealthyBefore, incompatibleWith: marks.IncompatibleWith,
		available: health.Available, availableSince: health.AvailableSince,
		complete: health.Replaced(), unreported: health.RolledOut && !health.Replaced(),
	}
	if w.complete {
		w.completeSince = health.ProgressReportedAt
	}
	return w
}

// Matters reports whether the change of a Deployment may change a decision.
func Matters(before, after *appsv1.Deployment) bool { return workloadOf(before) != workloadOf(after) }

// Mentioned returns the releases that the Deployment names; nil = there is no Deployment.
func Mentioned(d *appsv1.Deployment) []string {
	if d == nil {
		return nil
	}
	m := release.MarksOf(d)
	return []string{m.Release, m.Before, m.Failed.Release, m.UnhealthyBefore.Release, m.IncompatibleWith.Release}
}
