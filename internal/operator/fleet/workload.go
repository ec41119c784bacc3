package fleet

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// rolledOut is the reason of a Deployment's condition Progressing once all its pods are the new ones.
const rolledOut = "NewReplicaSetAvailable"

// workload is what one Deployment of a Shop says that a decision depends on; zero = there is no Deployment.
type workload struct {
	present bool
	// release is what it runs, before what it served on before that; empty = it is older than releases are.
	release, before string
	began           time.Time // when its pods were last replaced for a release; zero = never
	failed, unwell  rollout.Mark
	clash           rollout.Mark

	available      bool // enough of its pods serve
	availableSince time.Time
	complete       bool // all its pods are the ones that were asked for last
	completeSince  time.Time
	untold         bool // all its pods were, and it changed since; its controller has not said what that means
}

func workloadOf(d *appsv1.Deployment) workload {
	w := workload{
		present: true, release: d.Labels[v1alpha1.LabelRelease], before: d.Annotations[v1alpha1.AnnotationReleaseBefore],
		failed: markOf(d.Annotations[v1alpha1.AnnotationReleaseFailed]), unwell: markOf(d.Annotations[v1alpha1.AnnotationReleaseUnwell]),
		clash: markOf(d.Annotations[v1alpha1.AnnotationReleaseClash]),
	}
	w.began, _ = time.Parse(time.RFC3339, d.Annotations[v1alpha1.AnnotationReleaseSince]) // zero where it cannot be read
	if available := condition(d, appsv1.DeploymentAvailable); available != nil {
		w.available = available.Status == corev1.ConditionTrue
		w.availableSince = available.LastTransitionTime.Time
	}
	if progressing := condition(d, appsv1.DeploymentProgressing); progressing != nil {
		// The way back to pods of before keeps the reason of then until the first of them is there.
		w.complete = progressing.Reason == rolledOut && d.Status.ObservedGeneration >= d.Generation && d.Status.UpdatedReplicas == d.Status.Replicas
		w.untold = progressing.Reason == rolledOut && !w.complete
		if w.complete {
			w.completeSince = progressing.LastUpdateTime.Time
		}
	}
	return w
}

// gotOn is when the roll of the Deployment last made progress.
func gotOn(d *appsv1.Deployment) time.Time {
	progressing := condition(d, appsv1.DeploymentProgressing)
	if progressing == nil {
		return d.CreationTimestamp.Time
	}
	at := progressing.LastUpdateTime.Time
	if progressing.Reason == "ProgressDeadlineExceeded" && d.Spec.ProgressDeadlineSeconds != nil {
		at = at.Add(-time.Duration(*d.Spec.ProgressDeadlineSeconds) * time.Second)
	}
	return at
}

func condition(d *appsv1.Deployment, kind appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	i := slices.IndexFunc(d.Status.Conditions, func(c appsv1.DeploymentCondition) bool { return c.Type == kind })
	if i < 0 {
		return nil
	}
	return &d.Status.Conditions[i]
}

// Matters says whether a Deployment became another one for a decision.
func Matters(before, after *appsv1.Deployment) bool { return workloadOf(before) != workloadOf(after) }

// Mentioned are the releases that the Deployment names; nil = there is no Deployment.
func Mentioned(d *appsv1.Deployment) []string {
	if d == nil {
		return nil
	}
	w := workloadOf(d)
	return []string{w.release, w.before, w.failed.Release, w.unwell.Release, w.clash.Release}
}
