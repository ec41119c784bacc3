package releases

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
	"github.com/wismo-dev/wismo/internal/release"
)

// workload is what one Deployment of a Shop says that a decision depends on; zero = there is no Deployment.
type workload struct {
	present bool
	// release is what it runs, before what it served on before that; empty = it is older than releases are.
	release, before string
	began           time.Time // when its pods were last replaced for a release; zero = never
	failed, unwell  release.AttemptRef
	clash           release.AttemptRef

	available      bool // enough of its pods serve
	availableSince time.Time
	complete       bool // all its pods are the ones that were asked for last
	completeSince  time.Time
	unreported     bool // all its pods were, and it changed since; its controller has not said what that means
}

func workloadOf(d *appsv1.Deployment) workload {
	marks, health := release.MarksOf(d), rollouthealth.Read(d)
	w := workload{
		present: true, release: marks.Release, before: marks.Before, began: marks.Since,
		failed: marks.Failed, unwell: marks.UnhealthyBefore, clash: marks.IncompatibleWith,
		available: health.Available, availableSince: health.AvailableSince,
		complete: health.Replaced(), unreported: health.RolledOut && !health.Replaced(),
	}
	if w.complete {
		w.completeSince = health.ProgressReportedAt
	}
	return w
}

// Matters reports whether a Deployment became another one for a decision.
func Matters(before, after *appsv1.Deployment) bool { return workloadOf(before) != workloadOf(after) }

// Mentioned returns the releases that the Deployment names; nil = there is no Deployment.
func Mentioned(d *appsv1.Deployment) []string {
	if d == nil {
		return nil
	}
	m := release.MarksOf(d)
	return []string{m.Release, m.Before, m.Failed.Release, m.UnhealthyBefore.Release, m.IncompatibleWith.Release}
}
