package desired_test

import (
	"net/netip"
	"slices"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/bundle/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/desired"
)

func TestThePageIsOpenToEverybodyAndReachesNothing(t *testing.T) {
	policy := find[networkingv1.NetworkPolicy](t, samples(t)["fjallro"], "NetworkPolicy", "fjallro-page")
	if len(policy.Spec.Egress) != 0 || !slices.Contains(policy.Spec.PolicyTypes, networkingv1.PolicyTypeEgress) {
		t.Errorf("the page may reach %v", policy.Spec.Egress)
	}
	if public := policy.Spec.Ingress[1]; len(public.From) != 0 || public.Ports[0].Port.IntValue() != 8080 {
		t.Errorf("the page is open to %v only", public.From)
	}
}

func TestTheInternalPortIsForTheOperatorAndWhoeverReadsMetrics(t *testing.T) {
	in := samples(t)["linden"]
	in.Platform.Network.MetricsFrom = []networkingv1ac.NetworkPolicyPeerApplyConfiguration{
		*networkingv1ac.NetworkPolicyPeer().WithNamespaceSelector(metav1ac.LabelSelector().WithMatchLabels(map[string]string{"a": "b"})),
	}
	in.Platform.Network.IngressFrom = []networkingv1ac.NetworkPolicyPeerApplyConfiguration{
		*networkingv1ac.NetworkPolicyPeer().WithNamespaceSelector(metav1ac.LabelSelector().WithMatchLabels(map[string]string{"in": "gress"})),
	}
	page := find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-page")
	if from := page.Spec.Ingress[1].From; len(from) != 1 || from[0].NamespaceSelector.MatchLabels["in"] != "gress" {
		t.Errorf("the page is open to %v", from)
	}
	if from := page.Spec.Ingress[0].From; len(from) != 2 ||
		from[0].NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"] != "wismo-system" || from[1].NamespaceSelector.MatchLabels["a"] != "b" {
		t.Errorf("the internal port is open to %v", from)
	}
}

func TestTheRelayIsReachedWhereItStands(t *testing.T) {
	for host, want := range map[string]networkingv1.NetworkPolicyPeer{
		"smtp.fjallro.example":         {IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}},
		"relay.mail.svc":               {NamespaceSelector: selector("mail")},
		"relay.mail.svc.cluster.local": {NamespaceSelector: selector("mail")},
		"relay":                        {NamespaceSelector: selector("linden")},
		"10.1.2.3":                     {IPBlock: &networkingv1.IPBlock{CIDR: "10.1.2.3/32"}},
		"2001:db8::25":                 {IPBlock: &networkingv1.IPBlock{CIDR: "2001:db8::25/128"}},
	} {
		sample := compiletest.Linden(t)
		sample.Platform.HouseRelay.Host = host
		sample.Platform.HouseRelay.Port = 2525
		policy := find[networkingv1.NetworkPolicy](t, input(t, sample), "NetworkPolicy", "linden-notifier")
		i := slices.IndexFunc(policy.Spec.Egress, func(r networkingv1.NetworkPolicyEgressRule) bool { return r.Ports[0].Port.IntValue() == 2525 })
		if i < 0 {
			t.Errorf("%s: its port is closed", host)
			continue
		}
		got := policy.Spec.Egress[i].To[0]
		switch {
		case want.IPBlock != nil && (got.IPBlock == nil || got.IPBlock.CIDR != want.IPBlock.CIDR):
			t.Errorf("%s: reached at %v, want %s", host, got, want.IPBlock.CIDR)
		case want.NamespaceSelector != nil && (got.NamespaceSelector == nil || got.NamespaceSelector.String() != want.NamespaceSelector.String()):
			t.Errorf("%s: reached at %v, want %v", host, got, want.NamespaceSelector)
		}
	}
}

// The host of a mail server stands in a Shop's spec, and who may write a Shop may not thereby open the network.
func TestAShopCannotOpenTheWallByNamingItsMailServer(t *testing.T) {
	for host, open := range map[string]bool{
		"169.254.169.254": false, "10.96.0.1": false, "127.0.0.1": false, "fd00:ec2::254": false, "::ffff:10.96.0.1": false,
		"203.0.113.7": false, "10.9.0.25": true, "198.51.100.25": true, "2001:db8::25": true,
	} {
		in := samples(t)["linden"]
		in.Platform.Network.EgressExcept = []string{"203.0.113.0/24"}
		in.Platform.Network.EgressCIDRs = []string{"10.9.0.0/16"}
		in.Bundle.Document.Email.Type, in.Bundle.Document.Email.Host, in.Bundle.Document.Email.Port = bundle.SMTP, host, 80
		policy := find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier")
		if got := reaches(t, policy, host, 80); got != open {
			t.Errorf("%s is open: %t", host, got)
		}
		in.Bundle.Document.Email.Type = bundle.House
		policy = find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier")
		if !reaches(t, policy, host, 80) {
			t.Errorf("%s is closed, although the platform names it", host)
		}
	}
}

// reaches says whether the policy lets the pods open a connection.
func reaches(t *testing.T, policy networkingv1.NetworkPolicy, host string, port int32) bool {
	t.Helper()
	address := netip.MustParseAddr(host).Unmap()
	within := func(cidr string) bool { return netip.MustParsePrefix(cidr).Contains(address) }
	for _, rule := range policy.Spec.Egress {
		if !slices.ContainsFunc(rule.Ports, func(p networkingv1.NetworkPolicyPort) bool { return p.Port.IntVal == port }) {
			continue
		}
		for _, to := range rule.To {
			if to.IPBlock != nil && within(to.IPBlock.CIDR) && !slices.ContainsFunc(to.IPBlock.Except, within) {
				return true
			}
		}
	}
	return false
}

func TestTheInternetIsNotTheClusterNorTheMetadataService(t *testing.T) {
	in := samples(t)["linden"]
	in.Platform.Network.EgressExcept = []string{"203.0.113.7/32", "2001:db8:1::/48"}
	in.Platform.Network.EgressCIDRs = []string{"10.9.0.0/16"}
	policy := find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier")
	to := policy.Spec.Egress[1].To
	for i, closed := range [][]string{{"10.0.0.0/8", "169.254.0.0/16", "203.0.113.7/32"}, {"fc00::/7", "fe80::/10", "2001:db8:1::/48"}} {
		for _, cidr := range closed {
			if !slices.Contains(to[i].IPBlock.Except, cidr) {
				t.Errorf("%s is open in %s", cidr, to[i].IPBlock.CIDR)
			}
		}
	}
	if to[2].IPBlock.CIDR != "10.9.0.0/16" {
		t.Errorf("the network that the platform opens is closed: %v", to)
	}
}

func TestTheIngressLeadsEveryHostnameToThePage(t *testing.T) {
	sample := compiletest.Fjallro(t)
	sample.Shop.Spec.Exposure.WebhookHostname = "hooks.fjallro.example"
	ingress := find[networkingv1.Ingress](t, input(t, sample), "Ingress", "fjallro")
	var got []string
	for _, r := range ingress.Spec.Rules {
		got = append(got, r.Host+r.HTTP.Paths[0].Path)
	}
	want := []string{"spara.fjallro.example/", "pedido.fjallro.example/", "hooks.fjallro.example/hooks/"}
	if !slices.Equal(got, want) {
		t.Errorf("rules %v, want %v", got, want)
	}
	if *ingress.Spec.IngressClassName != "public" || ingress.Annotations["cert-manager.io/cluster-issuer"] != "letsencrypt" || len(ingress.Spec.TLS[0].Hosts) != 3 {
		t.Errorf("ingress %+v %v", ingress.Spec, ingress.Annotations)
	}
	sample.Shop.Spec.Exposure = &v1alpha1.Exposure{Type: v1alpha1.ExposureNone}
	for _, o := range objectsOf(t, sample) {
		if *o.GetKind() == "Ingress" {
			t.Error("an Ingress nobody asked for")
		}
	}
}

func selector(namespace string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": namespace}}
}

func objectsOf(t *testing.T, sample compile.Input) []desired.Object {
	t.Helper()
	return desired.Objects(input(t, sample))
}
