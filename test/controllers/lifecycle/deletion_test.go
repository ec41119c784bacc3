package lifecycle

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func gone(t *testing.T, object client.Object) {
	t.Helper()
	suite.Eventually(t, fmt.Sprintf("%T %s is gone", object, object.GetName()), func() error {
		err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(object), object)
		if err == nil || client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("it is there (%w)", err)
		}
		return nil
	})
}

func TestDeletingAShopKeepsItsOrdersUnlessItSaysOtherwise(t *testing.T) {
	for policy, kept := range map[v1alpha1.DeletionPolicy]bool{v1alpha1.DeletionRetain: true, v1alpha1.DeletionDelete: false} {
		t.Run(string(policy), func(t *testing.T) {
			shop := suite.MinimalShop(suite.InNamespace(t))
			shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: policy}
			suite.ReadyShop(t, shop)
			if guarded := len(shop.Finalizers) == 1; guarded == kept {
				t.Errorf("finalizers are %v", shop.Finalizers)
			}
			if err := suite.Kube.Delete(t.Context(), shop); err != nil {
				t.Fatal(err)
			}
			gone(t, shop)
			volume := &corev1.PersistentVolumeClaim{}
			err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-data"}, volume)
			// No controller here removes the finalizer that protects every volume, so the volume stays Terminating.
			if deleted := err != nil || volume.DeletionTimestamp != nil; deleted == kept {
				t.Errorf("the volume is deleted: %t (%v)", deleted, err)
			}
			links := &corev1.ConfigMap{}
			err = suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-key-links-1"}, links)
			if (err == nil) != kept {
				t.Errorf("the link keys are there: %t (%v)", err == nil, err)
			}
		})
	}
}

// A restored backup carries the labels of what it is a copy of.
func TestACopyOutlivesADeletedShop(t *testing.T) {
	for original, copied := range map[string]client.Object{"linden-data": &corev1.PersistentVolumeClaim{}, "linden-key-links-1": &corev1.ConfigMap{}} {
		t.Run(original, func(t *testing.T) {
			shop := suite.MinimalShop(suite.InNamespace(t))
			shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete}
			suite.ReadyShop(t, shop)
			if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: original}, copied); err != nil {
				t.Fatal(err)
			}
			copied.SetName("backup-of-" + original)
			copied.SetUID("")
			copied.SetResourceVersion("")
			if err := suite.Kube.Create(t.Context(), copied); err != nil {
				t.Fatal(err)
			}
			suite.Settled(t)
			if err := suite.Kube.Delete(t.Context(), shop); err != nil {
				t.Fatal(err)
			}
			gone(t, shop)
			if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(copied), copied); err != nil || copied.GetDeletionTimestamp() != nil {
				t.Errorf("the copy was deleted, too (%v)", err)
			}
		})
	}
}

func TestAShopInANamespaceThatGoesAwayHoldsNothingUp(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete}
	suite.ReadyShop(t, shop)
	namespace := &corev1.Namespace{}
	namespace.Name = shop.Namespace
	if err := suite.Kube.Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	if err := suite.Kube.Delete(t.Context(), shop); err != nil { // as the namespace controller does
		t.Fatal(err)
	}
	gone(t, shop)
}
