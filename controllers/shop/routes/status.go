package routes

import (
	"context"
	"fmt"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
)

// routeStatus is what the cluster reports of a Shop's route.
type routeStatus struct {
	addresses []string               // IP addresses and DNS names of the load balancer
	state     metav1.ConditionStatus // whether it was taken; Unknown while its controller has not reported
	message   string                 // unless it was taken
}

// status asks the route, of whichever kind.
func (r Routes) status(ctx context.Context, shop *v1alpha1.Shop, e desired.Exposure) (routeStatus, error) {
	key := client.ObjectKeyFromObject(shop)
	if e.Type == v1alpha1.ExposureIngress {
		ingress, err := ingressOf(ctx, r.Cached, key)
		return statusOfIngress(ingress), err
	}
	routes, err := r.httpRoutes(ctx, r.Cached, key)
	if err != nil || len(routes) == 0 {
		return routeStatus{state: metav1.ConditionUnknown, message: "the route has not been created yet"}, err
	}
	out := routeStatus{state: metav1.ConditionTrue}
	for i := range routes {
		for _, ref := range routes[i].Spec.ParentRefs {
			if err := r.addParent(ctx, &out, &routes[i], ref); err != nil {
				return out, err
			}
		}
	}
	slices.Sort(out.addresses)
	out.addresses = slices.Compact(out.addresses)
	return out, nil
}

// statusOfIngress reads the addresses, which are all that ingress controllers report. Not all of them do.
func statusOfIngress(ingress *networkingv1.Ingress) routeStatus {
	out := routeStatus{state: metav1.ConditionTrue}
	if ingress == nil {
		return routeStatus{state: metav1.ConditionUnknown, message: "the route has not been created yet"}
	}
	for _, balancer := range ingress.Status.LoadBalancer.Ingress {
		out.addresses = append(out.addresses, balancer.IP, balancer.Hostname)
	}
	return out
}

// addParent adds what one Gateway says of one route; a refusal outweighs an answer that is still to come.
func (r Routes) addParent(ctx context.Context, out *routeStatus, route *gatewayv1.HTTPRoute, ref gatewayv1.ParentReference) error {
	key := gatewayOf(route, ref)
	gateway, missing := &gatewayv1.Gateway{}, false
	if r.Gateways.sees(key.Namespace) {
		err := r.Cached.Get(ctx, key, gateway)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("reading the Gateway %s: %w", key, err)
		}
		missing = err != nil
	}
	for _, address := range gateway.Status.Addresses {
		out.addresses = append(out.addresses, address.Value)
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

// answerOf returns what the Gateway's controller says of the route: whether it accepted it and found the page's Service. An
// answer about an earlier generation is none.
func answerOf(route *gatewayv1.HTTPRoute, ref gatewayv1.ParentReference) (metav1.ConditionStatus, string) {
	i := slices.IndexFunc(route.Status.Parents, func(p gatewayv1.RouteParentStatus) bool {
		return gatewayOf(route, p.ParentRef) == gatewayOf(route, ref) && section(p.ParentRef) == section(ref)
	})
	if i < 0 {
		return metav1.ConditionUnknown, "has not reported on the route yet"
	}
	for _, kind := range []gatewayv1.RouteConditionType{gatewayv1.RouteConditionAccepted, gatewayv1.RouteConditionResolvedRefs} {
		c := meta.FindStatusCondition(route.Status.Parents[i].Conditions, string(kind))
		if c == nil || c.ObservedGeneration < route.Generation {
			return metav1.ConditionUnknown, "has not reported on the route yet"
		}
		if c.Status != metav1.ConditionTrue {
			return metav1.ConditionFalse, fmt.Sprintf("does not accept the route (%s): %s", c.Reason, c.Message)
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
