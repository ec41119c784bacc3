package desired_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
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
		from[0].NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"] != "wismo-system" || from[0].PodSelector.MatchLabels["app.kubernetes.io/component"] != "manager" || from[1].NamespaceSelector.MatchLabels["a"] != "b" {
		t.Errorf("the internal port is open to %v", from)
	}
}

func TestTheRelayIsReachedWhereItStands(t *testing.T) {
	for host, want := range map[string]networkingv1.NetworkPolicyPeer{
		"smtp.fjallro.example":         {IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}},
		"relay.mail":                   {IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}},
		"relay.mail.svc.example":       {IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}},
		"relay.mail.svc":               {NamespaceSelector: selector("mail")},
		"relay.mail.svc.cluster.local": {NamespaceSelector: selector("mail")},
		"Relay.Mail.svc.Cluster.Local": {NamespaceSelector: selector("mail")},
		"mx-0.relay.mail.svc":          {NamespaceSelector: selector("mail")},
		"relay":                        {NamespaceSelector: selector("linden")},
		"10.1.2.3":                     {IPBlock: &networkingv1.IPBlock{CIDR: "10.1.2.3/32"}},
		"::ffff:10.1.2.3":              {IPBlock: &networkingv1.IPBlock{CIDR: "10.1.2.3/32"}},
		"2606:4700::25":                {IPBlock: &networkingv1.IPBlock{CIDR: "2606:4700::25/128"}},
	} {
		sample := compiletest.Linden(t)
		sample.Platform.HouseRelay.Host = host
		sample.Platform.HouseRelay.Port = 2525
		policy := find[networkingv1.NetworkPolicy](t, input(t, sample), "NetworkPolicy", "linden-notifier")
		rule := exitAt(policy, 2525)
		if rule == nil {
			t.Errorf("%s: its port is closed", host)
			continue
		}
		got := rule.To[0]
		switch {
		case want.IPBlock != nil && (got.IPBlock == nil || got.IPBlock.CIDR != want.IPBlock.CIDR):
			t.Errorf("%s: reached at %v, want %s", host, got, want.IPBlock.CIDR)
		case want.NamespaceSelector != nil && (got.NamespaceSelector == nil || got.NamespaceSelector.String() != want.NamespaceSelector.String()):
			t.Errorf("%s: reached at %v, want %v", host, got, want.NamespaceSelector)
		}
	}
}

// exitAt returns the egress rule about a port, or nil.
func exitAt(policy networkingv1.NetworkPolicy, port int) *networkingv1.NetworkPolicyEgressRule {
	for i, rule := range policy.Spec.Egress {
		if rule.Ports[0].Port.IntValue() == port {
			return &policy.Spec.Egress[i]
		}
	}
	return nil
}

// mailsThrough returns a Shop that names its own mail server.
func mailsThrough(t *testing.T, host string) desired.Input {
	t.Helper()
	in := samples(t)["linden"]
	in.Bundle.Document.Email.Type, in.Bundle.Document.Email.Host, in.Bundle.Document.Email.Port = bundle.SMTP, host, 2525
	return in
}

// The host of a mail server stands in a Shop's spec, and who may write a Shop may not thereby open the network.
func TestAShopCannotOpenTheWallByNamingItsMailServer(t *testing.T) {
	for host, open := range map[string]bool{
		"169.254.169.254": false, "10.96.0.1": false, "127.0.0.1": false, "0.0.0.0": false, "192.0.0.8": false, "198.18.0.1": false,
		"224.0.0.251": false, "255.255.255.255": false, "fd00:ec2::254": false, "::ffff:10.96.0.1": false, "ff02::fb": false,
		"64:ff9b::a60:1": false, "2002:a60:1::1": false, "fe80::1": false, "::1": false,
		"8.8.4.4": false, "34.1.2.3": false, "10.9.0.25": true, "1.1.1.1": true, "2606:4700::25": true,
	} {
		in := mailsThrough(t, host)
		in.Platform.Network.EgressExcept = []string{"8.8.4.0/24"}
		in.Platform.Network.APIServer = []string{"34.1.2.3/32"}
		in.Platform.Network.EgressCIDRs = []string{"10.9.0.0/16"}
		policy := find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier")
		if got := reaches(policy, host, 2525); got != open {
			t.Errorf("%s is open: %t", host, got)
		}
		if told := desired.Closed(in); (told == "") != open {
			t.Errorf("%s is open: %t, and the Shop is told %q", host, open, told)
		}
		in.Bundle.Document.Email.Type = bundle.House
		policy = find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier")
		if !reaches(policy, host, 2525) {
			t.Errorf("%s is closed, although the platform names it", host)
		}
	}
}

func TestAShopReachesNoOtherNamespaceThanThePlatformOpens(t *testing.T) {
	for host, open := range map[string]bool{
		"relay.linden.svc": true, "relay": true, "relay.data.svc": true, "relay.mail.svc": false, "relay.mail.svc.cluster.local": false,
		"relay.mail.svc.house.example": false, "a.b.c.kube-system.svc": false,
	} {
		in := mailsThrough(t, host)
		in.Platform.Network.EgressNamespaces = []string{"data"}
		if strings.HasSuffix(host, "house.example") {
			in.Platform.Network.ClusterDomain = "house.example"
		}
		policy := find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier")
		rule := exitAt(policy, 2525)
		if (rule != nil) != open {
			t.Errorf("%s is open: %t", host, rule != nil)
		}
		if told := desired.Closed(in); (told == "") != open {
			t.Errorf("%s is open: %t, and the Shop is told %q", host, open, told)
		}
		if rule != nil && len(rule.To) == 0 {
			t.Errorf("%s: a rule without a peer is open to everybody", host)
		}
	}
}

// onPostgreSQL returns a Shop whose orders are in a database server.
func onPostgreSQL(t *testing.T, host string, page *v1alpha1.Page) desired.Input {
	t.Helper()
	in := samples(t)["linden"]
	in.Bundle.Document.Storage.Type = bundle.PostgreSQL
	in.Shop.Spec.Storage = &v1alpha1.Storage{Type: v1alpha1.StoragePostgreSQL, PostgreSQL: &v1alpha1.PostgreSQLStorage{Host: v1alpha1.Host(host)}}
	in.Shop.Spec.Page = page
	return in
}

func TestBothWorkloadsReachTheirDatabaseAndThePageNothingElse(t *testing.T) {
	in := onPostgreSQL(t, "pg-rw.data.svc", nil)
	in.Platform.Network.EgressNamespaces = []string{"data"}
	for _, name := range []string{"linden-page", "linden-notifier"} {
		policy := find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", name)
		rule := exitAt(policy, 5432)
		if rule == nil || rule.To[0].NamespaceSelector.String() != selector("data").String() {
			t.Errorf("%s reaches its database at %v", name, rule)
		}
		if exitAt(policy, 53) == nil {
			t.Errorf("%s cannot resolve the name of its database", name)
		}
		if name == "linden-page" && len(policy.Spec.Egress) != 2 {
			t.Errorf("the page reaches %v", policy.Spec.Egress)
		}
	}
}

func TestDNSIsOpenToTheResolverAndNobodyElse(t *testing.T) {
	in := samples(t)["linden"]
	in.Platform.Network.DNS.Resolvers = []netip.Addr{netip.MustParseAddr("10.96.0.10")}
	rule := exitAt(find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier"), 53)
	if rule == nil || len(rule.To) != 3 || rule.To[0].PodSelector.MatchLabels["k8s-app"] != "kube-dns" ||
		rule.To[0].NamespaceSelector.String() != selector("kube-system").String() ||
		rule.To[1].IPBlock.CIDR != "169.254.20.10/32" || rule.To[2].IPBlock.CIDR != "10.96.0.10/32" {
		t.Errorf("DNS is open to %v", rule)
	}
	in.Platform.Network.DNS = desired.DNS{Ports: []int{5353}, Peers: []networkingv1ac.NetworkPolicyPeerApplyConfiguration{
		*networkingv1ac.NetworkPolicyPeer().WithNamespaceSelector(metav1ac.LabelSelector().WithMatchLabels(map[string]string{"dns": "here"})),
	}}
	rule = exitAt(find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier"), 5353)
	if rule == nil || len(rule.To) != 1 || rule.To[0].NamespaceSelector.MatchLabels["dns"] != "here" {
		t.Errorf("DNS is open to %v", rule)
	}
}

// Whatever runs in a pod of a Shop, an init or an ephemeral container too, is behind one policy that closes both directions.
func TestEveryPodIsIsolatedInBothDirectionsBeforeItExists(t *testing.T) {
	for name, in := range samples(t) {
		var policies []networkingv1.NetworkPolicy
		for _, o := range desired.Objects(in) {
			switch *o.GetKind() {
			case "NetworkPolicy":
				policies = append(policies, find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", *o.GetName()))
			case "Deployment":
				pod := find[deployment](t, in, "Deployment", *o.GetName()).Spec.Template
				isolating := slices.ContainsFunc(policies, func(p networkingv1.NetworkPolicy) bool {
					selects, err := metav1.LabelSelectorAsSelector(&p.Spec.PodSelector)
					return err == nil && selects.Matches(labels.Set(pod.Labels)) && len(p.Spec.PolicyTypes) == 2
				})
				if !isolating {
					t.Errorf("%s: no policy applied before it isolates the pods of %s", name, *o.GetName())
				}
			}
		}
	}
}

// reaches reports whether the policy lets the pods open a connection.
func reaches(policy networkingv1.NetworkPolicy, host string, port int32) bool {
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
	in.Platform.Network.EgressExcept = []string{"9.9.9.9/32", "2620:fe::/48", "10.0.0.0/8", "fd00::/8"}
	in.Platform.Network.APIServer = []string{"34.1.2.3/32", "10.9.0.1/32", "2a00::1/128"}
	in.Platform.Network.EgressCIDRs = []string{"10.9.0.0/16"}
	policy := find[networkingv1.NetworkPolicy](t, in, "NetworkPolicy", "linden-notifier")
	for host, open := range map[string]bool{
		"1.1.1.1": true, "2606:4700::1": true, "10.9.0.2": true,
		"9.9.9.9": false, "2620:fe::fe": false, "34.1.2.3": false, "10.9.0.1": false, "2a00::1": false,
		"10.96.0.1": false, "169.254.169.254": false, "fd00:ec2::254": false, "192.0.0.192": false, "100.100.100.200": false,
	} {
		if got := reaches(policy, host, 443); got != open {
			t.Errorf("%s is open: %t", host, got)
		}
	}
	// The API server refuses an exception that is not inside its block, and so would every Shop be refused.
	for _, to := range exitAt(policy, 443).To {
		outer := netip.MustParsePrefix(to.IPBlock.CIDR)
		for _, except := range to.IPBlock.Except {
			inner := netip.MustParsePrefix(except)
			if inner.Bits() <= outer.Bits() || !outer.Contains(inner.Addr()) {
				t.Errorf("%s is not inside %s", inner, outer)
			}
		}
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
	if *ingress.Spec.IngressClassName != "public" || ingress.Annotations["cert-manager.io/cluster-issuer"] != "letsencrypt" || len(ingress.Spec.TLS) != 3 {
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
