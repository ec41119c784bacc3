package life

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// possessions are what a Shop must not lose, by kind and name, with their identity.
func possessions(t *testing.T, shop *v1alpha1.Shop) map[string]types.UID {
	t.Helper()
	all := map[string]types.UID{"Shop": shop.UID}
	for _, list := range []client.ObjectList{&corev1.PersistentVolumeClaimList{}, &corev1.SecretList{}, &appsv1.DeploymentList{}} {
		if err := kube.List(t.Context(), list, client.InNamespace(shop.Namespace)); err != nil {
			t.Fatal(err)
		}
		switch l := list.(type) {
		case *corev1.PersistentVolumeClaimList:
			for _, o := range l.Items {
				all["volume "+o.Name] = o.UID
			}
		case *corev1.SecretList:
			for _, o := range l.Items {
				all["key "+o.Name] = o.UID
			}
		case *appsv1.DeploymentList:
			for _, o := range l.Items {
				all[fmt.Sprintf("workload %s at generation %d", o.Name, o.Generation)] = o.UID
			}
		}
	}
	return all
}

func crd(t *testing.T) *apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	definition := &apiextensionsv1.CustomResourceDefinition{}
	if err := kube.Get(t.Context(), client.ObjectKey{Name: "shops.tracking.wismo.dev"}, definition); err != nil {
		t.Fatal(err)
	}
	return definition
}

// served waits until the API server serves Shops.
func served(t *testing.T, namespace string) {
	t.Helper()
	eventually(t, "Shops are served", func() error {
		return kube.List(t.Context(), &v1alpha1.ShopList{}, client.InNamespace(namespace))
	})
}

func TestInstallUpgradeUninstallAndInstallAgain(t *testing.T) {
	install(t, before, nil)
	served(t, system)
	shop := newShop("linden")
	create(t, installed.NewNamespace("linden"), shop)
	upgraded(t)
	operator := start(t)
	ready(t, shop)
	operator.stop(t)
	had, endpoints := possessions(t, shop), shop.Status.Endpoints
	if len(had) < 6 || len(endpoints) == 0 {
		t.Fatalf("the Shop has only %v, and endpoints %v", had, endpoints)
	}

	uninstalled(t)
	keeps(t, shop, had)

	install(t, current, nil)
	operator = start(t)
	ready(t, shop)
	time.Sleep(time.Second) // for what it would do needlessly
	keeps(t, shop, had)
	if writes := operator.traffic.Writes("linden"); len(writes) > 0 {
		t.Errorf("the new operator wrote to a Shop that was as it should be: %v", writes)
	}
	if diff := cmp.Diff(endpoints, shop.Status.Endpoints); diff != "" {
		t.Errorf("providers would have to be told other addresses (-had, +has):\n%s", diff)
	}
	operator.stop(t)
	if err := kube.Delete(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	uninstall(t)
}

// deployment is the operator's.
func deployment(t *testing.T) (*appsv1.Deployment, error) {
	t.Helper()
	d := &appsv1.Deployment{}
	err := kube.Get(t.Context(), client.ObjectKey{Namespace: system, Name: "wismo-manager"}, d)
	return d, err
}

// upgraded upgrades from the chart before, which brings the new definitions and changes the Deployment in its place.
func upgraded(t *testing.T) {
	t.Helper()
	oldSchema := crd(t).ResourceVersion
	old, err := deployment(t)
	if err != nil {
		t.Fatal(err)
	}
	if notes := upgrade(t, current, nil).Info.Notes; !strings.Contains(notes, "kubectl") {
		t.Errorf("the notes say no next step:\n%s", notes)
	}
	if crd(t).ResourceVersion == oldSchema {
		t.Error("the definition of a Shop did not change with the chart")
	}
	if now, err := deployment(t); err != nil || now.UID != old.UID {
		t.Errorf("the operator's Deployment was replaced, not changed: %v", err)
	}
}

// uninstalled uninstalls the chart, which leaves the definitions and the library.
func uninstalled(t *testing.T) {
	t.Helper()
	uninstall(t)
	if _, err := deployment(t); !apierrors.IsNotFound(err) {
		t.Errorf("the operator's Deployment is still there: %v", err)
	}
	if got := crd(t); got.DeletionTimestamp != nil {
		t.Error("the definition of a Shop goes with the chart")
	}
	if err := kube.Get(t.Context(), client.ObjectKey{Name: v1alpha1.LibraryNamespace}, &corev1.Namespace{}); err != nil {
		t.Errorf("the library went with the chart: %v", err)
	}
}

// keeps holds that the Shop has what it had, and nothing else.
func keeps(t *testing.T, shop *v1alpha1.Shop, had map[string]types.UID) {
	t.Helper()
	if diff := cmp.Diff(had, possessions(t, shop)); diff != "" {
		t.Errorf("something of the Shop was taken or changed (-had, +has):\n%s", diff)
	}
}

func TestAnOperatorOfOneNamespaceServesItAndIsRefusedNothing(t *testing.T) {
	create(t, installed.NewNamespace("shops"), installed.NewNamespace("elsewhere"))
	install(t, current, map[string]any{"watchNamespaces": []any{"shops"}})
	t.Cleanup(func() { uninstall(t) })
	served(t, "shops")
	mine, others := newShop("shops"), newShop("elsewhere")
	house := &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.LibraryNamespace, Name: "house"},
		Spec:       v1alpha1.NotificationPolicySpec{Rules: []v1alpha1.Rule{{Occasion: "LabelCreated", Level: v1alpha1.LevelPageOnly}}},
	}
	mine.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: "house", Source: v1alpha1.SourceLibrary}
	text := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.LibraryNamespace, Name: "house-texts", Labels: map[string]string{
			v1alpha1.LabelLibrary: "", v1alpha1.LabelWatch: "",
		}},
		Data: map[string]string{"en.yaml": "mail.OutForDelivery.subject: It comes today\n"},
	}
	mine.Spec.Templates = []v1alpha1.TemplateReference{{Source: v1alpha1.SourceLibrary, ConfigMapRef: v1alpha1.ConfigMapReference{Name: "house-texts"}}}
	create(t, house, text, mine, others)

	operator := start(t, "shops")
	ready(t, mine)
	eventually(t, "the policy of the library is accepted", func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(house), house); err != nil {
			return err
		}
		if house.Status.ObservedGeneration != house.Generation {
			return fmt.Errorf("%+v", house.Status)
		}
		return nil
	})
	if writes := operator.traffic.Writes("elsewhere"); len(writes) > 0 {
		t.Errorf("a Shop that is not the operator's was touched: %v", writes)
	}
	operator.stop(t)
}
