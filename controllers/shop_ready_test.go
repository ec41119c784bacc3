package controllers_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// minimalShop is the smallest document there is, with a hostname that nobody else has.
func minimalShop(namespace string) *v1alpha1.Shop {
	return &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "linden"},
		Spec: v1alpha1.ShopSpec{
			DisplayName: "Linden Living", Hostname: v1alpha1.Hostname("track." + namespace + ".example"), HomeCountry: "NL",
		},
	}
}

// wantCondition waits until the object's condition has the status and, if one is given, the reason; it returns it.
func wantCondition(t *testing.T, object client.Object, kind string, value metav1.ConditionStatus, reason string) metav1.Condition {
	t.Helper()
	var got metav1.Condition
	eventually(t, fmt.Sprintf("%s is %s %s", kind, value, reason), func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		conditions, observed := statusOf(object)
		c := meta.FindStatusCondition(conditions, kind)
		if c == nil || c.Status != value || (reason != "" && c.Reason != reason) || observed != object.GetGeneration() {
			return fmt.Errorf("generation %d, observed %d, conditions:\n%s", object.GetGeneration(), observed, summary(conditions))
		}
		got = *c
		return nil
	})
	return got
}

func summary(conditions []metav1.Condition) string {
	var b strings.Builder
	for _, c := range conditions {
		fmt.Fprintf(&b, "  %s=%s %s: %.200s\n", c.Type, c.Status, c.Reason, c.Message)
	}
	return b.String()
}

// readyShop creates the Shop and takes it to Ready.
func readyShop(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	create(t, shop)
	wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, "")
	rollOut(t, shop.Namespace)
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

func TestTheSmallestShopBecomesReadyWithin22Writes(t *testing.T) {
	ns := inNamespace(t)
	settled(t)
	before := len(changes(ns))
	shop := minimalShop(ns)
	readyShop(t, shop)
	settled(t)

	writes := changes(ns)[before:]
	t.Logf("%d writes from creation to Ready", len(writes))
	if len(writes) > 22 {
		t.Errorf("%d writes, the bar is 22:", len(writes))
		for _, w := range writes {
			t.Logf("  %s %s -> %d", w.method, w.path, w.status)
		}
	}
	wantChildren(t, shop)
	if len(shop.Status.Endpoints) != 1 || !strings.HasPrefix(string(shop.Status.Endpoints[0].URL), "https://track."+ns+".example/hooks/") {
		t.Errorf("endpoints are %+v", shop.Status.Endpoints)
	}
	effective := shop.Status.Effective
	if effective == nil || effective.TimeZone != "Europe/Amsterdam" || effective.Sender != "linden@mail.platform.example" {
		t.Errorf("effective is %+v", effective)
	}
}

func TestAShopBecomesOperationalWhenItsPodsSaySo(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	wantCondition(t, shop, v1alpha1.ConditionOperational, metav1.ConditionUnknown, v1alpha1.ReasonVolumePending)

	page := pods.start(t, shop, "page", healthy(bundle.PageComponent))
	pods.start(t, shop, "notifier", healthy(bundle.NotifierComponent))
	waiting := wantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionUnknown, v1alpha1.ReasonWaitingForFirstOrder)
	if !strings.Contains(waiting.Message, "openssl dgst") || !strings.Contains(waiting.Message, string(shop.Status.Endpoints[0].URL)) {
		t.Errorf("the message does not send the first order: %s", waiting.Message)
	}

	received := healthy(bundle.PageComponent)
	now := metav1.Now().Time
	received.Sources = []bundle.SourceReport{{Name: "api", LastReceived: &now}}
	pods.say(page, received)
	restart(t) // the poller of the new process asks at once
	wantCondition(t, shop, v1alpha1.ConditionOperational, metav1.ConditionTrue, v1alpha1.ReasonOperational)
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// Whoever may write EndpointSlices in a namespace must not choose whom the operator asks.
func TestOnlyPodsBehindTheShopsOwnServicesAreAsked(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	elsewhere := netip.MustParseAddr("10.9.9.9")
	pods.say(elsewhere, healthy(bundle.PageComponent))
	create(t, endpointSlice(shop, "page", elsewhere))
	pods.start(t, shop, "page", healthy(bundle.PageComponent))
	pods.start(t, shop, "notifier", healthy(bundle.NotifierComponent))
	wantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionUnknown, v1alpha1.ReasonWaitingForFirstOrder)
	settled(t)
	if pods.asked(elsewhere) {
		t.Error("an address was asked that somebody wrote down")
	}
}

// During a roll the old pod and the new one are asked, and the worse answer counts.
func TestEveryPodOfARollIsAsked(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	sick := healthy(bundle.PageComponent)
	sick.Storage = bundle.Unhealthy
	pods.start(t, shop, "notifier", healthy(bundle.NotifierComponent))
	old := pods.start(t, shop, "page", healthy(bundle.PageComponent))
	wantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
	fresh := pods.start(t, shop, "page", sick)
	wantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionFalse, v1alpha1.ReasonStorageUnreachable)
	if !pods.asked(old) || !pods.asked(fresh) {
		t.Errorf("asked are the old pod: %t, the new one: %t", pods.asked(old), pods.asked(fresh))
	}
}

// A wall between the operator and the pods tells nothing about the pods.
func TestAShopWhosePodsCannotBeAskedStaysReady(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	page := pods.start(t, shop, "page", healthy(bundle.PageComponent))
	notifier := pods.start(t, shop, "notifier", healthy(bundle.NotifierComponent))
	wantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionUnknown, v1alpha1.ReasonWaitingForFirstOrder)
	ready := wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	pods.fallSilent(page)
	pods.fallSilent(notifier)
	edit(t, shop, func(s *v1alpha1.Shop) {
		s.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"} // rather than wait a minute
	})
	wantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionUnknown, v1alpha1.ReasonReportUnavailable)
	if after := wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, ""); !after.LastTransitionTime.Equal(&ready.LastTransitionTime) {
		t.Error("Ready went away and came back")
	}
}

// restart stops the operator and starts another one.
func restart(t *testing.T) {
	t.Helper()
	operator.stop()
	operator.begin(t)
}

func wantChildren(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	for name, child := range map[string]client.Object{
		"linden-page":     &appsv1.Deployment{},
		"linden-notifier": &appsv1.Deployment{},
		"linden-workload": &corev1.ServiceAccount{},
		"linden-data":     &corev1.PersistentVolumeClaim{},
		"linden":          &networkingv1.Ingress{},
	} {
		if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: name}, child); err != nil {
			t.Errorf("%T %s: %v", child, name, err)
			continue
		}
		if owned := metav1.IsControlledBy(child, shop); owned != (name != "linden-data") {
			t.Errorf("%T %s goes with the Shop: %t", child, name, owned)
		}
	}
}
