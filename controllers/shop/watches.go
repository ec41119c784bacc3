package shop

import (
	"context"
	"errors"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/hostnames"
	"github.com/wismo-dev/wismo/controllers/shop/routes"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
)

// Setup adds the controller to the manager. Content is the cache of the ConfigMaps that are watched.
func (r *Reconciler) Setup(mgr ctrl.Manager, content cache.Cache) error {
	if err := Index(context.Background(), mgr.GetFieldIndexer()); err != nil {
		return err
	}
	edited := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	controller := ctrl.NewControllerManagedBy(mgr)
	if r.Namespaces.Cached != nil {
		controller.WatchesMetadata(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(r.byNamespace), builder.WithPredicates(deleted()))
	}
	watches, err := controller.
		Named("shop").
		For(&v1alpha1.Shop{}, builder.WithPredicates(predicate.Or(ctrlutil.Edited(), deleted()))).
		Watches(&v1alpha1.Shop{}, ctrlutil.EditsFirst(), builder.WithPredicates(ctrlutil.Edited())).
		Owns(&appsv1.Deployment{}).
		Owns(&corev1.Service{}).
		Owns(&corev1.ServiceAccount{}).
		Watches(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(byLabel)).
		Owns(&networkingv1.NetworkPolicy{}).
		Owns(&networkingv1.Ingress{}).
		Owns(&policyv1.PodDisruptionBudget{}).
		Watches(&autoscalingv2.HorizontalPodAutoscaler{}, handler.EnqueueRequestsFromMapFunc(r.byAutoscaler), builder.WithPredicates(workloads.Respecified())).
		Watches(&corev1.PersistentVolumeClaim{}, handler.EnqueueRequestsFromMapFunc(byLabel)).
		Watches(&discoveryv1.EndpointSlice{}, handler.EnqueueRequestsFromMapFunc(byLabel)).
		Watches(&coordinationv1.Lease{}, handler.EnqueueRequestsFromMapFunc(r.byClaim)).
		Watches(&v1alpha1.CarrierIntegration{}, handler.EnqueueRequestsFromMapFunc(byIntegration), edited).
		Watches(&v1alpha1.NotificationPolicy{}, handler.EnqueueRequestsFromMapFunc(r.byPolicy), edited).
		WatchesRawSource(source.Kind(content, inputs.ConfigMapMetadata(),
			handler.TypedEnqueueRequestsFromMapFunc(r.byContent))).
		WatchesRawSource(source.Channel(r.Reloads, handler.TypedEnqueueRequestsFromMapFunc(byReport))).
		WatchesRawSource(source.Channel(r.Assignments.Subscribe(), handler.TypedEnqueueRequestsFromMapFunc(byReport))).
		WatchesRawSource(source.Channel(r.Reports.Subscribe(),
			handler.TypedEnqueueRequestsFromMapFunc(byReport))).
		WatchesRawSource(source.Channel(r.Domains.Subscribe(),
			handler.TypedEnqueueRequestsFromMapFunc(byReport))).
		WatchesRawSource(source.Channel(r.Gateways.Wake(), &handler.EnqueueRequestForObject{})).
		WithOptions(ctrlutil.Options("shop")).
		Build(ctrlutil.LogErrorsOnce(r))
	if err != nil {
		return err
	}
	return r.Gateways.Setup(watches)
}

// Index serves the look-ups of the controller.
func Index(ctx context.Context, in client.FieldIndexer) error {
	return errors.Join(hostnames.Index(ctx, in), routes.Index(ctx, in))
}

// deleted lets the beginning of a deletion through, which changes the generation only on some paths.
func deleted() predicate.Predicate {
	return predicate.NewPredicateFuncs(func(o client.Object) bool { return o.GetDeletionTimestamp() != nil })
}

func request(namespace, name string) []reconcile.Request {
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}}
}

func byLabel(_ context.Context, o client.Object) []reconcile.Request {
	if shop := o.GetLabels()[v1alpha1.LabelShop]; shop != "" {
		return request(o.GetNamespace(), shop)
	}
	return nil
}

func byReport(_ context.Context, o *metav1.PartialObjectMetadata) []reconcile.Request {
	return request(o.Namespace, o.Name)
}

// byNamespace wakes the Shops of a namespace.
func (r *Reconciler) byNamespace(ctx context.Context, o client.Object) []reconcile.Request {
	return ctrlutil.RequestsFor(ctx, r.Client, &v1alpha1.ShopList{}, func(*v1alpha1.Shop) bool { return true }, client.InNamespace(o.GetName()))
}

func byIntegration(_ context.Context, o client.Object) []reconcile.Request {
	ci, ok := o.(*v1alpha1.CarrierIntegration)
	if !ok {
		return nil
	}
	return request(ci.Namespace, ci.Spec.ShopRef.Name)
}

// byAutoscaler wakes the Shop whose Deployment an autoscaler acts on.
func (r *Reconciler) byAutoscaler(ctx context.Context, o client.Object) []reconcile.Request {
	return byLabel(ctx, workloads.DeploymentOf(ctx, r.Client, o))
}

// byClaim wakes every Shop that wants the hostname: when a claim is freed, the next one gets it at once.
func (r *Reconciler) byClaim(ctx context.Context, o client.Object) []reconcile.Request {
	return ctrlutil.RequestsFor(ctx, r.Client, &v1alpha1.ShopList{}, func(*v1alpha1.Shop) bool { return true }, hostnames.Wanting(o))
}

// byPolicy wakes the Shops that use the policy, directly or as a base. House policies reach them with a release.
func (r *Reconciler) byPolicy(ctx context.Context, o client.Object) []reconcile.Request {
	if inputs.Shared(o) {
		return nil
	}
	return ctrlutil.RequestsFor(ctx, r.Client, &v1alpha1.ShopList{}, func(shop *v1alpha1.Shop) bool {
		gathered, err := r.Gatherer.Policies(ctx, shop)
		return err == nil && slices.ContainsFunc(gathered, func(key client.ObjectKey) bool { return key == client.ObjectKeyFromObject(o) })
	}, client.InNamespace(o.GetNamespace()))
}

// byContent wakes the Shops that refer to the ConfigMap, themselves or through a CarrierIntegration. What is of the library
// reaches them with a release.
func (r *Reconciler) byContent(ctx context.Context, o *metav1.PartialObjectMetadata) []reconcile.Request {
	if inputs.Shared(o) {
		return nil
	}
	ref := compile.Ref{Kind: compile.ConfigMapKind, Namespace: o.Namespace, Name: o.Name}
	return ctrlutil.RequestsFor(ctx, r.Client, &v1alpha1.ShopList{}, func(shop *v1alpha1.Shop) bool {
		refs, err := r.Gatherer.Refs(ctx, shop)
		return err == nil && slices.Contains(refs, ref)
	}, client.InNamespace(o.GetNamespace()))
}
