package shop

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/routes"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/namespaces"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

func newFixture(t *testing.T, shop *v1alpha1.Shop) *inmemory.Fixture {
	t.Helper()
	return inmemory.NewFixture(t, shop, func(b *fake.ClientBuilder) {
		inmemory.Indexes(t, b, Index)
		b.WithIndex(&v1alpha1.CarrierIntegration{}, inputs.ShopField, func(client.Object) []string { return nil })
	})
}

func newReconciler(w *inmemory.Fixture) *Reconciler {
	return New(Options{
		Client: w.Kube, Live: w.Kube, Namespaces: &namespaces.Namespaces{Cached: w.Kube}, Gateways: &routes.Gateways{}, Assignments: w.Assignments, Gatherer: w.Gatherer, Reports: w.Reports,
		Domains:   dnscheck.New(func(context.Context, dnscheck.Target) []dnscheck.Result { return nil }),
		Recorder:  events.NewFakeRecorder(100),
		Platform:  func() desired.Platform { return desired.Platform{OperatorNamespace: "wismo-system"} },
		Settings:  func() dnscheck.Settings { return dnscheck.Settings{} },
		Namespace: "wismo-system",
		Now:       w.Now,
	})
}

// A pipeline applies in any order, so a policy that is not there yet is no mistake; after ten minutes it is.
func TestAMissingPolicyIsWaitedForTenMinutesAndThenAMistakeAndStillTakenUp(t *testing.T) {
	shop := &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden", UID: "linden", Generation: 1},
		Spec: v1alpha1.ShopSpec{
			DisplayName: "Linden", Hostname: "track.linden.example", HomeCountry: "NL",
			NotificationPolicyRef: &v1alpha1.PolicyReference{Name: "house", Source: v1alpha1.SourceLocal},
		},
	}
	w := newFixture(t, shop)
	w.Assign(shop)
	r := newReconciler(w)
	w.WaitsTenMinutes(t, r, shop, &shop.Status.Conditions)
	w.Create(t, &v1alpha1.NotificationPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "house"}})
	_, _ = r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(shop)}) // the fake API server knows no NetworkPolicies
	if err := w.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
		t.Fatal(err)
	}
	if !meta.IsStatusConditionTrue(shop.Status.Conditions, v1alpha1.ConditionAccepted) {
		t.Errorf("with its policy the Shop is not accepted: %+v", shop.Status.Conditions)
	}
}
