package shop

import (
	"cmp"
	"context"

	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/keys"
	"github.com/wismo-dev/wismo/controllers/shop/placement"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/accepted"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// result is what the steps of one reconciliation have produced so far.
type result struct {
	fit      placement.Fit // on the release on which it is rendered
	keys     keys.Result
	capacity workloads.Capacity
	done     placement.Changes
	refusal  string // why the API server refused the change of the volume; "" = it did not
}

// applySpec runs the steps from a Shop's spec to its objects, up to the first that stops.
func (r *Reconciler) applySpec(ctx context.Context, w *status.Writer, s placement.Situation) (result, outcome.Outcome) {
	if out := r.refresh(ctx, w, s.Shop); out.Stops() {
		return result{}, out
	}
	claimed, out := r.hostnames.Acquire(ctx, s.Shop, r.Settings().Grants)
	if out.Kind() != outcome.KindRetry {
		w.State(v1alpha1.ConditionHostnameAccepted, claimed)
	}
	if out.Stops() {
		return result{}, out
	}
	if out = out.And(r.checkRoute(w, s)); out.Stops() {
		return result{}, out
	}
	b, made := r.applyRelease(ctx, w, s)
	if out = out.And(made); !out.Stops() {
		out = out.And(r.hostnames.Free(ctx, client.ObjectKeyFromObject(s.Shop), desired.Hostnames(s.Shop)))
	}
	return b, out
}

// refresh reads all inputs and asks the pods for their reports again if the annotation requests a reconciliation.
func (r *Reconciler) refresh(ctx context.Context, w *status.Writer, shop *v1alpha1.Shop) outcome.Outcome {
	if !w.Requested() {
		return outcome.Done()
	}
	refs, err := r.Gatherer.Refs(ctx, shop)
	if err != nil {
		return outcome.Retry(err)
	}
	r.Gatherer.Refresh(refs)
	r.Reports.AskNow(client.ObjectKeyFromObject(shop))
	return outcome.Done()
}

// checkRoute stops before anything changes if the cluster does not support the route, so that the old route continues to serve.
func (r *Reconciler) checkRoute(w *status.Writer, s placement.Situation) outcome.Outcome {
	reason, message, possible := r.routes.Possible(s.Shop)
	if possible {
		return outcome.Done()
	}
	w.False(v1alpha1.ConditionAccepted, reason, message)
	if rest := w.Since(v1alpha1.ConditionAccepted, reason).Add(outcome.MissingTimeout).Sub(s.Workloads.Now); rest > 0 {
		return outcome.Wait(rest, reason, message)
	}
	return outcome.Stalled(reason, message)
}

// applyRelease renders and applies the Shop's objects on its assigned release. If this build cannot render that release, or the spec
// is invalid, nothing is applied and the objects stay as they are.
func (r *Reconciler) applyRelease(ctx context.Context, w *status.Writer, s placement.Situation) (result, outcome.Outcome) {
	if s.Assignment.Edition == nil {
		if name := s.Assignment.Step.Release; name != "" {
			return result{}, w.AsBefore(v1alpha1.ReasonReleaseUnusable, "another version of the operator made release "+name+", and this version cannot render it: finish the upgrade or the downgrade of the operator")
		}
		return result{}, w.AsBefore(v1alpha1.ReasonProgressing, "no release exists yet, so nothing is created; the operator creates the first one when it starts. If this stays: kubectl wismo doctor")
	}
	fit, err := r.placer.Fit(ctx, s)
	if err != nil {
		return result{}, outcome.Retry(err)
	}
	tooOld, out := accept(w, s, fit)
	out = out.LookAfter(fit.LookAfter)
	b := result{fit: fit, done: placement.Changes{Failure: fit.Failure}}
	wish := keys.Request{Shop: s.Shop, Now: s.Workloads.Now, Wanted: fit.Output.Keys, Complete: true}
	if fit.Output.Document == nil {
		out = out.And(r.keys.KeepExisting(ctx, wish))
	} else if !out.Stops() {
		var made outcome.Outcome
		b, made = r.makeObjects(ctx, s, b, wish)
		out = out.And(made)
	}
	if out.Kind() != outcome.KindRetry {
		invalid := b.fit.Invalid
		if b.done.Marked.RolledBack != "" || b.done.Blocked != "" {
			invalid = s.Assignment.Latest // the pods of the change fail on every release, or none may be replaced
		}
		r.placer.Note(s, invalid, tooOld)
	}
	return b, out
}

// accept sets the condition Accepted. It returns the name of the release if that is too old for the spec and the Shop will move to
// one that is not; "" = it is not too old.
func accept(w *status.Writer, s placement.Situation, fit placement.Fit) (tooOld string, out outcome.Outcome) {
	output := fit.Output
	accepted.StateInactive(w, output.NotYetActive)
	switch {
	case s.ComesTo(fit):
		message := accepted.Awaiting(output.Problems)
		w.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonValid, message)
		return fit.Edition.Name, w.AsBefore(v1alpha1.ReasonReleaseTooOld, message)
	case len(output.Problems) > 0:
		reason, message := accepted.Problems(output.Problems)
		w.False(v1alpha1.ConditionAccepted, reason, message)
		return "", outcome.Stalled(reason, message)
	case len(output.Missing) > 0:
		since := w.Since(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference)
		message, out := accepted.Missing(output.Missing, since, s.Workloads.Now)
		w.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference, message)
		return "", out
	default:
		w.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonValid, accepted.Valid)
		return "", outcome.Done()
	}
}

// makeObjects creates the keys and applies the objects of a Shop that has a bundle, and deletes those that only an earlier spec needed.
func (r *Reconciler) makeObjects(ctx context.Context, s placement.Situation, b result, wish keys.Request) (result, outcome.Outcome) {
	var out, next outcome.Outcome
	if b.keys, out = r.keys.Keep(ctx, wish); out.Stops() {
		return b, out
	}
	if next = r.objects.checkVolume(ctx, s.Shop); next.Stops() {
		b.done.Blocked = next.Message()
		return b, out.And(next)
	}
	if b.capacity, next = r.workloads.CheckSurge(ctx, s.Workloads); next.Stops() {
		return b, out.And(next)
	}
	out = out.And(next)
	b, rendered, next := r.apply(ctx, s, b)
	if out = out.And(next); out.Stops() {
		return b, out
	}
	settled := !b.done.Rolled && s.Workloads.Serve()
	return b, out.And(r.objects.prune(ctx, s, rendered, append(r.routes.Kinds(), availabilityKinds()...), settled))
}

// apply renders and applies the Shop's objects, with the marks of releases on its Deployments.
func (r *Reconciler) apply(ctx context.Context, s placement.Situation, b result) (result, []desired.Object, outcome.Outcome) {
	platform, err := r.objects.platform(ctx, s.Shop)
	if err != nil {
		return b, nil, outcome.Retry(err)
	}
	render := func(fit placement.Fit) []desired.Object {
		return desired.Objects(desired.Input{
			Shop: s.Shop, Bundle: fit.Output, Render: fit.Edition.Document.Render, Images: fit.Edition.Document.Images,
			Rings: b.keys.Rings, Platform: platform, NoSurge: b.capacity.NoSurge, Scaled: s.Workloads.Scaled,
		})
	}
	b.fit, err = r.placer.Hold(ctx, s, b.fit, func(fit placement.Fit) placement.Templates { return templatesOf(render(fit)) })
	if err != nil {
		return b, nil, outcome.Retry(err)
	}
	rendered := render(b.fit)
	b.done.Marked, err = r.placer.Mark(ctx, s, b.fit, templatesOf(rendered))
	if err != nil {
		return b, nil, outcome.Retry(err)
	}
	b.done.Failure = cmp.Or(b.fit.Failure, r.placer.Failure(ctx, s, b.fit))
	out := outcome.Done()
	for _, object := range rendered {
		d, isDeployment := object.(*appsv1ac.DeploymentApplyConfiguration)
		if isDeployment {
			component := componentOf(d)
			desired.Mark(d, b.done.Marked.Marks[component], b.done.Marked.Instead[component])
		}
		version, refusal, err := r.objects.apply(ctx, s.Shop, object)
		if wait := apply.OutcomeOf(err); err != nil && wait.Kind() == outcome.KindWait {
			out = out.And(wait)
			continue // the others are no worse for it
		}
		if err != nil {
			return b, nil, refusedOrFailed(err)
		}
		b.refusal = cmp.Or(b.refusal, refusal)
		if isDeployment && version != "" {
			b.done.Rolled = true
			r.written.Note(s.Workloads, componentOf(d), version)
		}
	}
	if b.done.Rolled {
		logWrite(ctx, s, b)
	}
	return b, rendered, out
}

// logWrite logs why a Deployment of the Shop was written.
func logWrite(ctx context.Context, s placement.Situation, b result) {
	log := ctrl.LoggerFrom(ctx).WithValues("release", b.fit.Edition.Name)
	switch {
	case b.done.Marked.RolledBack != "":
		log.Info("Rolled back the last change of the Shop, whose pods did not become ready", "cause", b.done.Marked.RolledBack)
	case s.Running != b.fit.Edition.Name:
		log.Info("Started moving the Shop to a release", "previous", s.Running)
	default:
		log.Info("Updated the Deployments of the Shop")
	}
}

// templatesOf returns the hashes of the pod templates of the rendered Deployments.
func templatesOf(objects []desired.Object) placement.Templates {
	hashes := placement.Templates{}
	for _, object := range objects {
		if d, ok := object.(*appsv1ac.DeploymentApplyConfiguration); ok {
			hashes[componentOf(d)] = desired.TemplateHash(d)
		}
	}
	return hashes
}

func componentOf(d *appsv1ac.DeploymentApplyConfiguration) bundle.Component {
	if d.Labels[v1alpha1.LabelComponent] == v1alpha1.ComponentPage {
		return bundle.PageComponent
	}
	return bundle.NotifierComponent
}
