package workloads

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// Capacity is for which workloads no node can run an additional pod during a rollout.
type Capacity struct {
	NoSurge []bundle.Component // the old pod goes first
	waiting map[bundle.Component]*blockedPod
}

// CheckSurge finds out which workloads cannot have an additional pod while they roll: the pods of a volume share its node, and where
// that is full, a roll would wait forever. After a minute, the old pod of such a one goes first, for this roll. What was so
// decided holds until the roll is complete.
func (w Watcher) CheckSurge(ctx context.Context, s State) (Capacity, outcome.Outcome) {
	room, out := Capacity{waiting: map[bundle.Component]*blockedPod{}}, outcome.Done()
	for _, component := range Components {
		health := s.settledHealth(component)
		if !health.Available || health.Complete(s.podsForCompleteRollout(component)) {
			continue
		}
		if u := s.Deployments[component].Spec.Strategy.RollingUpdate; u != nil && u.MaxUnavailable != nil && u.MaxUnavailable.IntValue() > 0 {
			room.NoSurge = append(room.NoSurge, component)
			continue
		}
		pod, look, err := w.waitingPod(ctx, s, component, Capacity{})
		if err != nil {
			return room, outcome.Retry(err)
		}
		room.waiting[component] = pod
		if pod == nil || pod.since.IsZero() {
			out = out.LookAfter(look)
			continue
		}
		if left := pod.since.Add(surgeTimeout).Sub(s.Now); left > 0 {
			out = out.LookAfter(left)
			continue
		}
		w.Recorder.Eventf(s.Shop, nil, corev1.EventTypeWarning, v1alpha1.EventSurgeUnschedulable, "Roll",
			"No node can run an additional pod of the %s, so its old pod is stopped before the new one starts: %s", component, pod.message)
		ctrl.LoggerFrom(ctx).Info("No node can run an additional pod, so the old pod is stopped before the new one starts", "component", component, "cause", pod.message)
		room.NoSurge = append(room.NoSurge, component)
	}
	return room, out
}
