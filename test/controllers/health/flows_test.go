package health

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// A provider that has another secret, and one that has stopped: people are told of both, and no pipeline waits for them.
func TestRefusedSignaturesAndSilenceAreReportedAndKeepNoShopFromReady(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	suite.ReadyShop(t, shop)
	ci := suite.Easypost(ns)
	suite.Create(t, ci)
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	suite.RollOut(t, ns)
	heard := time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)
	page, notifier := suite.Healthy(bundle.PageComponent), suite.Healthy(bundle.NotifierComponent)
	notifier.Sources = []bundle.SourceReport{{Name: "api", LastReceived: &heard}, {Name: "carrier-easypost", LastReceived: &heard}}
	page.Sources = []bundle.SourceReport{
		{Name: "api", LastReceived: &heard, Flow: bundle.Silent, ExpectedSince: &heard},
		{Name: "carrier-easypost", LastReceived: &heard, Flow: bundle.SignaturesRejected, RefusedSignatures: 3},
	}
	address := suite.Pods.Start(t, shop, "page", page)
	suite.Pods.Start(t, shop, "notifier", notifier)
	c := suite.WantCondition(t, ci, v1alpha1.ConditionEventsFlowing, metav1.ConditionFalse, v1alpha1.ReasonSignaturesRejected)
	if !strings.Contains(c.Message, "source easypost") || !strings.Contains(c.Message, "2026-05-06T12:00:00Z") {
		t.Errorf("the message says neither which source nor since when: %s", c.Message)
	}
	c = suite.WantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionFalse, v1alpha1.ReasonSilent)
	if !strings.Contains(c.Message, "source api since 2026-05-06T12:00:00Z") {
		t.Errorf("the message says neither which source nor since when: %s", c.Message)
	}
	for _, o := range []client.Object{shop, ci} {
		suite.WantCondition(t, o, v1alpha1.ConditionOperational, metav1.ConditionFalse, "")
		suite.WantCondition(t, o, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	}

	page.Sources[0].Flow, page.Sources[1].Flow, page.Sources[1].RefusedSignatures = "", "", 0
	suite.Pods.Say(address, page)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"} // rather than wait a minute
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionOrdersFlowing, metav1.ConditionTrue, v1alpha1.ReasonFlowing)
	suite.WantCondition(t, ci, v1alpha1.ConditionEventsFlowing, metav1.ConditionTrue, v1alpha1.ReasonFlowing)
}

func TestAFullAndAGrowingStoreAreToldAndServeOn(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	page := suite.Healthy(bundle.PageComponent)
	page.Storage = bundle.Full
	suite.Pods.Start(t, shop, "page", page)
	suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionFalse, v1alpha1.ReasonStorageFull)
	volume := &corev1.PersistentVolumeClaim{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-data"}, volume); err != nil {
		t.Fatal(err)
	}
	volume.Status.Conditions = []corev1.PersistentVolumeClaimCondition{{
		Type: corev1.PersistentVolumeClaimResizing, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Now(),
	}}
	if err := suite.Kube.Status().Update(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionFalse, v1alpha1.ReasonVolumeResizing)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}
