// Package notificationpolicy reconciles NotificationPolicies: it checks whether one can be used, and counts the Shops
// that do. What a policy decides is the data plane's business.
package notificationpolicy

import (
	"context"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/accepted"
	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// Reconciler brings the status of NotificationPolicies up to date; it changes nothing else.
type Reconciler struct {
	Client   client.Client // reads come from the cache
	Gatherer *inputs.Gatherer
	Recorder events.EventRecorder
	Now      func() time.Time

	writes status.WriteTracker
}

// vocabulary is the conditions of a NotificationPolicy; what each means is in internal/conditions.
var vocabulary = status.Vocabulary{Ready: []string{v1alpha1.ConditionAccepted}, WhileTrue: []string{v1alpha1.ConditionFieldsInactive}}

// Reconcile looks at one NotificationPolicy.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	policy := &v1alpha1.NotificationPolicy{}
	keeper := status.Reconciler{Client: r.Client, Vocabulary: vocabulary, Writes: &r.writes, Recorder: r.Recorder, Now: r.Now}
	return keeper.Reconcile(ctx, request.NamespacedName, status.Target{
		Object: policy, Conditions: &policy.Status.Conditions, ObservedGeneration: &policy.Status.ObservedGeneration,
		LastHandledReconcileAt: &policy.Status.LastHandledReconcileAt,
	}, func(w *status.Writer, now time.Time) outcome.Outcome { return r.look(ctx, policy, w, now) })
}

func (r *Reconciler) look(ctx context.Context, policy *v1alpha1.NotificationPolicy, w *status.Writer, now time.Time) outcome.Outcome {
	users, err := r.users(ctx, policy)
	if err != nil {
		return outcome.Retry(err)
	}
	policy.Status.Shops = new(users)
	output := compile.Compile(compile.Input{Shop: probe(policy), Policy: policy, BasePolicy: nil, Platform: r.Gatherer.Platform()})
	accepted.StateInactive(w, output.NotYetActiveOf(compile.PolicyObject(policy)))
	base, err := r.base(ctx, policy)
	if err != nil {
		return outcome.Retry(err)
	}
	if base == nil && policy.Spec.BasePolicyRef != nil {
		ref := compile.Ref{Kind: compile.PolicyKind, Namespace: r.Gatherer.BaseKey(policy).Namespace, Name: string(policy.Spec.BasePolicyRef.Name)}
		message, out := accepted.Missing([]compile.Ref{ref}, w.Since(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference), now)
		w.False(v1alpha1.ConditionAccepted, v1alpha1.ReasonMissingReference, message)
		return out
	}
	if problems := compile.CheckPolicy(policy, base); len(problems) > 0 {
		reason, message := accepted.Problems(problems)
		w.False(v1alpha1.ConditionAccepted, reason, message)
		return outcome.Stalled(reason, message)
	}
	w.True(v1alpha1.ConditionAccepted, v1alpha1.ReasonValid, accepted.Valid)
	return outcome.Done()
}

// probe returns a Shop that does nothing but use the policy, to hear what of it this version does not act on.
func probe(policy *v1alpha1.NotificationPolicy) *v1alpha1.Shop {
	shop := &v1alpha1.Shop{Spec: v1alpha1.ShopSpec{
		NotificationPolicyRef: &v1alpha1.PolicyReference{Name: v1alpha1.ObjectName(policy.Name), Source: v1alpha1.SourceLocal},
	}}
	shop.Namespace = policy.Namespace
	return shop
}

func (r *Reconciler) base(ctx context.Context, policy *v1alpha1.NotificationPolicy) (*v1alpha1.NotificationPolicy, error) {
	if policy.Spec.BasePolicyRef == nil {
		return nil, nil
	}
	base := &v1alpha1.NotificationPolicy{}
	err := r.Client.Get(ctx, r.Gatherer.BaseKey(policy), base)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return base, err
}

// users counts the Shops that use the policy, directly or as a base.
func (r *Reconciler) users(ctx context.Context, policy *v1alpha1.NotificationPolicy) (int32, error) {
	shops := &v1alpha1.ShopList{}
	if err := r.Client.List(ctx, shops, r.Gatherer.Within(policy)...); err != nil {
		return 0, err
	}
	var users int32
	for i := range shops.Items {
		keys, err := r.Gatherer.Policies(ctx, &shops.Items[i])
		if err != nil {
			return 0, err
		}
		if slices.Contains(keys, client.ObjectKeyFromObject(policy)) {
			users++
		}
	}
	return users, nil
}

// Setup adds the controller to the manager.
func (r *Reconciler) Setup(mgr ctrl.Manager) error {
	edited := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).
		Named("notificationpolicy").
		For(&v1alpha1.NotificationPolicy{}, builder.WithPredicates(ctrlutil.Edited())).
		Watches(&v1alpha1.NotificationPolicy{}, handler.EnqueueRequestsFromMapFunc(r.related), edited).
		Watches(&v1alpha1.Shop{}, handler.EnqueueRequestsFromMapFunc(r.byShop), edited).
		WithOptions(ctrlutil.Options("notificationpolicy")).
		Complete(ctrlutil.LogErrorsOnce(r))
}

// byShop wakes the policies that the Shop uses; for an update that is asked of the old Shop and of the new one.
func (r *Reconciler) byShop(ctx context.Context, o client.Object) []reconcile.Request {
	shop, ok := o.(*v1alpha1.Shop)
	if !ok {
		return nil
	}
	keys, err := r.Gatherer.Policies(ctx, shop)
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Failed to list the NotificationPolicies of the Shop; they pick the change up at their next reconciliation")
	}
	requests := make([]reconcile.Request, 0, len(keys))
	for _, key := range keys {
		requests = append(requests, reconcile.Request{NamespacedName: key})
	}
	return requests
}

// related wakes the base of a policy, whose users may be others now, and the policies that have it as their base.
func (r *Reconciler) related(ctx context.Context, o client.Object) []reconcile.Request {
	policy, ok := o.(*v1alpha1.NotificationPolicy)
	if !ok {
		return nil
	}
	var requests []reconcile.Request
	if policy.Spec.BasePolicyRef != nil {
		requests = append(requests, reconcile.Request{NamespacedName: r.Gatherer.BaseKey(policy)})
	}
	return append(requests, ctrlutil.RequestsFor(ctx, r.Client, &v1alpha1.NotificationPolicyList{}, func(other *v1alpha1.NotificationPolicy) bool {
		return other.Spec.BasePolicyRef != nil && r.Gatherer.BaseKey(other) == client.ObjectKeyFromObject(policy)
	}, r.Gatherer.Within(policy)...)...)
}
