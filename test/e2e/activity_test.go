//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// refreshTime is how long the kubelet may take to refresh a mounted ConfigMap, and the operator to ask the pods.
const refreshTime = 3 * time.Minute

// awaitActivity waits until every running notifier reports the activity.
func (m merchant) awaitActivity(t *testing.T, want v1alpha1.Activity) {
	t.Helper()
	await(t.Context(), t, fmt.Sprintf("the activity %s to be in force", want), refreshTime, func(ctx context.Context) (bool, string) {
		var shop v1alpha1.Shop
		if err := cluster.Get(ctx, m.key(), &shop); err != nil {
			return false, err.Error()
		}
		if shop.Status.Effective == nil {
			return false, "nothing is in force"
		}
		return shop.Status.Effective.Activity == want, string(shop.Status.Effective.Activity)
	})
}

// podNames are the pods that run for the Shop.
func (m merchant) podNames(t *testing.T) []string {
	t.Helper()
	names := map[string]bool{}
	for _, p := range allPods(t.Context(), t, m.name, map[string]string{v1alpha1.LabelShop: m.name}) {
		names[p.Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func (m merchant) wismo(t *testing.T, args ...string) string {
	t.Helper()
	started := time.Now()
	out, err := cluster.Kubectl(t.Context(), append([]string{"wismo"}, append(args, "-n", m.name)...)...)
	if err != nil {
		t.Fatalf("kubectl wismo %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	t.Logf("kubectl wismo %s: %.1f s", strings.Join(args, " "), time.Since(started).Seconds())
	return out
}

// What the shopper gets is judged at the mail server.
func TestMessagesStopWhileTheSpecIsInvalidAndWhileTheOperatorIsDown(t *testing.T) {
	if err := plugin(); err != nil {
		t.Fatal(err)
	}
	m := live(t, "killswitch", "")
	number := newNumber()
	hooks := m.journey(number, onOneDay(t))
	m.send(t, hooks[0])
	m.awaitMails(t, number, 1)
	pods := m.podNames(t)

	// A carrier that does not exist makes the Shop Stalled.
	wrong := &v1alpha1.CarrierIntegration{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.name, Name: "wrong"},
		Spec: v1alpha1.CarrierIntegrationSpec{
			ShopRef:    v1alpha1.ShopReference{Name: m.name},
			Definition: v1alpha1.DefinitionReference{Name: "no-such-carrier", Source: v1alpha1.DefinitionCatalog},
			Intake:     v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
		},
	}
	if err := cluster.Create(t.Context(), wrong); err != nil {
		t.Fatal(err)
	}
	awaitCondition(t, m.key(), v1alpha1.ConditionStalled, metav1.ConditionTrue, "", time.Minute)
	m.wismo(t, "suspend", m.name, "--wait")
	for _, hook := range hooks[1 : len(hooks)-1] {
		m.send(t, hook)
	}
	time.Sleep(quiet)
	m.exactMails(t, number, 1)

	m.wismo(t, "resume", m.name, "--wait")
	scaleManager(t, 0)
	t.Cleanup(func() { scaleManager(t, 1) })
	m.wismo(t, "suspend", m.name)
	time.Sleep(killTime)
	m.send(t, hooks[len(hooks)-1]) // delivered
	time.Sleep(quiet)
	m.exactMails(t, number, 1)

	scaleManager(t, 1)
	m.awaitActivity(t, v1alpha1.ActivitySuspended) // the operator that comes back keeps it
	time.Sleep(quiet)
	m.exactMails(t, number, 1)
	if after := m.podNames(t); !slices.Equal(after, pods) {
		t.Errorf("pods were replaced: %v became %v", pods, after)
	}

	remove(t, wrong)
	m.wismo(t, "resume", m.name, "--wait")
	next := newNumber()
	for _, hook := range m.journey(next, onOneDay(t))[:1] {
		m.send(t, hook)
	}
	m.awaitMails(t, next, 1)
	m.exactMails(t, number, 1) // what happened meanwhile is not told later
}

// killTime is how long the command may take to reach the pods while the operator is down.
const killTime = 10 * time.Second
