//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// otherVersion names the image of another version's manager, such as the last release's; without it, the present one plays
// it, in the belief that it is another.
const otherVersion = "WISMO_E2E_OTHER_MANAGER_IMAGE"

func TestOperatorUpgradedAndDowngradedWithShopsServing(t *testing.T) {
	next, present := nextManager(t), presentManager(t)
	m := live(t, "upgrade", "")
	number := newNumber()
	mail := m.firstMail(t, number)
	awaitReady(t, m.key())
	before, kept := atRest(t, m), releases(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	requests := startTraffic(ctx, m.baseURL+mail.PagePath())
	for _, image := range []string{next, present} {
		start := time.Now()
		setManager(t, image)
		m.askForALook(t)
		t.Logf("%s leads, and looked at the Shop, after %.1f s", image, time.Since(start).Seconds())
		time.Sleep(quiet)
		if diff := cmp.Diff(before, objectsOf(t, m)); diff != "" {
			t.Errorf("%s touched the Shop's objects (-before +after):\n%s", image, diff)
		}
		if made := madeSince(t, kept); len(made) > 0 && os.Getenv(otherVersion) == "" {
			t.Errorf("%s made releases, though it brings nothing new: %q", image, made)
		}
		awaitReady(t, m.key())
	}
	stop()
	requests.finish(t)
	m.opens(t, m.firstMail(t, newNumber()), "")
}

// nextManager is an image of the operator that calls itself another version.
func nextManager(t *testing.T) string {
	t.Helper()
	if named := os.Getenv(otherVersion); named != "" {
		return named
	}
	if !kube.IsLocal() {
		t.Skip("set " + otherVersion + " to an image that the nodes have")
	}
	if err := kube.LocalCommand(t.Context(), cluster.Root, os.Stdout, "load", "--image", "nextmanager=./test/e2e/nextmanager"); err != nil {
		t.Fatal(err)
	}
	return "wismo.dev/nextmanager:dev"
}

// presentManager is the image that the operator runs; it is brought back when the test ends.
func presentManager(t *testing.T) string {
	t.Helper()
	var manager appsv1.Deployment
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: "wismo-system", Name: "wismo-manager"}, &manager); err != nil {
		t.Fatal(err)
	}
	present := manager.Spec.Template.Spec.Containers[0].Image
	t.Cleanup(func() { setManager(t, present) })
	return present
}

func setManager(t *testing.T, image string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	for _, args := range [][]string{
		{"set", "image", "deployment/wismo-manager", "manager=" + image},
		{"rollout", "status", "deployment/wismo-manager", "--timeout=120s"},
	} {
		if _, err := cluster.Kubectl(ctx, append([]string{"-n", "wismo-system"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
}

// askForALook waits until the operator that leads now has looked at the Shop.
func (m merchant) askForALook(t *testing.T) {
	t.Helper()
	at := time.Now().Format(time.RFC3339Nano)
	if _, err := cluster.Kubectl(t.Context(), "-n", m.name, "annotate", "--overwrite", "shop/"+m.name, v1alpha1.AnnotationReconcileRequestedAt+"="+at); err != nil {
		t.Fatal(err)
	}
	err := kube.Await(t.Context(), "the operator to look at the Shop", 2*time.Minute, func(ctx context.Context) (bool, string) {
		var shop v1alpha1.Shop
		err := cluster.Get(ctx, m.key(), &shop)
		return err == nil && shop.Status.LastHandledReconcileAt == at, fmt.Sprintf("last asked for at %q (%v)", shop.Status.LastHandledReconcileAt, err)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// podEnds is said of a pod that was told to end and has not ended yet.
const podEnds = "ends"

// atRest waits until what a Shop runs has not changed for a while: pods of an earlier roll take their time to end.
func atRest(t *testing.T, m merchant) map[string]string {
	t.Helper()
	seen, since := objectsOf(t, m), time.Now()
	err := kube.Await(t.Context(), "the objects of "+m.name+" to settle", 2*time.Minute, func(context.Context) (bool, string) {
		now := objectsOf(t, m)
		diff := cmp.Diff(seen, now)
		if states := slices.Collect(maps.Values(now)); diff != "" || slices.Contains(states, podEnds) {
			seen, since = now, time.Now()
		}
		return time.Since(since) > quiet, diff
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// objectsOf are the generations of what a Shop runs, the identity of its pods, and how often each was restarted.
func objectsOf(t *testing.T, m merchant) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, o := range allOf(t, m.name) {
		switch o.GetKind() {
		case "Shop", "CarrierIntegration", "EndpointSlice", "Pod": // the look itself is echoed there
		default:
			all[o.GetKind()+"/"+o.GetName()] = o.GetResourceVersion()
		}
	}
	pods := &corev1.PodList{}
	if err := cluster.List(t.Context(), pods, client.InNamespace(m.name)); err != nil {
		t.Fatal(err)
	}
	for _, p := range pods.Items {
		for _, c := range p.Status.ContainerStatuses {
			all["Pod/"+p.Name] = fmt.Sprintf("%s, %d restarts", p.UID, c.RestartCount)
		}
		if p.DeletionTimestamp != nil {
			all["Pod/"+p.Name] = podEnds
		}
	}
	return all
}
