package children

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/backup"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// childrenOf returns every object that the operator made for a Shop, but Secrets, whose names are random.
func childrenOf(t *testing.T, shop *v1alpha1.Shop) []unstructured.Unstructured {
	t.Helper()
	all, err := backup.Take(t.Context(), suite.Kube, shop.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	var children []unstructured.Unstructured
	for _, o := range all {
		if o.GetLabels()[v1alpha1.LabelShop] == shop.Name && o.GetKind() != "Secret" && o.GetKind() != "EndpointSlice" {
			children = append(children, o)
		}
	}
	return children
}

// remove removes the Shop and all that it had, as garbage collection does.
func remove(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	if err := suite.Kube.Delete(t.Context(), shop); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "nothing of the Shop is left", func() error {
		left := childrenOf(t, shop)
		for i := range left {
			o := &left[i]
			if len(o.GetFinalizers()) > 0 {
				o.SetFinalizers(nil)
				_ = suite.Kube.Update(t.Context(), o)
			}
			_ = suite.Kube.Delete(t.Context(), o)
		}
		if len(left) > 0 {
			return fmt.Errorf("%d objects", len(left))
		}
		return nil
	})
}

// discard removes an object at the end of a test.
func discard(o *unstructured.Unstructured) {
	if suite.Kube.Get(context.Background(), client.ObjectKeyFromObject(o), o) == nil {
		o.SetFinalizers(nil)
		_ = suite.Kube.Update(context.Background(), o)
		_ = suite.Kube.Delete(context.Background(), o)
	}
}

// A merchant's namespace holds the merchant's own objects before wismo comes. Deleting the Shop takes none of them along.
func TestAShopThatMeetsAForeignObjectStallsNamesItAndNeverDeletesIt(t *testing.T) {
	model := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, model)
	suite.Settled(t)
	children := childrenOf(t, model)
	remove(t, model)
	for _, o := range children {
		t.Run(o.GetKind()+" "+o.GetName(), func(t *testing.T) {
			shop := suite.MinimalShop(model.Namespace)
			shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StorageSQLite, DeletionPolicy: v1alpha1.DeletionDelete}
			foreign := backup.Restored(o)
			foreign.SetLabels(map[string]string{"app": "webshop-db"})
			foreign.SetAnnotations(nil)
			suite.Create(t, foreign)
			t.Cleanup(func() { discard(foreign) })
			before := foreign.DeepCopy()
			suite.Create(t, shop)
			c := suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonNameTaken)
			if !strings.Contains(c.Message, o.GetKind()+" "+shop.Namespace+"/"+o.GetName()) {
				t.Errorf("the message does not name it: %s", c.Message)
			}
			suite.Edit(t, shop, func(s *v1alpha1.Shop) {
				s.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
			})
			suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonNameTaken)
			suite.Settled(t)
			if err := suite.Kube.Delete(t.Context(), shop); err != nil {
				t.Fatal(err)
			}
			remove(t, shop)
			if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(before), foreign); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before, foreign); diff != "" {
				t.Errorf("it was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestAShopGoesOnWhenTheForeignObjectIsGoneOrPermitsIt(t *testing.T) {
	for name, way := range map[string]func(*corev1.PersistentVolumeClaim) error{
		"gone": func(o *corev1.PersistentVolumeClaim) error {
			o.Finalizers = nil
			if err := suite.Kube.Update(t.Context(), o); err != nil {
				return err
			}
			return suite.Kube.Delete(t.Context(), o)
		},
		"permitted": func(o *corev1.PersistentVolumeClaim) error {
			o.Annotations = map[string]string{v1alpha1.AnnotationAdoptableBy: "linden"}
			return suite.Kube.Update(t.Context(), o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			shop := suite.MinimalShop(suite.InNamespace(t))
			volume := &corev1.PersistentVolumeClaim{
				ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-data"},
				Spec: corev1.PersistentVolumeClaimSpec{
					AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
					Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
				},
			}
			suite.Create(t, volume, shop)
			suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonNameTaken)
			if err := way(volume); err != nil {
				t.Fatal(err)
			}
			suite.Edit(t, shop, func(s *v1alpha1.Shop) {
				s.Annotations = map[string]string{v1alpha1.AnnotationReconcileRequestedAt: "now"}
			})
			suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
			suite.RollOut(t, shop.Namespace)
			suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
		})
	}
}
