package hostnames

import (
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// configured restarts the operator with more said in its file, for the rest of the test.
func configured(t *testing.T, more string) {
	t.Helper()
	suite.Configure(t, suite.Configuration+more)
	suite.Restart(t)
	t.Cleanup(func() {
		suite.Configure(t, suite.Configuration)
		suite.Restart(t)
	})
}

// balance lets the load balancer of an Ingress have an address, as its controller does.
func balance(t *testing.T, shop *v1alpha1.Shop, address string) {
	t.Helper()
	suite.Eventually(t, "the Ingress gets an address", func() error {
		ingress := &networkingv1.Ingress{}
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), ingress); err != nil {
			return err
		}
		ingress.Status.LoadBalancer.Ingress = []networkingv1.IngressLoadBalancerIngress{{IP: address}}
		return suite.Kube.Status().Update(t.Context(), ingress)
	})
}

func TestTheStatusSaysWhichRecordToMakeAndThatItIsThere(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.Internet.Say(shop.Spec.Hostname, &dnscheck.Result{DNS: v1alpha1.DNSRecordMissing})
	suite.ReadyShop(t, shop)
	balance(t, shop, "203.0.113.10")
	suite.Eventually(t, "the record to make is told", func() error {
		c := suite.WantCondition(t, shop, v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing)
		want := v1alpha1.DNSRecord{Name: string(shop.Spec.Hostname), Type: "A", Value: "203.0.113.10", State: v1alpha1.DNSRecordMissing}
		if shop.Status.DNS == nil || !slices.Equal(shop.Status.DNS.Records, []v1alpha1.DNSRecord{want}) || !strings.Contains(c.Message, "create A 203.0.113.10") {
			return fmt.Errorf("status.dns is %v, the message %q", shop.Status.DNS, c.Message)
		}
		return nil
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionOperational, metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)

	suite.Internet.Say(shop.Spec.Hostname, &dnscheck.Result{
		DNS: v1alpha1.DNSRecordFound, Answers: []netip.Addr{netip.MustParseAddr("203.0.113.11")}, Certificate: dnscheck.Untrusted,
	})
	balance(t, shop, "203.0.113.11") // another address is looked at at once
	suite.WantCondition(t, shop, v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonCertificateFailed)
	suite.Internet.Say(shop.Spec.Hostname, nil)
	balance(t, shop, "203.0.113.12")
	suite.WantCondition(t, shop, v1alpha1.ConditionDomainReady, metav1.ConditionTrue, v1alpha1.ReasonReachable)
	if shop.Status.DNS.Records[0].State != v1alpha1.DNSRecordFound {
		t.Errorf("status.dns is %v", shop.Status.DNS)
	}
}

func TestARestartedOperatorDoesNotTakeBackWhatWasSeen(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.Internet.Say(shop.Spec.Hostname, &dnscheck.Result{DNS: v1alpha1.DNSRecordUnknown})
	t.Cleanup(func() { suite.Internet.Say(shop.Spec.Hostname, nil) })
	suite.ReadyShop(t, shop)
	suite.WantCondition(t, shop, v1alpha1.ConditionDomainReady, metav1.ConditionUnknown, v1alpha1.ReasonUnknown)
	suite.Settled(t)
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
		t.Fatal(err)
	}
	before := shop.ResourceVersion
	suite.Restart(t)
	suite.Settled(t)
	suite.WantCondition(t, shop, v1alpha1.ConditionDomainReady, metav1.ConditionUnknown, v1alpha1.ReasonUnknown)
	if shop.ResourceVersion != before {
		t.Error("a restart wrote the status")
	}
}

func TestAPlatformThatDoesNotLookKnowsNothingMissing(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.Internet.Say(shop.Spec.Hostname, &dnscheck.Result{DNS: v1alpha1.DNSRecordMissing})
	suite.ReadyShop(t, shop)
	suite.WantCondition(t, shop, v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing)
	configured(t, "exposure: {checkDomains: Disabled}\n")
	suite.WantCondition(t, shop, v1alpha1.ConditionDomainReady, metav1.ConditionTrue, v1alpha1.ReasonNotNeeded)
	if shop.Status.DNS != nil {
		t.Errorf("status.dns is %v", shop.Status.DNS)
	}
}

func TestAShopWhoseHostnameIsRoutedOutsideWismoMissesNothing(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.Internet.Say(shop.Spec.Hostname, &dnscheck.Result{DNS: v1alpha1.DNSRecordMissing})
	shop.Spec.Exposure = &v1alpha1.Exposure{Type: v1alpha1.ExposureNone}
	suite.ReadyShop(t, shop)
	suite.WantCondition(t, shop, v1alpha1.ConditionDomainReady, metav1.ConditionTrue, v1alpha1.ReasonNotNeeded)
	if held := suite.Claims(t, shop.Namespace); len(held) != 1 {
		t.Errorf("without a route of ours, too, the hostname is claimed; held are %v", held)
	}
}

// gatewayShop leads its hostname through the Gateway "own" of its namespace.
func gatewayShop(namespace string) *v1alpha1.Shop {
	shop := suite.MinimalShop(namespace)
	shop.Spec.Exposure = &v1alpha1.Exposure{
		Type: v1alpha1.ExposureGateway, Gateway: &v1alpha1.GatewayExposure{ParentRefs: []v1alpha1.GatewayReference{{Name: "own"}}},
	}
	return shop
}

// installGatewayAPI lets the cluster have the Gateway API from now on.
func installGatewayAPI(t *testing.T) {
	t.Helper()
	module, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/gateway-api").Output()
	if err != nil {
		t.Fatalf("finding the definitions of the Gateway API: %v", err)
	}
	var files []string
	for _, kind := range []string{"httproutes", "gateways"} {
		files = append(files, filepath.Join(strings.TrimSpace(string(module)), "config", "crd", "standard", "gateway.networking.k8s.io_"+kind+".yaml"))
	}
	if _, err := envtest.InstallCRDs(suite.Cluster.Config, envtest.CRDInstallOptions{Paths: files, ErrorIfPathMissing: true}); err != nil {
		t.Fatal(err)
	}
}

// route waits until there is an HTTPRoute.
func route(t *testing.T, shop *v1alpha1.Shop, suffix string) *gatewayv1.HTTPRoute {
	t.Helper()
	route := &gatewayv1.HTTPRoute{}
	suite.Eventually(t, "the HTTPRoute is there", func() error {
		return suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + suffix}, route)
	})
	return route
}

// wantGone waits until there is no such object.
func wantGone(t *testing.T, object client.Object, namespace, name string) {
	t.Helper()
	suite.Eventually(t, fmt.Sprintf("%T %s is gone", object, name), func() error {
		err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, object)
		if err == nil || client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("it is there (%w)", err)
		}
		return nil
	})
}

// answer lets the Gateway's controller say something of a route.
func answer(t *testing.T, shop *v1alpha1.Shop, accepted metav1.ConditionStatus, reason, message string) {
	t.Helper()
	suite.Eventually(t, "the Gateway answers", func() error {
		r := route(t, shop, "")
		condition := func(kind gatewayv1.RouteConditionType, status metav1.ConditionStatus, reason, message string) metav1.Condition {
			return metav1.Condition{Type: string(kind), Status: status, Reason: reason, Message: message, ObservedGeneration: r.Generation, LastTransitionTime: metav1.Now()}
		}
		r.Status.Parents = []gatewayv1.RouteParentStatus{{
			ParentRef: r.Spec.ParentRefs[0], ControllerName: "example.com/gateway",
			Conditions: []metav1.Condition{
				condition(gatewayv1.RouteConditionAccepted, accepted, reason, message),
				condition(gatewayv1.RouteConditionResolvedRefs, metav1.ConditionTrue, "ResolvedRefs", ""),
			},
		}}
		return suite.Kube.Status().Update(t.Context(), r)
	})
}

// stand lets a Gateway have an address, as its controller does.
func stand(t *testing.T, gateway *gatewayv1.Gateway, address string) {
	t.Helper()
	kind := gatewayv1.HostnameAddressType
	if _, err := netip.ParseAddr(address); err == nil {
		kind = gatewayv1.IPAddressType
	}
	edited := gateway.DeepCopy()
	edited.Status.Addresses = []gatewayv1.GatewayStatusAddress{{Type: &kind, Value: address}}
	if err := suite.Kube.Status().Patch(t.Context(), edited, client.MergeFrom(gateway)); err != nil {
		t.Fatal(err)
	}
	*gateway = *edited
}

// One story, because the Gateway API comes only once to the one cluster of these tests.
func TestAShopWaitsForTheGatewayAPIAndFollowsItsGateway(t *testing.T) {
	moving := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, moving)
	suite.Edit(t, moving, func(s *v1alpha1.Shop) { s.Spec.Exposure = gatewayShop(s.Namespace).Spec.Exposure })
	c := suite.WantCondition(t, moving, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonGatewayAPIMissing)
	suite.WantCondition(t, moving, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonGatewayAPIMissing)
	if !strings.Contains(c.Message, "spec.exposure.type") {
		t.Errorf("the message names no next step: %s", c.Message)
	}
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(moving), &networkingv1.Ingress{}); err != nil {
		t.Errorf("the old route does not serve on: %v", err)
	}

	installGatewayAPI(t)
	page := route(t, moving, "")
	if len(page.Spec.Hostnames) != 1 || page.Spec.Hostnames[0] != gatewayv1.Hostname(moving.Spec.Hostname) {
		t.Errorf("the route leads %v", page.Spec.Hostnames)
	}
	wantGone(t, &networkingv1.Ingress{}, moving.Namespace, moving.Name)
	suite.WantCondition(t, moving, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)

	c = suite.WantCondition(t, moving, v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonRouteNotAccepted)
	if !strings.Contains(c.Message, moving.Namespace+"/own does not exist") {
		t.Errorf("the message does not name the Gateway: %s", c.Message)
	}
	gateway := &gatewayv1.Gateway{
		ObjectMeta: metav1.ObjectMeta{Namespace: moving.Namespace, Name: "own"},
		Spec: gatewayv1.GatewaySpec{GatewayClassName: "example", Listeners: []gatewayv1.Listener{
			{Name: "http", Protocol: gatewayv1.HTTPProtocolType, Port: 80},
		}},
	}
	suite.Create(t, gateway)
	suite.WantCondition(t, moving, v1alpha1.ConditionDomainReady, metav1.ConditionUnknown, v1alpha1.ReasonNotYetObserved)
	answer(t, moving, metav1.ConditionFalse, "NotAllowedByListeners", "no listener admits this namespace")
	c = suite.WantCondition(t, moving, v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonRouteNotAccepted)
	if !strings.Contains(c.Message, "no listener admits this namespace") {
		t.Errorf("the message does not quote the Gateway: %s", c.Message)
	}
	answer(t, moving, metav1.ConditionTrue, "Accepted", "")
	suite.Internet.Say(moving.Spec.Hostname, &dnscheck.Result{DNS: v1alpha1.DNSRecordMissing})
	stand(t, gateway, "lb.platform.example")
	suite.Eventually(t, "the record for the Gateway's address is told", func() error {
		suite.WantCondition(t, moving, v1alpha1.ConditionDomainReady, metav1.ConditionFalse, v1alpha1.ReasonDNSRecordMissing)
		if moving.Status.DNS == nil || moving.Status.DNS.Records[0].Type != "CNAME" || moving.Status.DNS.Records[0].Value != "lb.platform.example" {
			return fmt.Errorf("status.dns is %v", moving.Status.DNS)
		}
		return nil
	})
	suite.Internet.Say(moving.Spec.Hostname, nil)
	stand(t, gateway, "203.0.113.20")
	suite.WantCondition(t, moving, v1alpha1.ConditionDomainReady, metav1.ConditionTrue, v1alpha1.ReasonReachable)

	t.Run("a hostname for webhooks has a route of its own", func(t *testing.T) { hooksApart(t, moving) })
	t.Run("a change by hand is taken back", func(t *testing.T) { handEdited(t, moving) })
	t.Run("at rest nothing is written", func(t *testing.T) { atRest(t, moving) })
	t.Run("a deleted Shop's hostname is free once its HTTPRoute is gone", func(t *testing.T) { left(t, moving) })
	t.Run("and the way back", func(t *testing.T) { wayBack(t, moving) })
}

func hooksApart(t *testing.T, moving *v1alpha1.Shop) {
	t.Helper()
	suite.Edit(t, moving, func(s *v1alpha1.Shop) { s.Spec.Exposure.WebhookHostname = "hooks." + s.Spec.Hostname })
	if path := *route(t, moving, ".hooks").Spec.Rules[0].Matches[0].Path.Value; path != "/hooks/" {
		t.Errorf("at the hostname for webhooks %s is served", path)
	}
	if held := suite.Claims(t, moving.Namespace); len(held) != 2 {
		t.Errorf("held are %v", held)
	}
	suite.Edit(t, moving, func(s *v1alpha1.Shop) { s.Spec.Exposure.WebhookHostname = "" })
	wantGone(t, &gatewayv1.HTTPRoute{}, moving.Namespace, moving.Name+".hooks")
	suite.Eventually(t, "its claim is freed", func() error {
		if held := suite.Claims(t, moving.Namespace); len(held) != 1 {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
}

func handEdited(t *testing.T, moving *v1alpha1.Shop) {
	t.Helper()
	edited := route(t, moving, "")
	edited.Spec.Hostnames = append(edited.Spec.Hostnames, "stolen.example")
	if err := suite.Kube.Update(t.Context(), edited); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "the route is as before", func() error {
		if names := route(t, moving, "").Spec.Hostnames; len(names) != 1 {
			return fmt.Errorf("it leads %v", names)
		}
		return nil
	})
}

func atRest(t *testing.T, moving *v1alpha1.Shop) {
	t.Helper()
	suite.Settled(t)
	before := route(t, moving, "").ResourceVersion
	suite.Restart(t)
	suite.Settled(t)
	if route(t, moving, "").ResourceVersion != before {
		t.Error("the route was written")
	}
}

func left(t *testing.T, _ *v1alpha1.Shop) {
	t.Helper()
	leaving := gatewayShop(suite.InNamespace(t))
	suite.ReadyShop(t, leaving)
	if err := suite.Kube.Delete(t.Context(), leaving); err != nil {
		t.Fatal(err)
	}
	suite.Settled(t)
	if held := suite.Claims(t, leaving.Namespace); len(held) != 1 {
		t.Errorf("the hostname was freed while its route was there: %v", held)
	}
	if err := suite.Kube.Delete(t.Context(), route(t, leaving, "")); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "the hostname is free", func() error {
		if held := suite.Claims(t, leaving.Namespace); len(held) != 0 {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
}

func wayBack(t *testing.T, moving *v1alpha1.Shop) {
	t.Helper()
	suite.Edit(t, moving, func(s *v1alpha1.Shop) { s.Spec.Exposure = nil })
	wantGone(t, &gatewayv1.HTTPRoute{}, moving.Namespace, moving.Name)
	suite.WantCondition(t, moving, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(moving), &networkingv1.Ingress{}); err != nil {
		t.Error(err)
	}
}

func TestAPlatformGrantsHostnamesBySuffix(t *testing.T) {
	ns := suite.InNamespace(t)
	configured(t, "exposure: {grants: [{namespaces: [\"*\"], suffixes: [\"{namespace}.shops.platform.example\"]}, {namespaces: [secret-tenant], suffixes: [granted.example]}]}\n")
	shop := suite.MinimalShop(ns)
	shop.Spec.Hostname = "track.granted.example"
	suite.Create(t, shop)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionHostnameAccepted, metav1.ConditionFalse, v1alpha1.ReasonHostnameNotGranted)
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameNotGranted)
	if strings.Contains(c.Message, "secret-tenant") || strings.Contains(c.Message, "shops.platform.example") {
		t.Errorf("the message names what others are granted: %s", c.Message)
	}
	if held := suite.Claims(t, ns); len(held) != 0 {
		t.Errorf("held are %v", held)
	}
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Hostname = v1alpha1.Hostname("track." + ns + ".shops.platform.example") })
	suite.RollOut(t, ns)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}
