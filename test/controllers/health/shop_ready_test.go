package health

import (
	"net/netip"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestTheSmallestShopBecomesReadyWithin22Writes(t *testing.T) {
	ns := suite.InNamespace(t)
	suite.Settled(t)
	before := len(suite.Changes(ns))
	shop := suite.MinimalShop(ns)
	suite.ReadyShop(t, shop)
	suite.Settled(t)

	writes := suite.Changes(ns)[before:]
	t.Logf("%d writes from creation to Ready", len(writes))
	if len(writes) > 22 {
		t.Errorf("%d writes, the bar is 22:", len(writes))
		for _, w := range writes {
			t.Logf("  %s %s -> %d", w.Method, w.Path, w.Status)
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
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.WantCondition(t, shop, v1alpha1.ConditionOperational, metav1.ConditionUnknown, v1alpha1.ReasonVolumePending)

	page := suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	waiting := suite.WantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionUnknown, v1alpha1.ReasonWaitingForFirstOrder)
	if !strings.Contains(waiting.Message, "openssl dgst") || !strings.Contains(waiting.Message, string(shop.Status.Endpoints[0].URL)) {
		t.Errorf("the message does not send the first order: %s", waiting.Message)
	}

	received := suite.Healthy(bundle.PageComponent)
	now := metav1.Now().Time
	received.Sources = []bundle.SourceReport{{Name: "api", LastReceived: &now}}
	suite.Pods.Say(page, received)
	suite.Restart(t) // the poller of the new process asks at once
	suite.WantCondition(t, shop, v1alpha1.ConditionOperational, metav1.ConditionTrue, v1alpha1.ReasonOperational)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// A user who may write EndpointSlices in a namespace must not choose the addresses that the operator connects to.
func TestOnlyPodsBehindTheShopsOwnServicesAreAsked(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	elsewhere := netip.MustParseAddr("10.9.9.9")
	suite.Pods.Say(elsewhere, suite.Healthy(bundle.PageComponent))
	suite.Create(t, suite.EndpointSlice(shop, "page", elsewhere))
	suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	suite.WantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionUnknown, v1alpha1.ReasonWaitingForFirstOrder)
	suite.Settled(t)
	if suite.Pods.Asked(elsewhere) {
		t.Error("an address was asked that only a forged EndpointSlice names")
	}
}

// During a roll the old pod and the new one are asked, and the worse answer counts.
func TestEveryPodOfARollIsAsked(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	sick := suite.Healthy(bundle.PageComponent)
	sick.Storage = bundle.Unhealthy
	suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	old := suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
	fresh := suite.Pods.Start(t, shop, "page", sick)
	suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionFalse, v1alpha1.ReasonStorageUnreachable)
	if !suite.Pods.Asked(old) || !suite.Pods.Asked(fresh) {
		t.Errorf("asked are the old pod: %t, the new one: %t", suite.Pods.Asked(old), suite.Pods.Asked(fresh))
	}
}

// A wall between the operator and the pods tells nothing about the pods.
func TestAShopWhosePodsCannotBeAskedStaysReady(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	page := suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	notifier := suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	suite.WantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionUnknown, v1alpha1.ReasonWaitingForFirstOrder)
	ready := suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	suite.Pods.FallSilent(page)
	suite.Pods.FallSilent(notifier)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"} // rather than wait a minute
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionUnknown, v1alpha1.ReasonReportUnavailable)
	if after := suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, ""); !after.LastTransitionTime.Equal(&ready.LastTransitionTime) {
		t.Error("Ready went away and came back")
	}
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
		if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: name}, child); err != nil {
			t.Errorf("%T %s: %v", child, name, err)
			continue
		}
		if owned := metav1.IsControlledBy(child, shop); owned != (name != "linden-data") {
			t.Errorf("%T %s goes with the Shop: %t", child, name, owned)
		}
	}
}
