package carrierintegration

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/operator/fleet"
	"github.com/wismo-dev/wismo/internal/operator/gather"
	"github.com/wismo-dev/wismo/internal/operator/reports"
	"github.com/wismo-dev/wismo/internal/release"
)

// A pipeline applies in any order, so a Shop that is not there yet is no mistake; after ten minutes it is.
func TestAMissingShopIsWaitedForTenMinutesAndThenAMistakeAndStillTakenUp(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ci := &v1alpha1.CarrierIntegration{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "easypost", Generation: 1},
		Spec: v1alpha1.CarrierIntegrationSpec{
			ShopRef:              v1alpha1.ShopReference{Name: "linden"},
			Definition:           v1alpha1.DefinitionReference{Name: "easypost", Source: v1alpha1.DefinitionCatalog},
			CredentialsSecretRef: &v1alpha1.SecretReference{Name: "easypost"},
			Intake:               v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
		},
	}
	r := newReconciler(t, &now, ci)
	start := now
	for _, step := range []struct {
		after time.Duration
		want  string
		again time.Duration // at the latest
	}{
		{0, "Reconciling MissingReference", 10 * time.Second},
		{5 * time.Minute, "Reconciling MissingReference", 10 * time.Second},
		{10*time.Minute - time.Second, "Reconciling MissingReference", 10 * time.Second},
		{10 * time.Minute, "Stalled MissingReference", 10 * time.Minute},
		{20 * time.Minute, "Stalled MissingReference", 10 * time.Minute},
	} {
		now = start.Add(step.after)
		result, got := look(t, r, ci)
		if got != step.want || result.RequeueAfter == 0 || result.RequeueAfter > step.again {
			t.Errorf("after %s: %s, looked at again after %s, want %s within %s", step.after, got, result.RequeueAfter, step.want, step.again)
		}
	}
	shop := &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden"},
		Spec:       v1alpha1.ShopSpec{DisplayName: "Linden", Hostname: "track.linden.example", HomeCountry: "NL"},
	}
	if err := r.Client.Create(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	if _, got := look(t, r, ci); got != "Stalled MissingReference" {
		t.Errorf("before the Shop has a release to run the integration is %s", got)
	}
	edition := &fleet.Edition{Name: "rel-0001", Document: release.Document{Render: 1, Policy: bundle.BuiltinPolicy()}}
	r.Fleet.Publish(map[types.NamespacedName]fleet.Assignment{client.ObjectKeyFromObject(shop): {Edition: edition}}, nil)
	if _, got := look(t, r, ci); got != "Ready Ready" {
		t.Errorf("with its Shop the integration is %s", got)
	}
}

// look reconciles once, and says which of its conditions is True then.
func look(t *testing.T, r *Reconciler, ci *v1alpha1.CarrierIntegration) (ctrl.Result, string) {
	t.Helper()
	result, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(ci)})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Client.Get(t.Context(), client.ObjectKeyFromObject(ci), ci); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled, v1alpha1.ConditionReady} {
		if c := meta.FindStatusCondition(ci.Status.Conditions, kind); c != nil && c.Status == metav1.ConditionTrue {
			return result, c.Type + " " + c.Reason
		}
	}
	return result, "nothing is True"
}

func newReconciler(t *testing.T, now *time.Time, objects ...client.Object) *Reconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	kube := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithStatusSubresource(objects...).Build()
	platform := compile.Platform{InstallationID: "an installation", LibraryNamespace: v1alpha1.LibraryNamespace, LinkScheme: "https"}
	return &Reconciler{
		Client: kube, Fleet: fleet.NewBook(fleet.NewBell()),
		Gatherer: &gather.Gatherer{
			Cached: kube, Live: kube, Watched: kube, Platform: func() compile.Platform { return platform },
		},
		Reports: reports.New(func(context.Context, netip.Addr) (*bundle.Report, error) {
			return nil, errors.New("there are no pods here")
		}),
		Recorder: events.NewFakeRecorder(100),
		Now:      func() time.Time { return *now },
	}
}
