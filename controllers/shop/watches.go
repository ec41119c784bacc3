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
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/gather"
	"github.com/wismo-dev/wismo/internal/operator/pace"
)

// claimField is the cache index of Shops by the Leases of the hostnames they want, holderField that of the Leases by
// the Shop that holds them.
const (
	claimField  = "claims"
	holderField = "shop"
)

// Setup adds the controller to the manager. Content is the cache of the ConfigMaps that are watched.
func (r *Reconciler) Setup(mgr ctrl.Manager, content cache.Cache) error {
	if err := r.index(mgr.GetFieldIndexer()); err != nil {
		return err
	}
	r.gateways = &gatewayAPI{mgr: mgr, served: r.Served, wake: make(chan event.GenericEvent)}
	r.Applier.Reader = routeReader{r.Applier.Reader, r.gateways}
	edited := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	watches, err := ctrl.NewControllerManagedBy(mgr).
		Named("shop").
		For(&v1alpha1.Shop{}, builder.WithPredicates(predicate.Or(pace.Edited(), deleted()))).
		Watches(&v1alpha1.Shop{}, pace.EditsFirst(), builder.WithPredicates(pace.Edited())).
		Owns(&appsv1.Deployment{}).
		Owns(&corev1.Service{}).
		Owns(&corev1.ServiceAccount{}).
		Watches(&corev1.ConfigMap{}, handler.EnqueueRequestsFromMapFunc(byLabel)).
		Owns(&networkingv1.NetworkPolicy{}).
		Owns(&networkingv1.Ingress{}).
		Owns(&policyv1.PodDisruptionBudget{}).
		Watches(&autoscalingv2.HorizontalPodAutoscaler{}, handler.EnqueueRequestsFromMapFunc(r.byAutoscaler), builder.WithPredicates(respecified())).
		Watches(&corev1.PersistentVolumeClaim{}, handler.EnqueueRequestsFromMapFunc(byLabel)).
		Watches(&discoveryv1.EndpointSlice{}, handler.EnqueueRequestsFromMapFunc(byLabel)).
		Watches(&coordinationv1.Lease{}, handler.EnqueueRequestsFromMapFunc(r.byClaim)).
		Watches(&v1alpha1.CarrierIntegration{}, handler.EnqueueRequestsFromMapFunc(byIntegration), edited).
		Watches(&v1alpha1.NotificationPolicy{}, handler.EnqueueRequestsFromMapFunc(r.byPolicy), edited).
		WatchesRawSource(source.Kind(content, gather.ConfigMapMetadata(),
			handler.TypedEnqueueRequestsFromMapFunc(r.byContent))).
		WatchesRawSource(source.Channel(r.Reloads, handler.TypedEnqueueRequestsFromMapFunc(byReport))).
		WatchesRawSource(source.Channel(r.Fleet.Subscribe(), handler.TypedEnqueueRequestsFromMapFunc(byReport))).
		WatchesRawSource(source.Channel(r.Reports.Subscribe(),
			handler.TypedEnqueueRequestsFromMapFunc(byReport))).
		WatchesRawSource(source.Channel(r.Domains.Subscribe(),
			handler.TypedEnqueueRequestsFromMapFunc(byReport))).
		WatchesRawSource(source.Channel(r.gateways.wake, &handler.EnqueueRequestForObject{})).
		WithOptions(pace.Options("shop")).
		Build(pace.Once(r))
	if err != nil {
		return err
	}
	r.gateways.watches = watches
	return r.gateways.setup()
}

// index serves the look-ups that must not cost more with every Shop there is.
func (r *Reconciler) index(in client.FieldIndexer) error {
	ctx := context.Background()
	return errors.Join(
		in.IndexField(ctx, &v1alpha1.Shop{}, claimField, func(o client.Object) []string {
			shop, _ := o.(*v1alpha1.Shop)
			claims := make([]string, 0, 1)
			for _, hostname := range hostnames(shop) {
				claims = append(claims, claimName(hostname))
			}
			return claims
		}),
		in.IndexField(ctx, &coordinationv1.Lease{}, holderField, holderOfClaim),
		in.IndexField(ctx, &networkingv1.Ingress{}, hostField, hostsOfIngress),
	)
}

func holderOfClaim(o client.Object) []string {
	return []string{o.GetLabels()[namespaceLabel] + "/" + o.GetLabels()[v1alpha1.LabelShop]}
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

func byIntegration(_ context.Context, o client.Object) []reconcile.Request {
	ci, ok := o.(*v1alpha1.CarrierIntegration)
	if !ok {
		return nil
	}
	return request(ci.Namespace, ci.Spec.ShopRef.Name)
}

// byClaim wakes everybody who wants the hostname: when a claim is freed, the next one gets it at once.
func (r *Reconciler) byClaim(ctx context.Context, o client.Object) []reconcile.Request {
	return pace.Concerned(ctx, r.Client, &v1alpha1.ShopList{}, func(*v1alpha1.Shop) bool { return true }, client.MatchingFields{claimField: o.GetName()})
}

// byPolicy wakes the Shops that use the policy, directly or as a base. House policies reach them with a release.
func (r *Reconciler) byPolicy(ctx context.Context, o client.Object) []reconcile.Request {
	if gather.Shared(o) {
		return nil
	}
	return pace.Concerned(ctx, r.Client, &v1alpha1.ShopList{}, func(shop *v1alpha1.Shop) bool {
		gathered, err := r.Gatherer.Policies(ctx, shop)
		return err == nil && slices.ContainsFunc(gathered, func(key client.ObjectKey) bool { return key == client.ObjectKeyFromObject(o) })
	}, client.InNamespace(o.GetNamespace()))
}

// byContent wakes the Shops that refer to the ConfigMap, themselves or through a CarrierIntegration. What is of the library
// reaches them with a release.
func (r *Reconciler) byContent(ctx context.Context, o *metav1.PartialObjectMetadata) []reconcile.Request {
	if gather.Shared(o) {
		return nil
	}
	ref := compile.Ref{Kind: compile.ConfigMapKind, Namespace: o.Namespace, Name: o.Name}
	return pace.Concerned(ctx, r.Client, &v1alpha1.ShopList{}, func(shop *v1alpha1.Shop) bool {
		refs, err := r.Gatherer.Refs(ctx, shop)
		return err == nil && slices.Contains(refs, ref)
	}, client.InNamespace(o.GetNamespace()))
}
