package lifecycle

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// Kubernetes protects a volume that was deleted as long as pods mount it; replacing the pods would be the end of it.
func TestNoPodIsReplacedWhileTheVolumeIsBeingDeleted(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *v1alpha1.Shop){
		"an edit of the text": func(t *testing.T, shop *v1alpha1.Shop) {
			suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
		},
		"an edit of the pods": func(t *testing.T, shop *v1alpha1.Shop) {
			suite.Edit(t, shop, func(s *v1alpha1.Shop) {
				s.Spec.Scheduling = &v1alpha1.Scheduling{Resources: &v1alpha1.Resources{Requests: &v1alpha1.ResourceAmounts{Memory: quantity("32Mi")}}}
			})
		},
		"a release": func(t *testing.T, shop *v1alpha1.Shop) {
			suite.Configure(t, suite.Configuration+"images: {trackingPage: \"image:2\"}\n")
			t.Cleanup(func() { suite.Configure(t, suite.Configuration) })
			suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonShopInvalid)
		},
		"a new pod that no node takes": func(t *testing.T, shop *v1alpha1.Shop) {
			since := metav1.NewTime(time.Now().Add(-2 * time.Minute))
			page := suite.DeploymentOf(t, shop, "page")
			pod := &corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "new", Labels: page.Spec.Selector.MatchLabels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "page", Image: "image:1"}}},
			}
			suite.Create(t, pod)
			pod.Status.Conditions = []corev1.PodCondition{{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, LastTransitionTime: since,
				Message: `persistentvolumeclaim "linden-data" is being deleted`,
			}}
			if err := suite.Kube.Status().Update(t.Context(), pod); err != nil {
				t.Fatal(err)
			}
			suite.Hold(t, shop, "page", since, true)
			suite.Resync(t, shop, 2)
		},
	} {
		t.Run(name, func(t *testing.T) {
			shop := suite.MinimalShop(suite.InNamespace(t))
			suite.ReadyShop(t, shop)
			suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
			suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
			suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
			before := suite.DeploymentOf(t, shop, "page").Generation

			volume := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-data"}}
			if err := suite.Kube.Delete(t.Context(), volume); err != nil {
				t.Fatal(err)
			}
			suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionFalse, v1alpha1.ReasonVolumeBeingDeleted)
			suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonVolumeBeingDeleted)
			change(t, shop)
			suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonVolumeBeingDeleted)
			suite.WantCondition(t, shop, v1alpha1.ConditionOperational, metav1.ConditionFalse, v1alpha1.ReasonVolumeBeingDeleted)
			suite.Settled(t)
			if after := suite.DeploymentOf(t, shop, "page").Generation; after != before {
				t.Errorf("the page was rolled: generation %d, before %d", after, before)
			}

			if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(volume), volume); err != nil {
				t.Fatal(err)
			}
			volume.Finalizers = nil
			if err := suite.Kube.Update(t.Context(), volume); err != nil {
				t.Fatal(err)
			}
			suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, v1alpha1.ReasonReady)
			suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
		})
	}
}
