package shop

import (
	"context"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// hear asks the pods of a release that failed what was wrong with them: when the Shop has gone back they are no more.
func (r *Reconciler) hear(ctx context.Context, s *scope) {
	if s.assignment.Step.Reason != rollout.ReleaseFailed || s.failure != "" {
		return
	}
	for _, c := range components {
		if words := r.complaintAbout(ctx, s, c); words != "" {
			s.failure = tellings[rollout.ReleaseFailed].message + s.subject() + words
			return
		}
	}
}

// complaintAbout is what the pods of a component say that is about to leave the release; "" = nothing.
func (r *Reconciler) complaintAbout(ctx context.Context, s *scope, c bundle.Component) string {
	d := s.deployments[c]
	if d == nil || release.MarksOf(d).Release == s.edition.Name || rollOf(d, wanted(d, s), false, false).complete {
		return ""
	}
	sets, err := r.replicaSets(ctx, d)
	if err != nil || len(sets) == 0 {
		return ""
	}
	return r.complaint(ctx, d, sets[0])
}

// complaint is what the pods of a ReplicaSet say of themselves; "" = nothing. It is a help, so that its own failing is none.
func (r *Reconciler) complaint(ctx context.Context, d *appsv1.Deployment, newest appsv1.ReplicaSet) string {
	pods := &corev1.PodList{}
	selector := client.MatchingLabelsSelector{Selector: labels.SelectorFromSet(newest.Spec.Selector.MatchLabels)}
	if err := r.Live.List(ctx, pods, client.InNamespace(d.Namespace), selector); err != nil {
		return ""
	}
	for _, pod := range pods.Items {
		if words := complaintOf(pod); words != "" {
			return "; " + d.Name + " said: " + quote(words)
		}
	}
	return ""
}

// complaintOf is the first thing that keeps a pod from being ready; "" = nothing that it tells.
func complaintOf(pod corev1.Pod) string {
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
