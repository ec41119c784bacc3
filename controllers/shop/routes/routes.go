// Package routes leads a Shop's hostnames to its page: which kind of route it has, what the cluster says of it, and whether
// the hostnames lead there as the internet sees it. It makes no route itself, and claims no hostname.
package routes

import (
	"context"
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
)

// hostField is the cache index of routes by the hostnames that they lead.
const hostField = "hosts"

// Routes are those of all Shops.
type Routes struct {
	Cached   client.Reader // knows the kinds of the Gateway API where the cluster has them
	Live     client.Reader // the API server itself
	Gateways *Gateways
	Platform func() desired.Exposure // what counts where a Shop does not say
}

// Index serves the look-ups by hostname.
func Index(ctx context.Context, in client.FieldIndexer) error {
	return in.IndexField(ctx, &networkingv1.Ingress{}, hostField, hostsOfIngress)
}

func hostsOfIngress(o client.Object) []string {
	ingress, _ := o.(*networkingv1.Ingress)
	var hosts []string
	for _, rule := range ingress.Spec.Rules {
		hosts = append(hosts, rule.Host)
	}
	return hosts
}

func hostsOfHTTPRoute(o client.Object) []string {
	route, _ := o.(*gatewayv1.HTTPRoute)
	var hosts []string
	for _, host := range route.Spec.Hostnames {
		hosts = append(hosts, string(host))
	}
	return hosts
}

// gatewayMissing is what to do where the cluster cannot take the route that the Shop asks for.
const gatewayMissing = "the cluster does not serve HTTPRoutes of the Gateway API (gateway.networking.k8s.io/v1): ask the platform's operators to install it, or set spec.exposure.type to Ingress"

// Possible reports whether the cluster can take the route that the Shop asks for; else why not.
func (r Routes) Possible(shop *v1alpha1.Shop) (reason, message string, possible bool) {
	if r.Exposure(shop).Type != v1alpha1.ExposureGateway || r.Gateways.Known() {
		return "", "", true
	}
	return v1alpha1.ReasonGatewayAPIMissing, gatewayMissing, false
}

// Exposure returns how the Shop is reached after everything has been filled in.
func (r Routes) Exposure(shop *v1alpha1.Shop) desired.Exposure {
	return desired.ExposureOf(shop, r.Platform())
}

// Kinds returns the lists of everything that can be a route here.
func (r Routes) Kinds() []client.ObjectList {
	kinds := []client.ObjectList{&networkingv1.IngressList{}}
	if r.Gateways.Known() {
		kinds = append(kinds, &gatewayv1.HTTPRouteList{})
	}
	return kinds
}

// HasRoute reports whether a route of the Shop still leads the hostname somewhere. It asks the API server: a cache that does not
// show a route yet would give the hostname to another Shop.
func (r Routes) HasRoute(ctx context.Context, shop types.NamespacedName, hostname string) (bool, error) {
	ingress, err := ingressOf(ctx, r.Live, shop)
	if err != nil {
		return false, err
	}
	if ingress != nil && slices.Contains(hostsOfIngress(ingress), hostname) {
		return true, nil
	}
	routes, err := r.httpRoutes(ctx, r.Live, shop)
	return slices.ContainsFunc(routes, func(route gatewayv1.HTTPRoute) bool {
		return slices.Contains(hostsOfHTTPRoute(&route), hostname)
	}), err
}

// ByHostname returns the routes of all Shops for the hostname, as the cache shows them.
func (r Routes) ByHostname(ctx context.Context, hostname string) ([]metav1.Object, error) {
	var found []metav1.Object
	for _, list := range r.Kinds() {
		if err := r.Cached.List(ctx, list, client.MatchingFields{hostField: hostname}); err != nil {
			return nil, fmt.Errorf("listing the routes of %s: %w", hostname, err)
		}
		err := meta.EachListItem(list, func(item runtime.Object) error {
			route, err := meta.Accessor(item)
			found = append(found, route)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("listing the routes of %s: %w", hostname, err)
		}
	}
	return found, nil
}

// ingressOf returns the Shop's Ingress, or nil.
func ingressOf(ctx context.Context, from client.Reader, shop types.NamespacedName) (*networkingv1.Ingress, error) {
	ingress := &networkingv1.Ingress{}
	key := client.ObjectKey{Namespace: shop.Namespace, Name: desired.RouteName(shop.Name)}
	switch err := from.Get(ctx, key, ingress); {
	case err == nil:
		return ingress, nil
	case client.IgnoreNotFound(err) == nil:
		return nil, nil
	default:
		return nil, fmt.Errorf("reading the Ingress %s: %w", key, err)
	}
}

// httpRoutes returns the Shop's HTTPRoutes: none, one, or two.
func (r Routes) httpRoutes(ctx context.Context, from client.Reader, shop types.NamespacedName) ([]gatewayv1.HTTPRoute, error) {
	if !r.Gateways.Known() {
		return nil, nil
	}
	var routes []gatewayv1.HTTPRoute
	for _, name := range []string{desired.RouteName(shop.Name), desired.HookRouteName(shop.Name)} {
		route := gatewayv1.HTTPRoute{}
		key := client.ObjectKey{Namespace: shop.Namespace, Name: name}
		err := from.Get(ctx, key, &route)
		if client.IgnoreNotFound(err) != nil {
			return nil, fmt.Errorf("reading the HTTPRoute %s: %w", key, err)
		}
		if err == nil {
			routes = append(routes, route)
		}
	}
	return routes, nil
}
