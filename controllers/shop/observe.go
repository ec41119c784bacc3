package shop

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/placement"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/health"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// observe sets the conditions that depend on what runs, even after an earlier step failed: an invalid edit must not hide a broken pod.
func (r *Reconciler) observe(ctx context.Context, w *status.Writer, s placement.Situation, b result) (placement.ReleaseStatus, outcome.Outcome) {
	told, out := placement.Status(s, b.done)
	w.State(v1alpha1.ConditionReleased, told.Released)
	if told.Place != (v1alpha1.ShopRelease{}) {
		s.Shop.Status.Release = &told.Place
	}
	publish(s, b, told.Place.Current)
	r.publishActivity(s.Shop, b)
	available, rolled := r.workloads.Judge(ctx, s.Workloads, workloads.Change{
		Rolled: b.done.Rolled, RolledBack: b.done.Marked.RolledBack, MovedByPlatform: s.MovedByPlatform(told), Capacity: b.capacity,
	})
	if rolled.Kind() == outcome.KindRetry {
		return told, rolled
	}
	w.State(v1alpha1.ConditionWorkloadsAvailable, available)
	out = rolled.And(out)
	if err := errors.Join(r.setHealthConditions(ctx, w, s, b), r.setDomainReady(ctx, w, s.Shop)); err != nil {
		out = out.And(outcome.Retry(err))
	}
	return told, out
}

// publish writes into the status what the merchant has to know: where orders come in, and what holds after everything
// that was left out has been filled in. Without a new bundle the old answers stay true.
func publish(s placement.Situation, b result, current v1alpha1.ReleaseName) {
	shop, output := s.Shop, b.fit.Output
	document := output.Document
	if document == nil {
		return
	}
	endpoints := make([]v1alpha1.Endpoint, 0, len(output.Endpoints))
	for _, e := range output.Endpoints {
		if e.Object == compile.ShopObject {
			endpoints = append(endpoints, v1alpha1.Endpoint{
				Name: v1alpha1.Key(e.Name), URL: v1alpha1.EndpointURL(e.URL), Keys: health.EndpointKeys(b.keys.Keys, e.Source, s.Workloads.Now),
			})
		}
	}
	shop.Status.Endpoints = endpoints
	effective := &v1alpha1.EffectiveShop{
		TimeZone:  v1alpha1.TimeZone(document.TimeZone),
		Sender:    v1alpha1.EmailAddress(document.Email.FromAddress),
		Policy:    &v1alpha1.EffectivePolicy{Source: v1alpha1.PolicyBuiltIn},
		Templates: shop.Spec.Templates,
		Release:   current,
	}
	if before := shop.Status.Effective; before != nil {
		effective.Activity = before.Activity
	}
	for _, locale := range document.Locales {
		effective.Locales = append(effective.Locales, v1alpha1.Locale(locale))
	}
	if ref := shop.Spec.NotificationPolicyRef; ref != nil {
		effective.Policy = &v1alpha1.EffectivePolicy{Source: v1alpha1.PolicySource(ref.Source), Name: ref.Name}
	}
	shop.Status.Effective = effective
}

// setHealthConditions sets the conditions that count for Operational, except DomainReady. Without a new bundle, they stay as they
// were for the last valid one.
func (r *Reconciler) setHealthConditions(ctx context.Context, w *status.Writer, s placement.Situation, b result) error {
	key := client.ObjectKeyFromObject(s.Shop)
	volume, err := volumeOf(ctx, r.Client, s.Shop)
	if err != nil {
		return err
	}
	state := stateOf(volume, b.refusal)
	if state.Deleted != "" { // whatever the pods report, and whether they were asked or not
		health.Storage(w, health.View{}, state)
	}
	if b.fit.Output.Document == nil || b.keys.Keys == nil {
		return nil
	}
	if !r.Reports.Asked(key) && health.Known(s.Shop.Status.Conditions) {
		return nil
	}
	view := health.View{
		Output: b.fit.Output, Reports: r.Reports.Latest(key), Shop: s.Shop, Keys: b.keys.Keys,
		Unreachable: desired.Closed(desired.Input{Shop: s.Shop, Bundle: b.fit.Output, Platform: r.Platform()}),
	}
	health.Credentials(w, view, health.OfShop)
	health.Orders(w, view)
	health.Sender(w, view)
	health.Storage(w, view, state)
	return nil
}

// stateOf returns the state of the volume; volume is nil if it does not exist.
func stateOf(volume *corev1.PersistentVolumeClaim, refusal string) health.Volume {
	state := health.Volume{Refusal: refusal}
	if volume == nil {
		return state
	}
	if volume.DeletionTimestamp != nil {
		state.Deleted = fmt.Sprintf(volumeDeleted, volume.Namespace, volume.Name)
	}
	state.Pending = volume.Status.Phase == corev1.ClaimPending
	for _, c := range volume.Status.Conditions {
		grows := c.Type == corev1.PersistentVolumeClaimResizing || c.Type == corev1.PersistentVolumeClaimFileSystemResizePending
		state.Resizing = state.Resizing || (grows && c.Status == corev1.ConditionTrue)
	}
	return state
}

// setDomainReady sets DomainReady and status.dns. It leaves both as they are while another Shop holds the hostname, because the Shop's
// old route then continues to serve.
func (r *Reconciler) setDomainReady(ctx context.Context, w *status.Writer, shop *v1alpha1.Shop) error {
	if !w.Is(v1alpha1.ConditionHostnameAccepted) {
		return nil
	}
	seen, news, err := r.domains.Look(ctx, shop)
	if err != nil || !news {
		return err
	}
	w.State(v1alpha1.ConditionDomainReady, seen.Domain)
	shop.Status.DNS = seen.DNS
	return nil
}

// publishActivity writes into the status which activity is in force. Until the pods have been asked, the last answer stays.
func (r *Reconciler) publishActivity(shop *v1alpha1.Shop, b result) {
	key := client.ObjectKeyFromObject(shop)
	if !r.Reports.Asked(key) {
		return
	}
	effective := v1alpha1.EffectiveShop{}
	if shop.Status.Effective != nil {
		effective = *shop.Status.Effective
	}
	effective.Activity = ""
	if !r.Reports.Silent(key) {
		effective.Activity = v1alpha1.Activity(health.Activity(b.fit.Output, r.Reports.Latest(key)))
	}
	if reflect.ValueOf(effective).IsZero() {
		shop.Status.Effective = nil
		return
	}
	shop.Status.Effective = &effective
}
