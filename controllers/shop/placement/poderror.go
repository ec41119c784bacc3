package placement

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// Failure asks the pods of a release that failed what was wrong with them, before the Shop goes back and they are gone; "" =
// the Shop is not about to, or they say nothing.
func (p *Placer) Failure(ctx context.Context, s Situation, fit Fit) string {
	if s.Assignment.Step.Reason != rollout.ReleaseFailed {
		return ""
	}
	for _, c := range workloads.Components {
		if words := p.podErrorOf(ctx, s, fit, c); words != "" {
			return findingOf(rollout.ReleaseFailed, assessment{Situation: s}.subject()).Message + words
		}
	}
	return ""
}

// podErrorOf returns the error of the pods of a component that is about to leave the release; "" = none.
func (p *Placer) podErrorOf(ctx context.Context, s Situation, fit Fit, c bundle.Component) string {
	d := s.Workloads.Deployments[c]
	if d == nil || release.MarksOf(d).Release == fit.Edition.Name || s.Workloads.Complete(c) {
		return ""
	}
	sets, err := p.replicaSets(ctx, d)
	if err != nil || len(sets) == 0 {
		return ""
	}
	return p.podError(ctx, d, sets[0])
}

// podError returns the error that the pods of a ReplicaSet report; "" = none. It only adds to a message, so a failing request is ignored.
func (p *Placer) podError(ctx context.Context, d *appsv1.Deployment, newest appsv1.ReplicaSet) string {
	pods := &corev1.PodList{}
	selector := client.MatchingLabelsSelector{Selector: labels.SelectorFromSet(newest.Spec.Selector.MatchLabels)}
	if err := p.live.List(ctx, pods, client.InNamespace(d.Namespace), selector); err != nil {
		return ""
	}
	for _, pod := range pods.Items {
		if words := podErrorIn(pod); words != "" {
			return "; Deployment " + d.Name + ": " + workloads.Quote(words)
		}
	}
	return ""
}

// podErrorIn returns the first cause that keeps a pod from being ready; "" = none is reported.
func podErrorIn(pod corev1.Pod) string {
	for _, c := range pod.Status.ContainerStatuses {
		last := c.LastTerminationState.Terminated
		switch {
		case last != nil:
			return strings.TrimSpace(fmt.Sprintf("%s, exit code %d %s", last.Reason, last.ExitCode, last.Message))
		case c.State.Waiting != nil:
			return strings.TrimSpace(c.State.Waiting.Reason + " " + c.State.Waiting.Message)
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Status == corev1.ConditionFalse && c.Message != "" {
			return c.Message
		}
	}
	return ""
}
