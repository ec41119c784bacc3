package uninstall_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/uninstall"
)

func TestReleaseTakesOffOurFinalizersAndNobodyElses(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	object := func(name string, finalizers ...string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: "linden", Name: name, Finalizers: finalizers}
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(
		&v1alpha1.Shop{ObjectMeta: object("guarded", v1alpha1.FinalizerShop, "foregroundDeletion")},
		&v1alpha1.Shop{ObjectMeta: object("free", "backup.example/keep")},
		&v1alpha1.CarrierIntegration{ObjectMeta: object("easypost", v1alpha1.FinalizerCarrierIntegration)},
		&v1alpha1.NotificationPolicy{ObjectMeta: object("house")},
	).Build()
	want := []uninstall.Held{
		{Kind: "CarrierIntegration", Namespace: "linden", Name: "easypost", Finalizers: []string{v1alpha1.FinalizerCarrierIntegration}},
		{Kind: "Shop", Namespace: "linden", Name: "guarded", Finalizers: []string{v1alpha1.FinalizerShop}},
	}
	for what, ask := range map[string]func() ([]uninstall.Held, error){
		"a look":    func() ([]uninstall.Held, error) { return uninstall.Holds(t.Context(), c) },
		"a dry run": func() ([]uninstall.Held, error) { return uninstall.Release(t.Context(), c, client.DryRunAll) },
	} {
		got, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s finds:\n%s", what, diff)
		}
	}
	if _, err := uninstall.Release(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if held, err := uninstall.Holds(t.Context(), c); err != nil || len(held) != 0 {
		t.Errorf("after the release %v are held (%v)", held, err)
	}
	shop := &v1alpha1.Shop{}
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: "linden", Name: "guarded"}, shop); err != nil || !slices.Equal(shop.Finalizers, []string{"foregroundDeletion"}) {
		t.Errorf("finalizers of others are %v (%v)", shop.Finalizers, err)
	}
}
