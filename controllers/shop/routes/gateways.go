package routes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
)

// gatewayInterval is how often an operator that has not found the Gateway API asks for it.
const gatewayInterval = 10 * time.Second

// Gateways are the operator's view of the Gateway API. A cluster may lack it, and it may come while the operator runs: an
// informer for a kind that does not exist would never start, so there is none before the kind is there. Their zero value
// sees a cluster without it.
type Gateways struct {
	mgr     ctrl.Manager
	served  []string // namespaces; none = all
	watches controller.Controller
	wake    chan event.GenericEvent // Shops that waited for the API
	objects atomic.Pointer[cache.Cache]
}

// NewGateways sees what the manager's cluster has, of the namespaces that are served; none = all.
func NewGateways(mgr ctrl.Manager, served []string) *Gateways {
	return &Gateways{mgr: mgr, served: served, wake: make(chan event.GenericEvent)}
}

// Wake brings Shops that waited for the Gateway API.
func (g *Gateways) Wake() <-chan event.GenericEvent { return g.wake }

// Setup watches at once what is there, and looks out for the rest.
func (g *Gateways) Setup(watches controller.Controller) error {
	g.watches = watches
	switch installed, err := g.installed(); {
	case err != nil:
		return fmt.Errorf("looking for the Gateway API: %w", err)
	case installed:
		objects, err := g.connect()
		if err == nil {
			g.objects.Store(&objects)
		}
		return err
	default:
		return g.mgr.Add(g)
	}
}

// sees reports whether Gateways of the namespace can be read: an operator that serves some namespaces has rights in no other.
func (g *Gateways) sees(namespace string) bool {
	return len(g.served) == 0 || slices.Contains(g.served, namespace)
}

// Known reports whether HTTPRoutes can be made and read.
func (g *Gateways) Known() bool { return g.objects.Load() != nil }

// NeedLeaderElection lets a standby look out, too.
func (g *Gateways) NeedLeaderElection() bool { return false }

// Start waits for the Gateway API, and then wakes the Shops that wait for it.
func (g *Gateways) Start(ctx context.Context) error {
	for installed := false; !installed; {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(gatewayInterval):
		}
		var err error
		if installed, err = g.installed(); err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "Failed to look for the Gateway API; retrying")
		}
	}
	objects, err := g.connect()
	if err != nil {
		return err
	}
	if !objects.WaitForCacheSync(ctx) {
		return nil // leaving
	}
	g.objects.Store(&objects)
	return g.wakeAll(ctx)
}

func (g *Gateways) wakeAll(ctx context.Context) error {
	shops := &v1alpha1.ShopList{}
	if err := g.mgr.GetClient().List(ctx, shops); err != nil {
		return fmt.Errorf("listing the Shops that wait for the Gateway API: %w", err)
	}
	for i := range shops.Items {
		select {
		case g.wake <- event.GenericEvent{Object: &shops.Items[i]}:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// installed asks the API server for both kinds.
func (g *Gateways) installed() (bool, error) {
	for _, kind := range []string{"HTTPRoute", "Gateway"} {
		_, err := g.mgr.GetRESTMapper().RESTMapping(schema.GroupKind{Group: gatewayv1.GroupName, Kind: kind}, gatewayv1.GroupVersion.Version)
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

// connect makes a cache of our own routes and of all Gateways, and lets the controller see both.
func (g *Gateways) connect() (cache.Cache, error) {
	own := labels.SelectorFromSet(labels.Set{desired.ManagedByLabel: desired.ManagedBy})
	namespaces := map[string]cache.Config{}
	for _, namespace := range g.served {
		namespaces[namespace] = cache.Config{}
	}
	objects, err := cache.New(g.mgr.GetConfig(), cache.Options{
		HTTPClient: g.mgr.GetHTTPClient(), Scheme: g.mgr.GetScheme(), Mapper: g.mgr.GetRESTMapper(),
		ByObject:         map[client.Object]cache.ByObject{&gatewayv1.HTTPRoute{}: {Label: own}},
		DefaultTransform: cache.TransformStripManagedFields(), DefaultNamespaces: namespaces,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the cache of routes: %w", err)
	}
	if err := objects.IndexField(context.Background(), &gatewayv1.HTTPRoute{}, hostField, hostsOfHTTPRoute); err != nil {
		return nil, fmt.Errorf("indexing routes: %w", err)
	}
	byOwner := handler.TypedEnqueueRequestForOwner[*gatewayv1.HTTPRoute](g.mgr.GetScheme(), g.mgr.GetRESTMapper(), &v1alpha1.Shop{}, handler.OnlyControllerOwner())
	return objects, errors.Join(
		g.watches.Watch(source.Kind(objects, &gatewayv1.HTTPRoute{}, byOwner)),
		g.watches.Watch(source.Kind(objects, &gatewayv1.Gateway{}, handler.TypedEnqueueRequestsFromMapFunc(g.byGateway), moved())),
		g.mgr.Add(objects),
	)
}

// moved lets a Gateway through that comes, goes, or has other addresses: its status counts the routes that are
// attached, so it changes with every Shop.
func moved() predicate.TypedPredicate[*gatewayv1.Gateway] {
	return predicate.TypedFuncs[*gatewayv1.Gateway]{UpdateFunc: func(e event.TypedUpdateEvent[*gatewayv1.Gateway]) bool {
		return !equality.Semantic.DeepEqual(e.ObjectOld.Status.Addresses, e.ObjectNew.Status.Addresses)
	}}
}

// byGateway wakes the Shops whose routes name the Gateway.
func (g *Gateways) byGateway(ctx context.Context, gateway *gatewayv1.Gateway) []reconcile.Request {
	routes := &gatewayv1.HTTPRouteList{}
	objects := g.objects.Load()
	if objects == nil {
		return nil // all Shops are woken once it is there
	}
	if err := (*objects).List(ctx, routes); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Failed to list the HTTPRoutes of a changed Gateway; their Shops pick the change up at their next reconciliation")
		return nil
	}
	var requests []reconcile.Request
	for _, route := range routes.Items {
		names := slices.ContainsFunc(route.Spec.ParentRefs, func(ref gatewayv1.ParentReference) bool {
			return gatewayOf(&route, ref) == client.ObjectKeyFromObject(gateway)
		})
		if shop := route.Labels[v1alpha1.LabelShop]; names && shop != "" {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKey{Namespace: route.Namespace, Name: shop}})
		}
	}
	return requests
}

// gatewayOf returns the Gateway that a route names.
func gatewayOf(route *gatewayv1.HTTPRoute, ref gatewayv1.ParentReference) client.ObjectKey {
	key := client.ObjectKey{Namespace: route.Namespace, Name: string(ref.Name)}
	if ref.Namespace != nil {
		key.Namespace = string(*ref.Namespace)
	}
	return key
}

// Reader reads the kinds of the Gateway API from the cache that is there only where the API is, and all others from next.
func (g *Gateways) Reader(next client.Reader) client.Reader { return routeReader{next, g} }

type routeReader struct {
	client.Reader
	gateways *Gateways
}

func (r routeReader) Get(ctx context.Context, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
	return r.of(object).Get(ctx, key, object, opts...)
}

func (r routeReader) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	return r.of(list).List(ctx, list, opts...)
}

func (r routeReader) of(object any) client.Reader {
	switch object.(type) {
	case *gatewayv1.HTTPRoute, *gatewayv1.HTTPRouteList, *gatewayv1.Gateway:
		if objects := r.gateways.objects.Load(); objects != nil {
			return *objects
		}
	}
	return r.Reader
}
