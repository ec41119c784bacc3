//go:build e2e

package e2e

import (
	"context"
	"net"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

func TestAStrangerReachesThePageAndNothingElseOfAShop(t *testing.T) {
	page := linden.pods(t, v1alpha1.ComponentPage)[0].Status.PodIP
	notifier := linden.pods(t, v1alpha1.ComponentNotifier)[0].Status.PodIP
	for _, c := range []struct {
		name, address string
		reached       bool
	}{
		{"public-page", net.JoinHostPort(page, "8080"), true},
		{"page-internal", net.JoinHostPort(page, "9090"), false},
		{"notifier-internal", net.JoinHostPort(notifier, "9090"), false},
		{"by-name", "linden-page.linden.svc:80", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := probe(t, c.name, c.address); got != c.reached {
				t.Errorf("a stranger's connection to %s succeeded: %v, want %v", c.address, got, c.reached)
			}
		})
	}
}

// probe tries a connection from a pod in a namespace that has nothing to do with the Shop.
func probe(t *testing.T, name, address string) (reached bool) {
	t.Helper()
	pod := proberPod("wismo-demo", "stranger-"+name+"-", address)
	startPod(t, pod)
	err := kube.Await(t.Context(), "the stranger's attempt to end", time.Minute, func(ctx context.Context) (bool, string) {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(pod), pod); err != nil {
			return false, err.Error()
		}
		return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed, string(pod.Status.Phase)
	})
	if err != nil {
		t.Fatal(err)
	}
	return pod.Status.Phase == corev1.PodSucceeded
}
