package shop

import (
	"context"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
)

// How long a Deployment may take before its pods are looked at, and how long the pod that a roll needs on top may wait
// for a node before the old pod goes first.
const (
	pendingTime   = 10 * time.Second
	surgePatience = time.Minute
)

// quoteLimit bounds what of the scheduler's words goes into a message.
const quoteLimit = 300

// waiting is a pod that no node takes.
type waiting struct {
	since time.Time
	words string // the scheduler's
}

// unschedulable finds a pod of the Deployment that no node takes; nil where there is none. It looks only where pods
// have been awaited for a while, because no cache holds pods; otherwise it says when to look again, 0 = never.
func (r *Reconciler) unschedulable(ctx context.Context, d *appsv1.Deployment, now time.Time) (*waiting, time.Duration, error) {
	since := rollouthealth.Read(d).LastChange
	if since.IsZero() {
		return nil, 0, nil // its controller has not seen it yet
	}
	if left := since.Add(pendingTime).Sub(now); left > 0 {
		return nil, left, nil
	}
	pods := &corev1.PodList{}
	selector := client.MatchingLabelsSelector{Selector: labels.SelectorFromSet(d.Spec.Selector.MatchLabels)}
	if err := r.Live.List(ctx, pods, client.InNamespace(d.Namespace), selector); err != nil {
		return nil, 0, fmt.Errorf("listing the pods of the Deployment %s/%s: %w", d.Namespace, d.Name, err)
	}
	return longest(pods.Items), 0, nil
}

// longest is the pod that has waited for a node the longest.
func longest(pods []corev1.Pod) *waiting {
	var found *waiting
	for _, pod := range pods {
		for _, c := range pod.Status.Conditions {
			stuck := c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable
			if stuck && pod.DeletionTimestamp == nil && (found == nil || c.LastTransitionTime.Time.Before(found.since)) {
				found = &waiting{since: c.LastTransitionTime.Time, words: quote(c.Message)}
			}
		}
	}
	return found
}

// quote keeps what a person needs of the scheduler's words, on one line.
func quote(words string) string {
	words = strings.Join(strings.Fields(words), " ")
	if len(words) > quoteLimit {
		return words[:quoteLimit] + "..."
	}
	return words
}
