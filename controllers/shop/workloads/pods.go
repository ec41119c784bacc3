package workloads

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
	"github.com/wismo-dev/wismo/internal/operator/text"
)

// How long a Deployment may take before its pods are looked at, and how long the pod that a roll needs on top may wait
// for a node before the old pod goes first.
const (
	pendingTime  = 10 * time.Second
	surgeTimeout = time.Minute
)

// quoteLimit bounds what of the scheduler's words goes into a message.
const quoteLimit = 300

// blockedPod is a pod that cannot start: no node takes it, or the node has no image for it.
type blockedPod struct {
	since   time.Time // it has waited for a node; zero = it has one
	reason  string    // of the condition
	message string    // with the words of the scheduler or the kubelet
}

// Watcher looks at the pods of all Shops.
type Watcher struct {
	Client   client.Reader // reads come from the cache
	Live     client.Reader // the API server itself: no cache holds pods
	Recorder events.EventRecorder
}

// waitingPod finds a pod of the workload that no node takes, unless that was done before; nil where there is none. It looks
// only where pods have been awaited for a while; otherwise it says when to look again, 0 = never.
func (w Watcher) waitingPod(ctx context.Context, s State, component bundle.Component, before Capacity) (*blockedPod, time.Duration, error) {
	if found, known := before.waiting[component]; known {
		return found, 0, nil
	}
	d := s.Deployments[component]
	since := rollouthealth.Read(d).LastChange
	if since.IsZero() {
		return nil, 0, nil // its controller has not seen it yet
	}
	if left := since.Add(pendingTime).Sub(s.Now); left > 0 {
		return nil, left, nil
	}
	pods := &corev1.PodList{}
	selector := client.MatchingLabelsSelector{Selector: labels.SelectorFromSet(d.Spec.Selector.MatchLabels)}
	if err := w.Live.List(ctx, pods, client.InNamespace(d.Namespace), selector); err != nil {
		return nil, 0, fmt.Errorf("listing the pods of the Deployment %s/%s: %w", d.Namespace, d.Name, err)
	}
	return blocked(pods.Items), 0, nil
}

// imageErrors are the reasons for which the kubelet has no image for a container.
var imageErrors = []string{"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable", "ImageInspectError"}

// blocked returns the pod that has waited for a node the longest, else one that has no image.
func blocked(pods []corev1.Pod) *blockedPod {
	if found := longest(pods); found != nil {
		return found
	}
	for _, pod := range pods {
		for _, c := range pod.Status.ContainerStatuses {
			if w := c.State.Waiting; w != nil && pod.DeletionTimestamp == nil && slices.Contains(imageErrors, w.Reason) {
				return &blockedPod{reason: v1alpha1.ReasonImageUnavailable, message: Quote("the image " + c.Image + " cannot be pulled: " + w.Reason + " " + w.Message)}
			}
		}
	}
	return nil
}

// longest returns the pod that has waited for a node the longest.
func longest(pods []corev1.Pod) *blockedPod {
	var found *blockedPod
	for _, pod := range pods {
		for _, c := range pod.Status.Conditions {
			stuck := c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable
			if stuck && pod.DeletionTimestamp == nil && (found == nil || c.LastTransitionTime.Time.Before(found.since)) {
				found = &blockedPod{since: c.LastTransitionTime.Time, reason: v1alpha1.ReasonPodsUnschedulable, message: Quote("no node can run it: " + c.Message)}
			}
		}
	}
	return found
}

// Quote returns the message of another program on one line, within bounds.
func Quote(message string) string {
	return text.Truncate(strings.Join(strings.Fields(message), " "), quoteLimit)
}
