package shop

import (
	"context"
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// hostField is the cache index of routes by the hostnames that they lead.
const hostField = "hosts"

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
const gatewayMissing = "this cluster has no Gateway API that serves HTTPRoutes (gateway.networking.k8s.io/v1): ask the platform to install it, or set spec.exposure.type to Ingress"

// routable stops before anything changes where the cluster cannot take the route, so that the old one serves on.
func (r *Reconciler) routable(_ context.Context, s *scope) outcome.Outcome {
	if r.exposure(s.shop).Type != v1alpha1.ExposureGateway || r.gateways.known() {
		return outcome.Done()
	}
	reason := v1alpha1.ReasonGatewayAPIMissing
	s.status.False(v1alpha1.ConditionAccepted, reason, gatewayMissing)
	if rest := s.status.Since(v1alpha1.ConditionAccepted, reason).Add(outcome.Patience).Sub(s.now); rest > 0 {
		return outcome.Wait(rest, reason, gatewayMissing)
	}
	return outcome.Stalled(reason, gatewayMissing)
}

// exposure is how the Shop is reached after everything has been filled in.
func (r *Reconciler) exposure(shop *v1alpha1.Shop) desired.Exposure {
	return desired.ExposureOf(shop, r.Platform().Exposure)
}

// routeKinds are the lists of everything that can be a route here.
func (r *Reconciler) routeKinds() []client.ObjectList {
	kinds := []client.ObjectList{&networkingv1.IngressList{}}
	if r.gateways.known() {
		kinds = append(kinds, &gatewayv1.HTTPRouteList{})
	}
	return kinds
}

// routed says whether an Ingress or HTTPRoute of the Shop still leads the hostname somewhere. It asks the API server: a
// cache that does not show a route yet would let the hostname go to somebody else.
func (r *Reconciler) routed(ctx context.Context, shop types.NamespacedName, hostname string) (bool, error) {
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

// ingressOf is the Shop's Ingress, or nil.
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

// httpRoutes are the Shop's HTTPRoutes: none, one, or two.
func (r *Reconciler) httpRoutes(ctx context.Context, from client.Reader, shop types.NamespacedName) ([]gatewayv1.HTTPRoute, error) {
	if !r.gateways.known() {
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

// standing is what the cluster says of a Shop's route.
type standing struct {
	leads   []string               // IP addresses and DNS names of the load balancer
	state   metav1.ConditionStatus // whether it was taken; Unknown while nobody has answered
	message string                 // unless it was taken
}

// standing asks the route, of whichever kind.
func (r *Reconciler) standing(ctx context.Context, shop *v1alpha1.Shop, e desired.Exposure) (standing, error) {
	key := client.ObjectKeyFromObject(shop)
	if e.Type == v1alpha1.ExposureIngress {
		ingress, err := ingressOf(ctx, r.Client, key)
		return standingOfIngress(ingress), err
	}
	routes, err := r.httpRoutes(ctx, r.Applier.Reader, key)
	if err != nil || len(routes) == 0 {
		return standing{state: metav1.ConditionUnknown, message: "there is no route yet"}, err
	}
	out := standing{state: metav1.ConditionTrue}
	for i := range routes {
		for _, ref := range routes[i].Spec.ParentRefs {
			if err := r.addParent(ctx, &out, &routes[i], ref); err != nil {
				return out, err
			}
		}
	}
	slices.Sort(out.leads)
	out.leads = slices.Compact(out.leads)
	return out, nil
}

// standingOfIngress reads the one thing that ingress controllers tell: where they stand. Not all of them do.
func standingOfIngress(ingress *networkingv1.Ingress) standing {
	out := standing{state: metav1.ConditionTrue}
	if ingress == nil {
		return standing{state: metav1.ConditionUnknown, message: "there is no route yet"}
	}
	for _, balancer := range ingress.Status.LoadBalancer.Ingress {
		out.leads = append(out.leads, balancer.IP, balancer.Hostname)
	}
	return out
}

// addParent adds what one Gateway says of one route; a refusal outweighs an answer that is still to come.
func (r *Reconciler) addParent(ctx context.Context, out *standing, route *gatewayv1.HTTPRoute, ref gatewayv1.ParentReference) error {
	key := gatewayOf(route, ref)
	gateway, missing := &gatewayv1.Gateway{}, false
	if r.gateways.sees(key.Namespace) {
		err := r.Applier.Reader.Get(ctx, key, gateway)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("reading the Gateway %s: %w", key, err)
		}
		missing = err != nil
	}
	for _, address := range gateway.Status.Addresses {
		out.leads = append(out.leads, address.Value)
	}
	state, message := answerOf(route, ref)
	if missing {
		state, message = metav1.ConditionFalse, "does not exist"
	}
	message = fmt.Sprintf("the Gateway %s %s", key, message)
	if state == metav1.ConditionFalse && out.state != metav1.ConditionFalse || state == metav1.ConditionUnknown && out.state == metav1.ConditionTrue {
		out.state, out.message = state, message
	}
	return nil
}

// answerOf is what the Gateway's controller says of the route: whether it accepted it and found the page's Service. An
// answer about an earlier generation is none.
func answerOf(route *gatewayv1.HTTPRoute, ref gatewayv1.ParentReference) (metav1.ConditionStatus, string) {
	i := slices.IndexFunc(route.Status.Parents, func(p gatewayv1.RouteParentStatus) bool {
		return gatewayOf(route, p.ParentRef) == gatewayOf(route, ref) && section(p.ParentRef) == section(ref)
	})
	if i < 0 {
		return metav1.ConditionUnknown, "has not answered for the route yet"
	}
	for _, kind := range []gatewayv1.RouteConditionType{gatewayv1.RouteConditionAccepted, gatewayv1.RouteConditionResolvedRefs} {
		c := meta.FindStatusCondition(route.Status.Parents[i].Conditions, string(kind))
		if c == nil || c.ObservedGeneration < route.Generation {
			return metav1.ConditionUnknown, "has not answered for the route yet"
		}
		if c.Status != metav1.ConditionTrue {
			return metav1.ConditionFalse, fmt.Sprintf("does not take the route (%s): %s", c.Reason, c.Message)
		}
	}
	return metav1.ConditionTrue, ""
}

func section(ref gatewayv1.ParentReference) gatewayv1.SectionName {
	if ref.SectionName == nil {
		return ""
	}
	return *ref.SectionName
}
