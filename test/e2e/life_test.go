//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/demo/inbox"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// tenantPorts are those of this machine for the Shops that tests make; the last that was given away.
var tenantPorts atomic.Int64

const firstTenantPort = 18090

// live makes a Shop of the test's own, with its page opened to the outside world.
func live(t *testing.T, name string, policy v1alpha1.DeletionPolicy) merchant {
	t.Helper()
	key := merchantIn(t, name, policy)
	m := merchant{name: key.Name, journey: journey.Linden, shopper: journey.LindenShopper}
	m.baseURL = "http://" + cluster.Address(firstTenantPort+int(tenantPorts.Add(1)))
	m.open(t)
	return m
}

// open leads the outside world to the page, which has another Service once the Shop was made again. The forward has the
// name of its port, so that one which a killed run has left makes room.
func (m merchant) open(t *testing.T) {
	t.Helper()
	var quiet strings.Builder
	address := strings.TrimPrefix(m.baseURL, "http://")
	_, port, _ := strings.Cut(address, ":")
	name, ctx := "e2e-"+port, context.WithoutCancel(t.Context())
	_ = cluster.Unpublish(ctx, name, &quiet)
	if err := cluster.Publish(ctx, name, address, m.target(), &quiet); err != nil {
		t.Fatalf("%v\n%s", err, quiet.String())
	}
	t.Cleanup(func() { _ = cluster.Unpublish(ctx, name, &quiet) })
}

// change edits the Shop and waits until it has rolled.
func (m merchant) change(t *testing.T, edit func(*v1alpha1.Shop)) {
	t.Helper()
	m.edit(t, edit)
	awaitReady(t, m.key())
}

// act has the Shop act otherwise, and waits until the old notifier is gone: it acts as it was told while it ends.
func (m merchant) act(t *testing.T, edit func(*v1alpha1.Shop)) {
	t.Helper()
	m.change(t, edit)
	await(t.Context(), t, "the old notifier to be gone", time.Minute, func(ctx context.Context) (bool, string) {
		there := len(allPods(ctx, t, m.name, m.labels(v1alpha1.ComponentNotifier)))
		return there == 1, fmt.Sprintf("%d notifiers", there)
	})
}

func (m merchant) edit(t *testing.T, edit func(*v1alpha1.Shop)) {
	t.Helper()
	var shop v1alpha1.Shop
	if err := cluster.Get(t.Context(), m.key(), &shop); err != nil {
		t.Fatal(err)
	}
	changed := shop.DeepCopy()
	edit(changed)
	if err := cluster.Patch(t.Context(), changed, client.MergeFrom(&shop)); err != nil {
		t.Fatal(err)
	}
}

// firstMail sends an order and returns the mail that confirms it.
func (m merchant) firstMail(t *testing.T, number string) inbox.Mail {
	t.Helper()
	m.send(t, m.journey(number, time.Now())[0])
	return m.awaitMails(t, number, 1)[0]
}

// opens holds that a link of a mail leads to the order.
func (m merchant) opens(t *testing.T, mail inbox.Mail, number string) {
	t.Helper()
	m.awaitPage(t, mail.PagePath(), number)
}

func TestLiveRehearsalSuspendedAndLiveAgain(t *testing.T) {
	t.Parallel()
	m := live(t, "activity", "")
	merchantsInbox := m.name + "@rehearsal.example"

	m.edit(t, func(s *v1alpha1.Shop) {
		s.Spec.Activity, s.Spec.Rehearsal = v1alpha1.ActivityRehearsal, &v1alpha1.Rehearsal{Email: v1alpha1.EmailAddress(merchantsInbox)}
	})
	m.awaitActivity(t, v1alpha1.ActivityRehearsal)
	rehearsed := newNumber()
	m.send(t, m.journey(rehearsed, time.Now())[0])
	err := kube.Await(t.Context(), "the rehearsal's mail", mailTimeout, func(ctx context.Context) (bool, string) {
		got, err := mails.To(ctx, merchantsInbox)
		return err == nil && len(got) == 1 && strings.HasPrefix(got[0].Subject, "[Rehearsal] "), fmt.Sprintf("%q (%v)", subjects(got), err)
	})
	if err != nil {
		t.Fatal(err)
	}

	m.edit(t, func(s *v1alpha1.Shop) { s.Spec.Activity = v1alpha1.ActivitySuspended })
	m.awaitActivity(t, v1alpha1.ActivitySuspended)
	awaitCondition(t, m.key(), v1alpha1.ConditionOrdersFlowing, metav1.ConditionTrue, v1alpha1.ReasonSuspended, 2*time.Minute)
	awaitReady(t, m.key())
	m.awaitPage(t, "/", "geen berichten")
	held := newNumber()
	hooks := m.journey(held, time.Now())
	for _, hook := range hooks[:len(hooks)-1] {
		m.send(t, hook) // answered with 2xx: the receipts are stored
	}
	time.Sleep(quiet)
	m.noMail(t, rehearsed, held)

	m.edit(t, func(s *v1alpha1.Shop) { s.Spec.Activity = v1alpha1.ActivityLive })
	m.awaitActivity(t, v1alpha1.ActivityLive)
	awaitReady(t, m.key())
	time.Sleep(2 * quiet)
	m.noMail(t, rehearsed, held)
	if !m.lookUp(t, held) {
		t.Error("the order that came in while the Shop was suspended is not there")
	}
	// What happens from now on is told, and nothing else.
	m.send(t, hooks[len(hooks)-1])
	m.exactMails(t, held, 1)
}

// noMail holds that the orders' shoppers got none.
func (m merchant) noMail(t *testing.T, numbers ...string) {
	t.Helper()
	for _, number := range numbers {
		got, err := mails.To(t.Context(), m.shopper(number))
		if err != nil || len(got) > 0 {
			t.Errorf("the shopper of order %s got %q (%v)", number, subjects(got), err)
		}
	}
}

func TestLinksInOldMailsOpenAfterTheShopWasDeletedAndMadeAgain(t *testing.T) {
	t.Parallel()
	m := live(t, "again", v1alpha1.DeletionRetain)
	number := newNumber()
	mail := m.firstMail(t, number)
	m.opens(t, mail, number)

	shop := shopOf(m.key(), "")
	remove(t, shop)
	awaitGone(t, shop)
	awaitGone(t, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: m.name, Name: m.name + "-page"}})
	if err := cluster.Create(t.Context(), atAnyHour(shopOf(m.key(), v1alpha1.DeletionRetain))); err != nil {
		t.Fatal(err)
	}
	awaitReady(t, m.key())
	m.open(t)
	m.opens(t, mail, number)
	// Its CarrierIntegration outlived it, and works again.
	awaitIntegration(t, m, metav1.ConditionTrue)
	m.opens(t, m.firstMail(t, newNumber()), "")
}

func awaitIntegration(t *testing.T, m merchant, ready metav1.ConditionStatus) {
	t.Helper()
	err := kube.Await(t.Context(), fmt.Sprintf("the CarrierIntegration of %s to be Ready=%s", m.name, ready), time.Minute, func(ctx context.Context) (bool, string) {
		var ci v1alpha1.CarrierIntegration
		if err := cluster.Get(ctx, client.ObjectKey{Namespace: m.name, Name: "easypost"}, &ci); err != nil {
			return false, err.Error()
		}
		for _, c := range ci.Status.Conditions {
			if c.Type == v1alpha1.ConditionReady {
				return c.Status == ready, string(c.Status) + " " + c.Message
			}
		}
		return false, "no condition yet"
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDeletionWithTheDataLeavesNoVolumeNoRecordAndNoKey(t *testing.T) {
	t.Parallel()
	m := live(t, "data", v1alpha1.DeletionDelete)
	m.firstMail(t, newNumber())
	shop := shopOf(m.key(), "")
	remove(t, shop)
	awaitGone(t, shop)
	err := kube.Await(t.Context(), "nothing of the Shop to be left", goneTime, func(context.Context) (bool, string) {
		var left []string
		for _, list := range []client.ObjectList{&corev1.PersistentVolumeClaimList{}, &corev1.ConfigMapList{}, &corev1.SecretList{}, &corev1.PodList{}} {
			left = append(left, names(t, list, m.name)...)
		}
		return len(left) == 0, fmt.Sprint(left)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// names are those of the objects of a Shop.
func names(t *testing.T, list client.ObjectList, shop string) []string {
	t.Helper()
	if err := cluster.List(t.Context(), list, client.InNamespace(shop), client.MatchingLabels{v1alpha1.LabelShop: shop}); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, o := range itemsOf(t, list) {
		all = append(all, o.GetName())
	}
	return all
}
