package release

import (
	"context"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
	"github.com/wismo-dev/wismo/internal/operator/releases"
)

// Setup adds the controller to the manager. Shared is the cache of the metadata of the library's ConfigMaps.
func (r *Reconciler) Setup(mgr ctrl.Manager, shared cache.Cache) error {
	edited := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	options := ctrlutil.Options("fleet")
	options.MaxConcurrentReconciles = 1
	r.Trigger.Fire() // there is a release before there is anything to watch
	controller := ctrl.NewControllerManagedBy(mgr)
	if r.Namespaces.Cached != nil {
		controller.WatchesMetadata(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(one), builder.WithPredicates(deleted()))
	}
	return controller.
		Named("fleet").
		Watches(&v1alpha1.Shop{}, handler.EnqueueRequestsFromMapFunc(one), builder.WithPredicates(shopChanged())).
		Watches(&appsv1.Deployment{}, handler.EnqueueRequestsFromMapFunc(one), builder.WithPredicates(deploymentChanged())).
		Watches(&appsv1.ControllerRevision{}, handler.EnqueueRequestsFromMapFunc(one)).
		Watches(&v1alpha1.CarrierIntegration{}, handler.EnqueueRequestsFromMapFunc(one), edited).
		Watches(&v1alpha1.NotificationPolicy{}, handler.EnqueueRequestsFromMapFunc(one), edited).
		WatchesRawSource(source.Kind(shared, releases.ConfigMapMetadata(), handler.TypedEnqueueRequestsFromMapFunc(
			func(context.Context, *metav1.PartialObjectMetadata) []reconcile.Request { return theOne }))).
		WatchesRawSource(source.Channel(r.Trigger.Requests(), handler.TypedEnqueueRequestsFromMapFunc(onTrigger))).
		WithOptions(options).
		Complete(ctrlutil.LogErrorsOnce(r))
}

// theOne is the only key.
var theOne = []reconcile.Request{{NamespacedName: types.NamespacedName{Name: "fleet"}}}

func one(context.Context, client.Object) []reconcile.Request { return theOne }

func onTrigger(context.Context, *metav1.PartialObjectMetadata) []reconcile.Request { return theOne }

// deleted lets the deletion of an object through.
func deleted() predicate.Predicate {
	return predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetDeletionTimestamp() != nil })
}

// shopChanged lets through what can change a decision: most of what happens to a Shop is its status.
func shopChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() ||
			!maps.Equal(e.ObjectOld.GetLabels(), e.ObjectNew.GetLabels()) ||
			(e.ObjectOld.GetDeletionTimestamp() == nil) != (e.ObjectNew.GetDeletionTimestamp() == nil)
	}}
}

// deploymentChanged does the same for Deployments, which change with every pod.
func deploymentChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, isDeployment := e.ObjectOld.(*appsv1.Deployment)
		after, is := e.ObjectNew.(*appsv1.Deployment)
		return isDeployment && is && releases.Matters(before, after)
	}}
}
