// Package rollouthealth reads from a Deployment how far its pods are. It is the one reading for the Shops' controller and
// for that of the releases; each draws its own conclusions. It asks no API server.
package rollouthealth

import (
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Reasons of a Deployment's condition Progressing, as its controller writes them.
const (
	newReplicaSetAvailable   = "NewReplicaSetAvailable"
	progressDeadlineExceeded = "ProgressDeadlineExceeded"
)

// Health is what the status of a Deployment reports of its pods.
type Health struct {
	Exists    bool
	Observed  bool // its controller has seen what it asks for now
	Available bool // enough of its pods serve
	RolledOut bool // the last rollout on which its controller reported is complete
	Paused    bool // a person paused its rollouts; then it has no progress deadline
	Expired   bool // the progress deadline of that roll passed before
	Refusal   Refusal

	AvailableSince     time.Time // when Available last changed
	ProgressReportedAt time.Time // when its controller last reported on the rollout; zero = never
	LastProgress       time.Time // when the roll last made progress
	LastChange         time.Time // when its controller last reported anything; zero = never

	replicas, updated, availableReplicas int32
}

// Read reads a Deployment; nil = there is none.
func Read(d *appsv1.Deployment) Health {
	if d == nil {
		return Health{}
	}
	h := Health{
		Exists: true, Observed: d.Status.ObservedGeneration >= d.Generation, Refusal: refusalOf(d), Paused: d.Spec.Paused,
		LastProgress: d.CreationTimestamp.Time,
		replicas:     d.Status.Replicas, updated: d.Status.UpdatedReplicas, availableReplicas: d.Status.AvailableReplicas,
	}
	if available := condition(d, appsv1.DeploymentAvailable); available != nil {
		h.Available = available.Status == corev1.ConditionTrue
		h.AvailableSince = available.LastTransitionTime.Time
	}
	if progressing := condition(d, appsv1.DeploymentProgressing); progressing != nil {
		h.RolledOut = progressing.Reason == newReplicaSetAvailable
		h.Expired = progressing.Reason == progressDeadlineExceeded
		h.ProgressReportedAt = progressing.LastUpdateTime.Time
		h.LastProgress = h.ProgressReportedAt
		if h.Expired && d.Spec.ProgressDeadlineSeconds != nil {
			h.LastProgress = h.LastProgress.Add(-time.Duration(*d.Spec.ProgressDeadlineSeconds) * time.Second)
		}
	}
	for _, c := range d.Status.Conditions {
		for _, at := range []time.Time{c.LastUpdateTime.Time, c.LastTransitionTime.Time} {
			if at.After(h.LastChange) {
				h.LastChange = at
			}
		}
	}
	return h
}

// Complete reports whether as many pods as are wanted serve, and all of them run what the Deployment asks for now.
func (h Health) Complete(wanted int32) bool {
	return h.Observed && h.Available && h.updated >= wanted && h.replicas <= h.updated && h.availableReplicas >= wanted
}

// Replaced reports whether the last roll came to its end and nothing was asked for since. The way back to pods of before keeps
// the reason of then until the first of them is there, so their number counts as well.
func (h Health) Replaced() bool { return h.RolledOut && h.Observed && h.updated == h.replicas }

func condition(d *appsv1.Deployment, kind appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	i := slices.IndexFunc(d.Status.Conditions, func(c appsv1.DeploymentCondition) bool { return c.Type == kind })
	if i < 0 {
		return nil
	}
	return &d.Status.Conditions[i]
}
