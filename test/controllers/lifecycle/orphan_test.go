package lifecycle

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// orphan does what garbage collection does for --cascade=orphan: it removes the owner, then its own finalizer.
func orphan(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	for _, o := range everything(t, shop.Namespace) {
		if len(o.GetOwnerReferences()) > 0 && o.GetOwnerReferences()[0].UID == shop.UID {
			o.SetOwnerReferences(nil)
			if err := suite.Kube.Update(t.Context(), &o); err != nil {
				t.Fatal(err)
			}
		}
	}
	suite.Eventually(t, "the finalizer of garbage collection is removed", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return client.IgnoreNotFound(err)
		}
		shop.Finalizers = slices.DeleteFunc(shop.Finalizers, func(f string) bool { return f == metav1.FinalizerOrphanDependents })
		return client.IgnoreNotFound(suite.Kube.Update(t.Context(), shop))
	})
}

func TestAnOrphanDeletionKeepsVolumeAndKeysWhoeverIsFirst(t *testing.T) {
	for name, operatorIsFirst := range map[string]bool{"the operator": true, "garbage collection": false} {
		t.Run(name, func(t *testing.T) {
			shop := suite.MinimalShop(suite.InNamespace(t))
			shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete}
			suite.ReadyShop(t, shop)
			suite.Settled(t)
			volume, before := &corev1.PersistentVolumeClaim{}, fortuneRecords(t, shop.Namespace)
			if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: "linden-data"}, volume); err != nil {
				t.Fatal(err)
			}
			if !operatorIsFirst {
				suite.Operator.Stop()
			}
			if err := suite.Kube.Delete(t.Context(), shop, client.PropagationPolicy(metav1.DeletePropagationOrphan)); err != nil {
				t.Fatal(err)
			}
			if operatorIsFirst {
				suite.Settled(t)
			}
			orphan(t, shop)
			if !operatorIsFirst {
				suite.Operator.MustStart(t)
			}
			gone(t, shop)
			if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(volume), volume); err != nil || volume.DeletionTimestamp != nil {
				t.Errorf("the volume was deleted (%v)", err)
			}
			if after := fortuneRecords(t, shop.Namespace); len(after) != len(before) {
				t.Errorf("of the keys %v, %v are left", before, after)
			}

			again := suite.MinimalShop(shop.Namespace)
			again.Spec.Storage = shop.Spec.Storage
			suite.Create(t, again)
			suite.RollsOutTo(t, again, v1alpha1.ConditionReady, v1alpha1.ReasonReady)
			wantOwned(t, again)
			if err := suite.Kube.Delete(t.Context(), again); err != nil {
				t.Fatal(err)
			}
			gone(t, again)
			if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(volume), volume); err == nil && volume.DeletionTimestamp == nil {
				t.Error("an ordinary deletion kept the volume")
			}
		})
	}
}

// fortuneRecords returns the names of the key records in a namespace.
func fortuneRecords(t *testing.T, namespace string) []string {
	t.Helper()
	list := &corev1.ConfigMapList{}
	if err := suite.Kube.List(t.Context(), list, client.InNamespace(namespace), client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, cm := range list.Items {
		names = append(names, cm.Name)
	}
	return names
}

func TestAShopReportsThatItsNamespaceIsBeingDeletedAndChangesNothingInIt(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Settled(t)
	if err := suite.Kube.Delete(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: shop.Namespace}}); err != nil {
		t.Fatal(err)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonNamespaceBeingDeleted)
	events := len(suite.EventsOf(t, shop))
	suite.Hold(t, shop, "page", metav1.Now(), false) // its pod was deleted
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	suite.WantCondition(t, shop, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionFalse, v1alpha1.ReasonNamespaceBeingDeleted)
	suite.Settled(t)
	writes := len(suite.Changes(shop.Namespace))
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden" })
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonNamespaceBeingDeleted)
	for _, w := range suite.Changes(shop.Namespace)[writes:] {
		if w.Path != "/apis/tracking.wismo.dev/v1alpha1/namespaces/"+shop.Namespace+"/shops/linden/status" {
			t.Errorf("it wrote %v", w)
		}
	}
	if after := len(suite.EventsOf(t, shop)); after != events {
		t.Errorf("%d events, before %d", after, events)
	}
}
