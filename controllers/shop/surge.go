package shop

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// makeRoom finds out which Deployments cannot have a pod more while they roll: the pods of a volume share its node, and
// where that is full, a roll would wait for ever. After a minute, the old pod of such a one goes first, for this roll.
func (r *Reconciler) makeRoom(ctx context.Context, s *scope) outcome.Outcome {
	for _, component := range components {
		deployment := &appsv1.Deployment{}
		key := client.ObjectKey{Namespace: s.shop.Namespace, Name: desired.WorkloadName(s.shop.Name, component)}
		if err := r.Client.Get(ctx, key, deployment); err != nil {
			if apierrors.IsNotFound(err) {
				continue
			}
			return outcome.Retry(fmt.Errorf("reading the Deployment %s: %w", key, err))
		}
		tight, err := r.tight(ctx, s, deployment, component)
		if err != nil {
			return outcome.Retry(err)
		}
		if tight {
			s.tight = append(s.tight, component)
		}
	}
	return outcome.Done()
}

// tight says whether the old pod has to go first. What was so decided holds until the roll is complete.
func (r *Reconciler) tight(ctx context.Context, s *scope, d *appsv1.Deployment, component bundle.Component) (bool, error) {
	rolling := rollOf(d, wanted(d, s), false, s.status.Settled())
	if rolling.complete || !rolling.available {
		return false, nil
	}
	if u := d.Spec.Strategy.RollingUpdate; u != nil && u.MaxUnavailable != nil && u.MaxUnavailable.IntValue() > 0 {
		return true, nil
	}
	pod, err := r.waitingPod(ctx, s, d)
	if err != nil || pod == nil {
		return false, err
	}
	if left := pod.since.Add(surgePatience).Sub(s.now); left > 0 {
		s.lookAfter(left)
		return false, nil
	}
	r.Recorder.Eventf(s.shop, nil, corev1.EventTypeWarning, v1alpha1.EventSurgeUnschedulable, "Roll",
		"no node takes one more pod of the %s, so its old pod ends before the new one starts: %s", component, pod.words)
	return true, nil
}

// lookAfter asks for another look after d at the latest; 0 = none.
func (s *scope) lookAfter(d time.Duration) {
	if d > 0 && (s.look == 0 || d < s.look) {
		s.look = d
	}
}

// waitingPod is the pod of a Deployment under way that no node takes, or nil. It is looked for once a reconciliation.
func (r *Reconciler) waitingPod(ctx context.Context, s *scope, d *appsv1.Deployment) (*waiting, error) {
	if found, known := s.waiting[d.Name]; known {
		return found, nil
	}
	found, look, err := r.unschedulable(ctx, d, s.now)
	if err != nil {
		return nil, err
	}
	s.lookAfter(look)
	if s.waiting == nil {
		s.waiting = map[string]*waiting{}
	}
	s.waiting[d.Name] = found
	return found, nil
}
