// Package carrierintegration reconciles CarrierIntegrations: it checks whether one is valid by itself, where its
// provider has to send, and what the workloads of its Shop report of it. What it asks for reaches the workloads
// through the Shop's bundle, which package shop makes.
package carrierintegration

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/accepted"
	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
	"github.com/wismo-dev/wismo/internal/operator/health"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/operator/reports"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// Reconciler brings the status of CarrierIntegrations up to date; it changes nothing else.
type Reconciler struct {
	Client      client.Client // reads come from the cache
	Gatherer    *inputs.Gatherer
	Assignments *releases.Assignments // which release the Shop is to run
	Reports     *reports.Poller
	Reloads     <-chan ctrlutil.Wake // Shops whose integrations are to be looked at because the configuration is another one
	Recorder    events.EventRecorder
	Now         func() time.Time

	writes status.WriteTracker
}

// vocabulary is the conditions of a CarrierIntegration; what each means is in internal/conditions.
var vocabulary = status.Vocabulary{
	Ready: []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionEndpointPublished},
	Operational: []string{
		v1alpha1.ConditionCredentialsAccepted, v1alpha1.ConditionWebhookRegistered, v1alpha1.ConditionEventsFlowing,
		v1alpha1.ConditionMappingComplete,
	},
	WhileTrue: []string{v1alpha1.ConditionFieldsInactive},
}

// Reconcile looks at one CarrierIntegration.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	ci := &v1alpha1.CarrierIntegration{}
	keeper := status.Reconciler{Client: r.Client, Vocabulary: vocabulary, Writes: &r.writes, Recorder: r.Recorder, Now: r.Now}
	return keeper.Reconcile(ctx, request.NamespacedName, status.Target{
		Object: ci, Conditions: &ci.Status.Conditions, ObservedGeneration: &ci.Status.ObservedGeneration,
		LastHandledReconcileAt: &ci.Status.LastHandledReconcileAt,
	}, func(w *status.Writer, now time.Time) outcome.Outcome { return r.check(ctx, ci, w, now) })
}

// check judges the integration by itself: a Shop that is wrong elsewhere does not make it wrong.
func (r *Reconciler) check(ctx context.Context, ci *v1alpha1.CarrierIntegration, w *status.Writer, now time.Time) outcome.Outcome {
	shop := &v1alpha1.Shop{}
	err := r.Client.Get(ctx, client.ObjectKey{Namespace: ci.Namespace, Name: ci.Spec.ShopRef.Name}, shop)
	if apierrors.IsNotFound(err) {
		return missing(w, []compile.Ref{{Kind: "Shop", Namespace: ci.Namespace, Name: ci.Spec.ShopRef.Name}}, now)
	}
	if err != nil {
		return outcome.Retry(err)
	}
	assignment, decided := r.Assignments.Of(client.ObjectKeyFromObject(shop))
	if !decided || assignment.Edition == nil {
		return w.AsBefore(v1alpha1.ReasonProgressing, "waiting for the operator to assign a release to the Shop")
	}
	return r.checkOn(ctx, assignment.Edition, shop, ci, w, now)
}

// checkOn judges the integration on the release that its Shop is to run.
func (r *Reconciler) checkOn(ctx context.Context, edition *releases.Edition, shop *v1alpha1.Shop, ci *v1alpha1.CarrierIntegration, w *status.Writer, now time.Time) outcome.Outcome {
	if w.Requested() {
		r.Gatherer.Refresh(compile.Refs(alone(shop), []v1alpha1.CarrierIntegration{*ci}, v1alpha1.LibraryNamespace))
		r.Reports.AskNow(client.ObjectKeyFromObject(shop)) // and thereby wakes the Shop, whose bundle has the definition
	}
	gathered, err := r.Gatherer.With(ctx, alone(shop), []v1alpha1.CarrierIntegration{*ci}, edition, now)
	if err != nil {
		return outcome.Retry(err)
	}
	gathered.Input.Returning = true // what waits for a later release is the Shop's to say: the integration itself is right
	output := compile.Compile(gathered.Input)
	object := compile.IntegrationObject(ci.Name)
	accepted.StateInactive(w, output.NotYetActiveOf(object))
	if problems := output.ProblemsOf(object); len(problems) > 0 {
		reason, message := accepted.Problems(problems)
		w.False(v1alpha1.ConditionAccepted, reason, message)
		return outcome.Stalled(reason, message).LookAfter(gathered.LookAfter)
	}
	if len(output.Missing) > 0 {
		return missing(w, output.Missing, now)
	}
	w.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonValid, accepted.Valid)
	keys, err := r.keys(ctx, shop)
	if err != nil {
		return outcome.Retry(err)
	}
	publish(ci, w, output, keys, now)
	if key := client.ObjectKeyFromObject(shop); r.Reports.Asked(key) || !health.Known(ci.Status.Conditions) {
		view := health.View{Shop: shop, Output: output, Keys: keys, Reports: r.Reports.Latest(key)}
		health.Credentials(w, view, health.OfIntegration(ci.Name))
		health.Events(w, view, ci.Name, ci.Spec.Intake.Mode)
	}
	return outcome.Look(gathered.LookAfter)
}

func missing(w *status.Writer, refs []compile.Ref, now time.Time) outcome.Outcome {
	message, out := accepted.Missing(refs, w.Since(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference), now)
	w.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference, message)
	return out
}

// alone returns the Shop with nothing in it that could be wrong: what is left decides where the endpoint is.
func alone(shop *v1alpha1.Shop) *v1alpha1.Shop {
	return &v1alpha1.Shop{
		ObjectMeta: shop.ObjectMeta,
		Spec: v1alpha1.ShopSpec{
			DisplayName: shop.Spec.DisplayName, Hostname: shop.Spec.Hostname, HomeCountry: shop.Spec.HomeCountry,
			TimeZone: shop.Spec.TimeZone, Exposure: shop.Spec.Exposure,
		},
	}
}

// publish writes what the provider has to be given: the address, and where its secret is.
func publish(ci *v1alpha1.CarrierIntegration, w *status.Writer, output compile.Output, keys []desired.KeyRecord, now time.Time) {
	ci.Status.Endpoints = nil
	for _, e := range output.Endpoints {
		if e.Object == compile.IntegrationObject(ci.Name) {
			ci.Status.Endpoints = append(ci.Status.Endpoints, v1alpha1.Endpoint{
				Name: v1alpha1.Key(e.Name), URL: v1alpha1.EndpointURL(e.URL), Keys: health.EndpointKeys(keys, e.Source, now),
			})
		}
	}
	if len(ci.Status.Endpoints) == 0 {
		w.True(v1alpha1.ConditionEndpointPublished, v1alpha1.ReasonNotNeeded, "intake.mode is Poll, which needs no endpoint")
		return
	}
	w.True(v1alpha1.ConditionEndpointPublished, v1alpha1.ReasonPublished, "the endpoint is in status.endpoints")
}
