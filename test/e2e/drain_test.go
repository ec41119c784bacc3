//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// theNode is the only node of the cluster; elsewhere the tests that need that are skipped.
func theNode(t *testing.T) *corev1.Node {
	t.Helper()
	var list corev1.NodeList
	if err := cluster.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 {
		t.Skipf("the cluster has %d nodes", len(list.Items))
	}
	return &list.Items[0]
}

func TestNodeCordonedAndDrainedWithSQLite(t *testing.T) {
	node := theNode(t)
	m := live(t, "drain", "")
	number := newNumber()
	mail := m.firstMail(t, number)
	cordon := func(on bool) {
		verb := map[bool]string{true: "cordon", false: "uncordon"}[on]
		if _, err := cluster.Kubectl(context.WithoutCancel(t.Context()), verb, node.Name); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { cordon(false) })
	cordon(true)
	for _, component := range []string{v1alpha1.ComponentPage, v1alpha1.ComponentNotifier} {
		for _, pod := range m.pods(t, component) {
			eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
			if err := cluster.SubResource("eviction").Create(t.Context(), &pod, eviction); err != nil {
				t.Fatalf("a pod of a Shop on SQLite must not hold up a drain: %v", err)
			}
		}
	}
	message := awaitCondition(t, m.key(), v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionFalse, v1alpha1.ReasonPodsUnschedulable, 2*time.Minute)
	if !strings.Contains(message, "unschedulable") {
		t.Errorf("the message does not quote the scheduler: %s", message)
	}
	awaitCondition(t, m.key(), v1alpha1.ConditionReady, metav1.ConditionFalse, v1alpha1.ReasonPodsUnschedulable, time.Minute)
	start := time.Now()
	cordon(false)
	awaitReady(t, m.key())
	t.Logf("Ready %.1f s after the node took pods again", time.Since(start).Seconds())
	m.opens(t, mail, number)
	m.opens(t, m.firstMail(t, newNumber()), "")
}

// The two pods of a volume share a node. Where it has no room for a third one, a roll must come to its end all the same.
func TestNodeWithoutRoomForASurgePodRollsAllTheSame(t *testing.T) {
	t.Parallel()
	node := theNode(t)
	m := live(t, "surge", "")
	number := newNumber()
	mail := m.firstMail(t, number)
	free := freeMemory(t, node)
	share := *resource.NewQuantity(free*2/5, resource.BinarySI) // two fit, three do not
	m.change(t, func(s *v1alpha1.Shop) {
		s.Spec.Scheduling = &v1alpha1.Scheduling{Resources: &v1alpha1.Resources{Requests: &v1alpha1.ResourceAmounts{Memory: &share}}}
	})
	before := m.pods(t, v1alpha1.ComponentPage)
	start := time.Now()
	m.edit(t, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Surge test" })
	err := kube.Await(t.Context(), "the event that tells of the gap", 3*time.Minute, func(ctx context.Context) (bool, string) {
		var events eventsv1.EventList
		err := cluster.List(ctx, &events, client.InNamespace(m.name))
		for _, e := range events.Items {
			if e.Reason == v1alpha1.EventSurgeUnschedulable {
				t.Logf("after %.1f s: %s", time.Since(start).Seconds(), e.Note)
				return true, ""
			}
		}
		return false, fmt.Sprintf("%d other events (%v)", len(events.Items), err)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := cluster.AwaitShopReady(t.Context(), m.key(), 4*time.Minute, func(string) {}); err != nil {
		t.Fatal(err)
	}
	t.Logf("rolled after %.1f s", time.Since(start).Seconds())
	if after := m.pods(t, v1alpha1.ComponentPage); len(after) != 1 || after[0].UID == before[0].UID {
		t.Errorf("the page was not replaced")
	}
	m.opens(t, mail, number)
	var page appsv1.Deployment
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: m.name, Name: m.name + "-page"}, &page); err != nil {
		t.Fatal(err)
	}
	if got := page.Spec.Strategy.RollingUpdate.MaxUnavailable.IntValue(); got != 0 {
		t.Errorf("the next roll would have a gap, too: maxUnavailable is %d", got)
	}
}

// freeMemory returns the node's memory that no pod has requested, in bytes.
func freeMemory(t *testing.T, node *corev1.Node) int64 {
	t.Helper()
	var list corev1.PodList
	if err := cluster.List(t.Context(), &list); err != nil {
		t.Fatal(err)
	}
	free := node.Status.Allocatable.Memory().Value()
	for _, p := range list.Items {
		if p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
			continue
		}
		for _, c := range p.Spec.Containers {
			free -= c.Resources.Requests.Memory().Value()
		}
	}
	return free
}
