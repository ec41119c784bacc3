package routes

import (
	"context"
	"testing"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

func linden() *v1alpha1.Shop {
	return &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "linden"}, Spec: v1alpha1.ShopSpec{Hostname: "track.linden.example"},
	}
}

func ingress() *networkingv1.Ingress {
	return &networkingv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: desired.RouteName("linden")},
		Spec:       networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{{Host: "track.linden.example"}}},
		Status: networkingv1.IngressStatus{LoadBalancer: networkingv1.IngressLoadBalancerStatus{
			Ingress: []networkingv1.IngressLoadBalancerIngress{{IP: "203.0.113.7"}},
		}},
	}
}

// routesWith returns in a cluster without the Gateway API.
func routesWith(t *testing.T, platform v1alpha1.ExposureType, objects ...client.Object) Routes {
	t.Helper()
	kube := inmemory.NewClientBuilder(t, objects...).Build()
	gateways := &Gateways{}
	return Routes{
		Cached: gateways.Reader(kube), Live: kube, Gateways: gateways,
		Platform: func() desired.Exposure { return desired.Exposure{Type: platform} },
	}
}

func domains(r Routes, check bool) Domains {
	return Domains{
		Routes: r, Prober: dnscheck.New(func(context.Context, dnscheck.Target) []dnscheck.Result { return nil }),
		Settings: func() dnscheck.Settings { return dnscheck.Settings{Check: check} },
	}
}

func TestARouteThatTheClusterCannotTakeIsNamed(t *testing.T) {
	if reason, _, possible := routesWith(t, v1alpha1.ExposureGateway).Possible(linden()); possible || reason != v1alpha1.ReasonGatewayAPIMissing {
		t.Errorf("without the Gateway API: %t %s", possible, reason)
	}
	if _, _, possible := routesWith(t, v1alpha1.ExposureIngress).Possible(linden()); !possible {
		t.Error("an Ingress is always possible")
	}
}

func TestARouteLeadsTheHostnamesThatItNames(t *testing.T) {
	r := routesWith(t, v1alpha1.ExposureIngress, ingress())
	for hostname, want := range map[string]bool{"track.linden.example": true, "other.example": false} {
		if leads, err := r.HasRoute(t.Context(), client.ObjectKeyFromObject(linden()), hostname); err != nil || leads != want {
			t.Errorf("%s: %t, %v", hostname, leads, err)
		}
	}
}

func TestWhatIsSaidOfAHostname(t *testing.T) {
	settled := linden()
	settled.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionDomainReady, LastTransitionTime: metav1.NewTime(time.Unix(1, 0))}}
	for name, tc := range map[string]struct {
		routes Routes
		check  bool
		shop   *v1alpha1.Shop
		reason string // "" = nothing new
	}{
		"somebody else leads it":                {routesWith(t, v1alpha1.ExposureNone), true, linden(), v1alpha1.ReasonNotNeeded},
		"the route has not been created yet":    {routesWith(t, v1alpha1.ExposureIngress), false, linden(), v1alpha1.ReasonNotYetObserved},
		"the platform does not look":            {routesWith(t, v1alpha1.ExposureIngress, ingress()), false, linden(), v1alpha1.ReasonNotNeeded},
		"the operator has just started":         {routesWith(t, v1alpha1.ExposureIngress, ingress()), true, settled, ""},
		"it is new and nobody has looked at it": {routesWith(t, v1alpha1.ExposureIngress, ingress()), true, linden(), v1alpha1.ReasonNotYetObserved},
	} {
		seen, news, err := domains(tc.routes, tc.check).Look(t.Context(), tc.shop)
		if err != nil || news != (tc.reason != "") || seen.Domain.Reason != tc.reason {
			t.Errorf("%s: %t %+v %v, want %q", name, news, seen.Domain, err, tc.reason)
		}
	}
}
