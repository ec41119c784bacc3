package lifecycle

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// A volume that no provisioner has bound may not change, like one whose storage class cannot grow volumes.
func TestAVolumeThatCannotGrowHoldsUpNothingElse(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
	before := suite.RunningBundle(t, shop)

	size := resource.MustParse("2Gi")
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, SQLite: &v1alpha1.SQLiteStorage{Size: &size}}
		s.Spec.DisplayName = "Linden & Co"
	})
	suite.Eventually(t, "the new name rolls", func() error {
		if suite.RunningBundle(t, shop) == before {
			return fmt.Errorf("still %s", before)
		}
		return nil
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	suite.RollOut(t, shop.Namespace)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionFalse, v1alpha1.ReasonVolumeChangeRefused)
	if !strings.Contains(c.Message, "linden-data") {
		t.Errorf("the message does not name the volume: %s", c.Message)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)

	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Storage = nil })
	suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
	volume := &corev1.PersistentVolumeClaim{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-data"}, volume); err != nil {
		t.Fatal(err)
	}
	if got := volume.Spec.Resources.Requests.Storage().String(); got != "1Gi" {
		t.Errorf("the volume asks for %s", got)
	}
}
