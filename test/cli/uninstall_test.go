package cli_test

import (
	"errors"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

func toUnstructured(o client.Object) (*unstructured.Unstructured, error) {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	return &unstructured.Unstructured{Object: fields}, err
}

func exists(t *testing.T, o client.Object) bool {
	t.Helper()
	err := api.Get(t.Context(), client.ObjectKeyFromObject(o), o)
	if err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	return err == nil
}

func newVolume(namespace, shop string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: shop + "-data", Labels: map[string]string{v1alpha1.LabelShop: shop}},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
}

func wantGone(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, o := range objects {
		if exists(t, o) {
			t.Errorf("%T %s is still there", o, o.GetName())
		}
	}
}

// The tests of this file run last, in this order: what one leaves the next one needs.
func TestUninstallTakesTheOperatorAndLeavesWhatShopsHave(t *testing.T) {
	namespace := newNamespace(t, "leaving")
	shop, volume := newShop(namespace, "linden"), newVolume(namespace, "linden")
	shop.Finalizers = []string{v1alpha1.FinalizerShop, "backup.example/keep"}
	stranger := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "somebody-elses"}}
	create(t, shop, volume, keyRecord(namespace, "linden", "links", 1), stranger)
	operator := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-manager"}}

	says(t, 0, []string{"deleted Deployment wismo-system/wismo-manager (dry run)", "removed the finalizers of Shop leaving/linden: tracking.wismo.dev/shop-data (dry run)", "What would stay:"}, "uninstall", "--dry-run")
	says(t, 0, []string{"deleted ClusterRole wismo-manager (server dry run)"}, "uninstall", "--dry-run=server")
	if exists(t, shop); !exists(t, operator) || len(shop.Finalizers) != 2 {
		t.Fatal("a dry run changed something")
	}
	operator.Annotations = map[string]string{"meta.helm.sh/release-name": "wismo", "meta.helm.sh/release-namespace": operatorNamespace}
	if err := api.Update(t.Context(), operator); err != nil {
		t.Fatal(err)
	}
	says(t, 1, []string{"run helm uninstall wismo -n wismo-system"}, "uninstall")
	says(t, 1, []string{"not confirmed, so nothing was changed"}, "uninstall", "--force", "--delete-data")
	says(t, 1, []string{"not confirmed, so nothing was changed"}, "uninstall", "--force")
	if exists(t, shop); !exists(t, operator) || len(shop.Finalizers) != 2 {
		t.Fatal("a refused uninstall changed something")
	}
	config := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-config"}}
	if !exists(t, config) {
		t.Fatal("there is no configuration to keep")
	}
	written := config.Data["config.yaml"]

	says(t, 0, []string{
		"deleted Deployment wismo-system/wismo-manager\n", "What stays:", "the orders of each Shop", "wismo-system/wismo-config", "To come back:",
	}, "uninstall", "--force", "--yes")
	if !exists(t, config) || config.Data["config.yaml"] != written {
		t.Errorf("the configuration is %v, want it as it was", config.Data)
	}
	wantGone(t,
		operator, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "wismo-manager"}}, &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "wismo-manager"}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-manager"}},
	)
	for _, stays := range []client.Object{
		shop, volume, stranger, keyRecord(namespace, "linden", "links", 1),
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-installation"}},
		&apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "shops.tracking.wismo.dev"}},
	} {
		if !exists(t, stays) || stays.GetDeletionTimestamp() != nil {
			t.Errorf("%T %s is gone", stays, stays.GetName())
		}
	}
	if !slices.Equal(shop.Finalizers, []string{"backup.example/keep"}) {
		t.Errorf("the Shop's finalizers are %v", shop.Finalizers)
	}
}

func TestUninstallWorksWhenTheOperatorIsGoneAndLeavesNothingWhenToldTo(t *testing.T) {
	shop, volume := newShop("leaving", "linden"), newVolume("leaving", "linden")
	for _, o := range []client.Object{shop, volume} { // no controller of this API server takes these off
		if !exists(t, o) {
			t.Fatalf("%s is gone", o.GetName())
		}
		o.SetFinalizers(nil)
		if err := api.Update(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	says(t, 0, []string{"deleted Shop leaving/linden", "deleted PersistentVolumeClaim leaving/linden-data", "deleted ConfigMap leaving/linden-key-links-1", "deleted CustomResourceDefinition shops.tracking.wismo.dev"},
		"uninstall", "--delete-data", "--crds", "--yes", "--timeout=60s")
	wantGone(t, volume, keyRecord("leaving", "linden", "links", 1), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-config"}})
	eventually(t, func() error {
		if exists(t, &apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "shops.tracking.wismo.dev"}}) {
			return errors.New("the definition of Shops is there")
		}
		return nil
	})
	// Once more, and nothing is left to be done.
	says(t, 0, nil, "uninstall", "--delete-data", "--crds", "--yes")
}
