package lifecycle

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
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

// pvc-autoresizer and others grow a volume that fills.
func TestAVolumeThatSomethingElseHasGrownIsNoFault(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, SQLite: &v1alpha1.SQLiteStorage{Size: quantity("1Gi"), StorageClassName: v1alpha1.ObjectName(ns)}}
	suite.Create(t, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: ns}, Provisioner: "csi.example", AllowVolumeExpansion: new(true)})
	suite.ReadyShop(t, shop)
	suite.Pods.Start(t, shop, "page", suite.Healthy(bundle.PageComponent))
	suite.Pods.Start(t, shop, "notifier", suite.Healthy(bundle.NotifierComponent))
	volume := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "linden-data"}}
	suite.Eventually(t, "the volume is bound", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(volume), volume); err != nil {
			return err
		}
		volume.Spec.VolumeName = "pv-" + ns
		if err := suite.Kube.Update(t.Context(), volume); err != nil {
			return err
		}
		volume.Status.Phase, volume.Status.Capacity = corev1.ClaimBound, volume.Spec.Resources.Requests
		return suite.Kube.Status().Update(t.Context(), volume)
	})
	for _, grown := range []string{"2Gi", "3Gi"} {
		suite.Edit(t, volume, func(v *corev1.PersistentVolumeClaim) {
			v.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(grown)}
		})
		suite.Settled(t)
		suite.Resync(t, shop, 2)
		suite.Settled(t)
		suite.WantCondition(t, shop, v1alpha1.ConditionStorageReady, metav1.ConditionTrue, v1alpha1.ReasonHealthy)
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(volume), volume); err != nil || volume.Spec.Resources.Requests.Storage().String() != grown {
			t.Errorf("it asks for %s (%v)", volume.Spec.Resources.Requests.Storage(), err)
		}
	}
	wantStill(t, shop)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Storage.SQLite.Size = quantity("5Gi") })
	suite.Eventually(t, "the Shop's own wish still counts", func() error {
		err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(volume), volume)
		if got := volume.Spec.Resources.Requests.Storage().String(); got != "5Gi" {
			return fmt.Errorf("it asks for %s (%w)", got, err)
		}
		return nil
	})
}
