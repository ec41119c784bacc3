package desired

import (
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"

	"github.com/wismo-dev/wismo/internal/bundle"
)

type (
	peer = networkingv1ac.NetworkPolicyPeerApplyConfiguration
	port = networkingv1ac.NetworkPolicyPortApplyConfiguration
)

// Not the internet: private, shared, loopback and link-local addresses, and so the cluster, its nodes and the cloud's
// metadata service. Sources: RFC 1918, 6598, 1122, 3927, 4193, 4291.
var (
	privateIPv4 = []string{"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}
	privateIPv6 = []string{"::1/128", "fc00::/7", "fe80::/10"}
)

// httpsPort is where carriers and shop systems answer.
const httpsPort = 443

// networkPolicy isolates one component: shoppers and senders reach only the page, and the page, the part that faces
// them, reaches nothing at all. Both workloads meet on the Shop's volume, so neither needs to reach the other.
func networkPolicy(in Input, w workload) Object {
	shop := in.Shop
	network := in.Platform.Network
	spec := networkingv1ac.NetworkPolicySpec().
		WithPodSelector(metav1ac.LabelSelector().WithMatchLabels(selectorLabels(shop.Name, w))).
		WithPolicyTypes(networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress).
		WithIngress(networkingv1ac.NetworkPolicyIngressRule().
			WithPorts(tcp(bundle.InternalPort)).
			WithFrom(namespace(in.Platform.OperatorNamespace)).
			WithFrom(pointers(network.MetricsFrom)...))
	if w.component == bundle.PageComponent {
		spec.WithIngress(networkingv1ac.NetworkPolicyIngressRule().
			WithPorts(tcp(bundle.PagePort)).
			WithFrom(pointers(network.IngressFrom)...))
	} else {
		spec.WithEgress(dns()).WithEgress(notifierEgress(in)...)
	}
	return networkingv1ac.NetworkPolicy(WorkloadName(shop.Name, w.component), shop.Namespace).
		WithLabels(workloadLabels(shop.Name, w)).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(spec)
}

// notifierEgress is the internet on HTTPS, and the mail relay wherever it stands.
func notifierEgress(in Input) []*networkingv1ac.NetworkPolicyEgressRuleApplyConfiguration {
	network := in.Platform.Network
	internet := internet(network)
	rules := []*networkingv1ac.NetworkPolicyEgressRuleApplyConfiguration{
		networkingv1ac.NetworkPolicyEgressRule().WithPorts(tcp(httpsPort)).WithTo(internet...),
	}
	mail := in.Bundle.Document.Email
	if mail.Host == "" || mail.Port == 0 {
		return rules
	}
	return append(rules, networkingv1ac.NetworkPolicyEgressRule().
		WithPorts(tcp(mail.Port)).
		WithTo(relay(mail, in.Shop.Namespace, network, internet)...))
}

// relay says where a mail server stands: in a namespace of this cluster when its name is that of a Service, at one
// address when it is one, else somewhere on the internet, because a NetworkPolicy knows no names. A policy is applied
// behind the Service, so a relay in the cluster must listen on the port by which it is named. An address that is not of
// the internet is opened by the platform alone: as its own relay's, or by EgressCIDRs.
func relay(mail bundle.Email, shopNamespace string, network Network, internet []*peer) []*peer {
	if addr, err := netip.ParseAddr(mail.Host); err == nil {
		addr = addr.Unmap()
		if mail.Type != bundle.House && closed(addr, network) {
			return internet
		}
		return []*peer{block(netip.PrefixFrom(addr, addr.BitLen()).String(), nil)}
	}
	switch labels := strings.Split(mail.Host, "."); {
	case len(labels) == 1:
		return []*peer{namespace(shopNamespace)}
	case len(labels) >= 3 && labels[2] == "svc":
		return []*peer{namespace(labels[1])}
	default:
		return internet
	}
}

// closed says whether the address is none of the internet, or one that the platform keeps from notifiers.
func closed(addr netip.Addr, n Network) bool {
	return slices.ContainsFunc(slices.Concat(privateIPv4, privateIPv6, n.EgressExcept), func(cidr string) bool {
		network, err := netip.ParsePrefix(cidr)
		return err == nil && network.Contains(addr)
	})
}

func internet(n Network) []*peer {
	var v4, v6 []string
	for _, cidr := range n.EgressExcept {
		if strings.Contains(cidr, ":") {
			v6 = append(v6, cidr)
		} else {
			v4 = append(v4, cidr)
		}
	}
	peers := []*peer{
		block("0.0.0.0/0", append(append([]string{}, privateIPv4...), v4...)),
		block("::/0", append(append([]string{}, privateIPv6...), v6...)),
	}
	for _, cidr := range n.EgressCIDRs {
		peers = append(peers, block(cidr, nil))
	}
	return peers
}

// dns is open wherever the cluster's resolver stands: in kube-system, or on the node itself.
func dns() *networkingv1ac.NetworkPolicyEgressRuleApplyConfiguration {
	udp := networkingv1ac.NetworkPolicyPort().WithProtocol(corev1.ProtocolUDP).WithPort(intstr.FromInt32(53))
	return networkingv1ac.NetworkPolicyEgressRule().WithPorts(udp, tcp(53))
}

func tcp(number int) *port {
	return networkingv1ac.NetworkPolicyPort().WithProtocol(corev1.ProtocolTCP).WithPort(intstr.FromInt(number))
}

func block(cidr string, except []string) *peer {
	return networkingv1ac.NetworkPolicyPeer().WithIPBlock(networkingv1ac.IPBlock().WithCIDR(cidr).WithExcept(except...))
}

// namespace is every pod of a namespace, by the label that nobody but the API server sets.
func namespace(name string) *peer {
	return networkingv1ac.NetworkPolicyPeer().WithNamespaceSelector(
		metav1ac.LabelSelector().WithMatchLabels(map[string]string{corev1.LabelMetadataName: name}))
}

func pointers[T any](values []T) []*T {
	all := make([]*T, len(values))
	for i := range values {
		all[i] = &values[i]
	}
	return all
}
