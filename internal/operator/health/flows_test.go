package health_test

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/health"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// stated lets state write into a fresh status, and returns what it wrote.
func stated(t *testing.T, kind string, state func(*status.Writer)) metav1.Condition {
	t.Helper()
	shop := &v1alpha1.Shop{}
	w := status.Begin(status.Target{
		Object: shop, Conditions: &shop.Status.Conditions, ObservedGeneration: &shop.Status.ObservedGeneration,
		LastHandledReconcileAt: &shop.Status.LastHandledReconcileAt,
	}, status.Vocabulary{Operational: []string{kind}}, noon)
	state(w)
	c := meta.FindStatusCondition(shop.Status.Conditions, kind)
	if c == nil {
		t.Fatalf("%s is not stated", kind)
	}
	return *c
}

func reports(sources ...bundle.SourceReport) []bundle.Report {
	seen := make([]bundle.SourceReport, len(sources)) // the notifier knows nothing of refusals and silence
	for i, s := range sources {
		seen[i] = bundle.SourceReport{Name: s.Name, LastReceived: s.LastReceived}
	}
	return []bundle.Report{{Component: bundle.NotifierComponent, Sources: seen}, {Component: bundle.PageComponent, Sources: sources}}
}

func TestWhoSendsWithAnotherSecretOrNotAnyMoreIsNamed(t *testing.T) {
	heard := noon.Add(-30 * 24 * time.Hour)
	rejected := bundle.SourceReport{Name: "carrier-easypost", Flow: bundle.SignaturesRejected, RefusedSignatures: 9, LastReceived: &heard}
	silent := bundle.SourceReport{Name: "webshop", Flow: bundle.Silent, LastReceived: &heard, ExpectedSince: &heard}
	never := bundle.SourceReport{Name: "api", Flow: bundle.Silent, ExpectedSince: &heard}
	flowing := bundle.SourceReport{Name: "erp", LastReceived: &heard}
	for title, c := range map[string]struct {
		reports []bundle.Report
		orders  string
		events  string
		says    string // by whichever of the two is not in order
	}{
		"refused signatures":         {reports(flowing, rejected), v1alpha1.ReasonFlowing, v1alpha1.ReasonSignaturesRejected, "source easypost is refused"},
		"when the last one was good": {reports(flowing, rejected), v1alpha1.ReasonFlowing, v1alpha1.ReasonSignaturesRejected, "2026-10-23T12:00:00Z"},
		"one silent source of two":   {reports(silent, flowing), v1alpha1.ReasonSilent, v1alpha1.ReasonWaitingForFirstEvent, "source webshop since 2026-10-23T12:00:00Z"},
		"never an order":             {reports(never), v1alpha1.ReasonSilent, v1alpha1.ReasonWaitingForFirstEvent, "curl -fsS"},
		"a page that cannot be asked": {
			reports(silent, flowing)[:1], v1alpha1.ReasonReportUnavailable, v1alpha1.ReasonReportUnavailable, "not answered",
		},
	} {
		view := health.View{Shop: &v1alpha1.Shop{}, Reports: c.reports}
		orders := stated(t, v1alpha1.ConditionOrdersFlowing, func(w *status.Writer) { health.Orders(w, view) })
		events := stated(t, v1alpha1.ConditionEventsFlowing, func(w *status.Writer) {
			health.Events(w, view, "easypost", v1alpha1.IntakeWebhook)
		})
		if orders.Reason != c.orders || events.Reason != c.events {
			t.Errorf("%s: orders are %s, events %s", title, orders.Reason, events.Reason)
		}
		if !strings.Contains(orders.Message+"\n"+events.Message, c.says) {
			t.Errorf("%s: says %q and %q, want %q", title, orders.Message, events.Message, c.says)
		}
	}
}

func TestASilentShopIsAskedNoMoreOftenThanOthers(t *testing.T) {
	conditions := func(reason string) []metav1.Condition {
		var all []metav1.Condition
		for _, kind := range health.Reported() {
			all = append(all, metav1.Condition{Type: kind, Status: metav1.ConditionTrue})
		}
		meta.SetStatusCondition(&all, metav1.Condition{Type: v1alpha1.ConditionOrdersFlowing, Status: metav1.ConditionFalse, Reason: reason})
		return all
	}
	if health.Urgent(conditions(v1alpha1.ReasonSilent)) || !health.Urgent(conditions(v1alpha1.ReasonSignaturesRejected)) {
		t.Error("want a Shop whose signatures are refused to be asked often, and one that is silent not")
	}
}

func TestWhatALaterWorkloadSaysAndTheOperatorDoesNotKnowIsUnknownAndNeverInOrder(t *testing.T) {
	heard := noon.Add(-time.Hour)
	later := reports(bundle.SourceReport{Name: "api", Flow: bundle.UnknownFlow, LastReceived: &heard})
	later[0].Credentials = []bundle.CredentialReport{{Source: "email", Key: "password", State: bundle.UnknownCredential}}
	later[1].Storage = bundle.UnknownHealth
	view := health.View{Shop: &v1alpha1.Shop{}, Reports: later}
	for kind, state := range map[string]func(*status.Writer){
		v1alpha1.ConditionOrdersFlowing:       func(w *status.Writer) { health.Orders(w, view) },
		v1alpha1.ConditionCredentialsAccepted: func(w *status.Writer) { health.Credentials(w, view, health.OfShop) },
		v1alpha1.ConditionStorageReady:        func(w *status.Writer) { health.Storage(w, view, health.Volume{}) },
	} {
		if c := stated(t, kind, state); c.Status != metav1.ConditionUnknown || c.Reason != v1alpha1.ReasonUnknown || !strings.Contains(c.Message, "upgrade the operator") {
			t.Errorf("%s is %s, %s: %s", kind, c.Status, c.Reason, c.Message)
		}
	}
}
