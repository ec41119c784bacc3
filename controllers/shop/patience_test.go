package shop

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/domain"
	"github.com/wismo-dev/wismo/internal/operator/gather"
	"github.com/wismo-dev/wismo/internal/operator/reports"
)

// A pipeline applies in any order, so a policy that is not there yet is no mistake; after ten minutes it is.
func TestAMissingPolicyIsWaitedForTenMinutesAndThenAMistakeAndStillTakenUp(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := start
	shop := &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden", UID: "linden", Generation: 1},
		Spec: v1alpha1.ShopSpec{
			DisplayName: "Linden", Hostname: "track.linden.example", HomeCountry: "NL",
			NotificationPolicyRef: &v1alpha1.PolicyReference{Name: "house", Source: v1alpha1.SourceLocal},
		},
	}
	r := newReconciler(t, &now, shop)
	for _, step := range []struct {
		after time.Duration
		want  string
		again time.Duration // at the latest
	}{
		{0, "Reconciling MissingReference", 10 * time.Second},
		{10*time.Minute - time.Second, "Reconciling MissingReference", 10 * time.Second},
		{10 * time.Minute, "Stalled MissingReference", 10 * time.Minute},
		{20 * time.Minute, "Stalled MissingReference", 10 * time.Minute},
	} {
		now = start.Add(step.after)
		again, got := look(t, r, shop)
		if got != step.want || again == 0 || again > step.again {
			t.Errorf("after %s: %s, looked at again after %s, want %s within %s", step.after, got, again, step.want, step.again)
		}
		if meta.IsStatusConditionTrue(shop.Status.Conditions, v1alpha1.ConditionReady) {
			t.Errorf("after %s the Shop is Ready", step.after)
		}
	}
	house := &v1alpha1.NotificationPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "house"}}
	if err := r.Client.Create(t.Context(), house); err != nil {
		t.Fatal(err)
	}
	_, _ = r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(shop)}) // the fake API server knows no NetworkPolicies
	if err := r.Client.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
		t.Fatal(err)
	}
	if !meta.IsStatusConditionTrue(shop.Status.Conditions, v1alpha1.ConditionAccepted) {
		t.Errorf("with its policy the Shop is not accepted: %+v", shop.Status.Conditions)
	}
}

// look reconciles once, and says when again and which of Reconciling and Stalled there is.
func look(t *testing.T, r *Reconciler, shop *v1alpha1.Shop) (again time.Duration, state string) {
	t.Helper()
	result, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(shop)})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Client.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if c := meta.FindStatusCondition(shop.Status.Conditions, kind); c != nil && c.Status == metav1.ConditionTrue {
			return result.RequeueAfter, c.Type + " " + c.Reason
		}
	}
	return result.RequeueAfter, "at rest"
}

func newReconciler(t *testing.T, now *time.Time, shop *v1alpha1.Shop) *Reconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	kube := fake.NewClientBuilder().WithScheme(scheme).WithObjects(shop).WithStatusSubresource(shop).
		WithIndex(&networkingv1.Ingress{}, hostField, hostsOfIngress).
		WithIndex(&v1alpha1.CarrierIntegration{}, gather.ShopField, func(client.Object) []string { return nil }).Build()
	platform := compile.Platform{InstallationID: "an installation", LibraryNamespace: v1alpha1.LibraryNamespace, LinkScheme: "https"}
	return &Reconciler{
		Client: kube, Live: kube, Applier: apply.Applier{Reader: kube, Writer: kube, Scheme: scheme},
		Gatherer: &gather.Gatherer{
			Cached: kube, Live: kube, Watched: kube, Platform: func() compile.Platform { return platform },
		},
		Reports: reports.New(func(context.Context, netip.Addr) (*bundle.Report, error) {
			return nil, errors.New("there are no pods here")
		}),
		Domains:   domain.New(func(context.Context, domain.Target) []domain.Look { return nil }),
		Recorder:  events.NewFakeRecorder(100),
		Platform:  func() desired.Platform { return desired.Platform{OperatorNamespace: "wismo-system"} },
		Settings:  func() domain.Settings { return domain.Settings{} },
		Namespace: "wismo-system",
		Now:       func() time.Time { return *now },
		gateways:  &gatewayAPI{},
	}
}
