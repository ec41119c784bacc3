package inmemory

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/operator/reports"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// Fixture is what a controller is given in a test: an API server in memory, a clock, and a release.
type Fixture struct {
	Kube        client.Client
	Gatherer    *inputs.Gatherer
	Assignments *releases.Assignments // without any
	Reports     *reports.Poller       // without any pod

	start, now time.Time
}

// NewFixture returns a Fixture with the object in it. Index may add indexes.
func NewFixture(t *testing.T, object client.Object, index func(*fake.ClientBuilder)) *Fixture {
	t.Helper()
	builder := NewClientBuilder(t, object).WithStatusSubresource(object)
	if index != nil {
		index(builder)
	}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	w := &Fixture{Kube: builder.Build(), Assignments: releases.NewAssignments(releases.NewTrigger()), start: start, now: start}
	platform := compile.Platform{InstallationID: "an installation", LibraryNamespace: v1alpha1.LibraryNamespace, LinkScheme: "https"}
	w.Gatherer = &inputs.Gatherer{Cached: w.Kube, Live: w.Kube, Watched: w.Kube, Platform: func() compile.Platform { return platform }}
	w.Reports = reports.New(func(context.Context, netip.Addr) (*bundle.Report, error) {
		return nil, errors.New("there are no pods here")
	})
	return w
}

// Now returns the time of the fixture's clock.
func (w *Fixture) Now() time.Time { return w.now }

// Assign lets the Shop run the first release, which has nothing in its library.
func (w *Fixture) Assign(shop *v1alpha1.Shop) {
	edition := &releases.Edition{Name: "rel-0001", Document: release.Document{Render: desired.RenderVersion, Policy: bundle.BuiltinPolicy()}}
	assignment := releases.Assignment{Edition: edition, Latest: edition.Name, Step: rollout.Step{Release: edition.Name, Reason: rollout.Updating}}
	w.Assignments.Publish(map[types.NamespacedName]releases.Assignment{client.ObjectKeyFromObject(shop): assignment}, map[string]*releases.Edition{edition.Name: edition})
}

// WaitsTenMinutes fails unless the controller waits ten minutes for an object that is missing, then is Stalled, and goes on to look for it. A
// pipeline applies in any order, so a missing object is no mistake at first. Conditions are those of the object.
func (w *Fixture) WaitsTenMinutes(t *testing.T, subject reconcile.Reconciler, object client.Object, conditions *[]metav1.Condition) {
	t.Helper()
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
		w.now = w.start.Add(step.after)
		again, got := w.Reconcile(t, subject, object, conditions)
		if got != step.want || again == 0 || again > step.again {
			t.Errorf("after %s: %s, looked at again after %s, want %s within %s", step.after, got, again, step.want, step.again)
		}
		if meta.IsStatusConditionTrue(*conditions, v1alpha1.ConditionReady) {
			t.Errorf("after %s it is Ready", step.after)
		}
	}
}

// Reconcile reconciles the object once. It returns the time until the next reconciliation, and which of the conditions that pipelines
// read is True then, with its reason.
func (w *Fixture) Reconcile(t *testing.T, subject reconcile.Reconciler, object client.Object, conditions *[]metav1.Condition) (again time.Duration, state string) {
	t.Helper()
	key := client.ObjectKeyFromObject(object)
	result, err := subject.Reconcile(t.Context(), ctrl.Request{NamespacedName: key})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Kube.Get(t.Context(), key, object); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled, v1alpha1.ConditionReady} {
		if c := meta.FindStatusCondition(*conditions, kind); c != nil && c.Status == metav1.ConditionTrue {
			return result.RequeueAfter, c.Type + " " + c.Reason
		}
	}
	return result.RequeueAfter, "nothing is True"
}

// Create creates the object.
func (w *Fixture) Create(t *testing.T, object client.Object) {
	t.Helper()
	if err := w.Kube.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}
