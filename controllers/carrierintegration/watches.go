package carrierintegration

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
)

// Setup adds the controller to the manager. Content is the cache of the ConfigMaps that are watched.
func (r *Reconciler) Setup(mgr ctrl.Manager, content cache.Cache) error {
	edited := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	return ctrl.NewControllerManagedBy(mgr).
		Named("carrierintegration").
		For(&v1alpha1.CarrierIntegration{}, builder.WithPredicates(ctrlutil.Edited())).
		Watches(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(byKey)).
		Watches(&v1alpha1.Shop{}, handler.EnqueueRequestsFromMapFunc(r.byShop), edited).
		WatchesRawSource(source.Kind(content, inputs.ConfigMapMetadata(), handler.TypedEnqueueRequestsFromMapFunc(r.byContent))).
		WatchesRawSource(source.Channel(r.Reloads, handler.TypedEnqueueRequestsFromMapFunc(r.byReport))).
		WatchesRawSource(source.Channel(r.Assignments.Subscribe(), handler.TypedEnqueueRequestsFromMapFunc(r.byReport))).
		WatchesRawSource(source.Channel(r.Reports.Subscribe(), handler.TypedEnqueueRequestsFromMapFunc(r.byReport))).
		WithOptions(ctrlutil.Options("carrierintegration")).
		Complete(ctrlutil.LogErrorsOnce(r))
}

// byShop wakes the integrations of a Shop.
func (r *Reconciler) byShop(ctx context.Context, shop client.Object) []reconcile.Request {
	return ctrlutil.RequestsFor(ctx, r.Client, &v1alpha1.CarrierIntegrationList{}, func(*v1alpha1.CarrierIntegration) bool { return true },
		client.InNamespace(shop.GetNamespace()), client.MatchingFields{inputs.ShopField: shop.GetName()})
}

func (r *Reconciler) byReport(ctx context.Context, shop *metav1.PartialObjectMetadata) []reconcile.Request {
	return r.byShop(ctx, shop)
}

// byContent wakes the integrations whose definition is the ConfigMap. One of the library reaches them with a release.
func (r *Reconciler) byContent(ctx context.Context, o *metav1.PartialObjectMetadata) []reconcile.Request {
	if inputs.Shared(o) {
		return nil
	}
	ref := compile.Ref{Kind: compile.ConfigMapKind, Namespace: o.Namespace, Name: o.Name}
	return ctrlutil.RequestsFor(ctx, r.Client, &v1alpha1.CarrierIntegrationList{}, func(ci *v1alpha1.CarrierIntegration) bool {
		shop := &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: ci.Namespace}}
		return slices.Contains(compile.Refs(shop, []v1alpha1.CarrierIntegration{*ci}, v1alpha1.LibraryNamespace), ref)
	}, client.InNamespace(o.GetNamespace()))
}
