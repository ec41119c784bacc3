//go:build e2e

package e2e

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// managerLabels select the operator's pods.
var managerLabels = map[string]string{"app.kubernetes.io/component": "manager"}

func TestARestartOfAnyPodInMidJourneyLosesNothingAndDoublesNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		victim func(*testing.T) []corev1.Pod
		grace  int64 // seconds; 0 kills without a word
	}{
		{"page, told to end", func(t *testing.T) []corev1.Pod { return linden.pods(t, v1alpha1.ComponentPage) }, 30},
		{"page, killed", func(t *testing.T) []corev1.Pod { return linden.pods(t, v1alpha1.ComponentPage) }, 0},
		{"notifier, told to end", func(t *testing.T) []corev1.Pod { return linden.pods(t, v1alpha1.ComponentNotifier) }, 30},
		{"notifier, killed", func(t *testing.T) []corev1.Pod { return linden.pods(t, v1alpha1.ComponentNotifier) }, 0},
		{"manager, killed", managers, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			number := newNumber()
			hooks := linden.journey(number, onOneDay(t))
			due := 0
			for i, hook := range hooks {
				linden.send(t, hook)
				// At once after the acknowledgement: what follows from it is still under way.
				if i == 0 || i == 3 {
					kill(t, c.victim, c.grace)
				}
				if hook.Mails != "" {
					due++
					linden.awaitMails(t, number, due)
				}
			}
			got := linden.exactMails(t, number, due)
			linden.awaitPage(t, got[0].PagePath(), words["linden"].pages["Delivered"])
			awaitReady(t, linden.key())
		})
	}
}

// kill deletes the pods of a workload, once there is one that runs.
func kill(t *testing.T, find func(*testing.T) []corev1.Pod, graceSeconds int64) {
	t.Helper()
	var victims []corev1.Pod
	err := kube.Await(t.Context(), "a pod to restart", time.Minute, func(context.Context) (bool, string) {
		victims = find(t)
		return len(victims) > 0, "none runs"
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range victims {
		if err := cluster.Delete(t.Context(), &victims[i], client.GracePeriodSeconds(graceSeconds)); client.IgnoreNotFound(err) != nil {
			t.Fatal(err)
		}
		t.Logf("deleted pod %s/%s", victims[i].Namespace, victims[i].Name)
	}
}

func managers(t *testing.T) []corev1.Pod { return pods(t, "wismo-system", managerLabels) }
