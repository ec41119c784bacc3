package desired

import (
	"cmp"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	gatewayv1ac "sigs.k8s.io/gateway-api/applyconfiguration/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// What the API server fills in is said in full, so that a route at rest reads as it was rendered.
const (
	gatewayKind   = "Gateway"
	serviceKind   = "Service"
	backendWeight = 1
)

// httpRoutes lead the Shop's hostnames to its page through Gateways. A rule of an HTTPRoute holds for all hostnames of
// the route, so the hostname of the webhooks has a route of its own.
func httpRoutes(shop *v1alpha1.Shop, e Exposure) []Object {
	pages, hooks := gatewayv1ac.HTTPRouteSpec(), gatewayv1ac.HTTPRouteSpec()
	for _, host := range Hosts(shop) {
		spec := pages
		if host.Path != "/" {
			spec = hooks
		}
		spec.WithHostnames(gatewayv1.Hostname(host.Name))
	}
	routes := []Object{httpRoute(shop, e, RouteName(shop.Name), "/", pages)}
	if len(hooks.Hostnames) > 0 {
		routes = append(routes, httpRoute(shop, e, HookRouteName(shop.Name), bundle.HookPath, hooks))
	}
	return routes
}

func httpRoute(shop *v1alpha1.Shop, e Exposure, name, path string, spec *gatewayv1ac.HTTPRouteSpecApplyConfiguration) Object {
	for _, ref := range e.ParentRefs {
		spec.WithParentRefs(parent(shop, ref))
	}
	backend := gatewayv1ac.HTTPBackendRef().
		WithGroup("").
		WithKind(serviceKind).
		WithName(gatewayv1.ObjectName(WorkloadName(shop.Name, bundle.PageComponent))).
		WithPort(pageServicePort).
		WithWeight(backendWeight)
	match := gatewayv1ac.HTTPRouteMatch().WithPath(gatewayv1ac.HTTPPathMatch().
		WithType(gatewayv1.PathMatchPathPrefix).WithValue(path))
	return gatewayv1ac.HTTPRoute(name, shop.Namespace).
		WithLabels(labels(shop.Name)).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(spec.WithRules(gatewayv1ac.HTTPRouteRule().WithMatches(match).WithBackendRefs(backend)))
}

func parent(shop *v1alpha1.Shop, ref v1alpha1.GatewayReference) *gatewayv1ac.ParentReferenceApplyConfiguration {
	out := gatewayv1ac.ParentReference().
		WithGroup(gatewayv1.GroupName).
		WithKind(gatewayKind).
		WithName(gatewayv1.ObjectName(ref.Name)).
		WithNamespace(gatewayv1.Namespace(cmp.Or(ref.Namespace, shop.Namespace)))
	if ref.SectionName != "" {
		out.WithSectionName(gatewayv1.SectionName(ref.SectionName))
	}
	return out
}
