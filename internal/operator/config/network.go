package config

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"
	"k8s.io/utils/ptr"

	"github.com/wismo-dev/wismo/internal/desired"
)

// Network configures which connections the pods of Shops accept and make.
type Network struct {
	// IngressFrom are the peers of a NetworkPolicy that may open the page; empty = every client.
	IngressFrom []networkingv1ac.NetworkPolicyPeerApplyConfiguration `json:"ingressFrom"`
	// PrometheusNamespace may read the metrics of the workloads; empty = none.
	PrometheusNamespace string `json:"prometheusNamespace"`
	// EgressCIDRs are private networks that notifiers may reach besides the internet, such as that of the relay.
	EgressCIDRs []string `json:"egressCIDRs"`
	// EgressExcept are public networks that notifiers may not reach, such as that of the nodes. The API server's own
	// addresses are found out.
	EgressExcept []string `json:"egressExcept"`
	// EgressNamespaces are where a mail or database server that a Shop names may stand, besides the Shop's own namespace.
	EgressNamespaces []string `json:"egressNamespaces"`
	// ClusterDomain is what the names of Services end with: cluster.local by default.
	ClusterDomain string `json:"clusterDomain"`
	// DNS is where the cluster's resolver answers.
	DNS DNS `json:"dns"`
}

// DNS is where the cluster's resolver answers.
type DNS struct {
	// Peers of a NetworkPolicy that are the resolver; empty = the pods k8s-app=kube-dns in kube-system, NodeLocal DNSCache
	// at 169.254.20.10, and the addresses that the operator's own pod is told to ask.
	Peers []networkingv1ac.NetworkPolicyPeerApplyConfiguration `json:"peers"`
	// Ports it answers on, behind its Service; empty = 53.
	Ports []int `json:"ports"`
}

func defaultNetwork() Network { return Network{ClusterDomain: desired.DefaultClusterDomain} }

func (n Network) validate(p *problems) {
	p.networks("network.egressCIDRs", n.EgressCIDRs)
	p.networks("network.egressExcept", n.EgressExcept)
	p.peers("network.ingressFrom", n.IngressFrom)
	p.peers("network.dns.peers", n.DNS.Peers)
	for i, port := range n.DNS.Ports {
		p.port(fmt.Sprintf("network.dns.ports[%d]", i), port, 1)
	}
	for i, name := range n.EgressNamespaces {
		p.named(fmt.Sprintf("network.egressNamespaces[%d]", i), name, validation.IsDNS1123Label(name))
	}
	if n.PrometheusNamespace != "" {
		p.named("network.prometheusNamespace", n.PrometheusNamespace, validation.IsDNS1123Label(n.PrometheusNamespace))
	}
	p.named("network.clusterDomain", n.ClusterDomain, validation.IsDNS1123Subdomain(n.ClusterDomain))
}

// named notes a name that is none, with what the API server would say of it.
func (p *problems) named(field, name string, faults []string) {
	p.check(len(faults) == 0, "%s %q: %s", field, name, strings.Join(faults, "; "))
}

// networks notes what is no network, or cannot be intended: all addresses at once open everything, or close
// everything, and the API server refuses an exception as large as its block.
func (p *problems) networks(field string, networks []string) {
	for i, network := range networks {
		prefix, err := netip.ParsePrefix(network)
		if err != nil {
			p.check(false, "%s[%d] %q must be a network such as 10.1.0.0/16", field, i, network)
			continue
		}
		p.check(prefix == prefix.Masked(), "%s[%d] %q must be the address of the network, which is %s", field, i, network, prefix.Masked())
		p.check(!prefix.Addr().Is4In6(), "%s[%d] %q must be written as an IPv4 network", field, i, network)
		p.check(prefix.Bits() > widest(prefix), "%s[%d] %q must be smaller: it covers the whole internet", field, i, network)
	}
}

// widest returns how many bits the internet itself has fixed: none of IPv4, and three of IPv6 (2000::/3).
func widest(prefix netip.Prefix) int {
	if prefix.Addr().Is4() {
		return 0
	}
	return 3
}

// peers notes what the API server would refuse in every Shop's NetworkPolicy, or what selects other than it seems to.
func (p *problems) peers(field string, peers []networkingv1ac.NetworkPolicyPeerApplyConfiguration) {
	for i, peer := range peers {
		selects := peer.NamespaceSelector != nil || peer.PodSelector != nil
		p.check(selects != (peer.IPBlock != nil), "%s[%d] must have either an ipBlock or selectors", field, i)
		p.check(peer.NamespaceSelector != nil || peer.PodSelector == nil,
			"%s[%d] must have a namespaceSelector: without one, the podSelector selects pods in the namespace of each Shop", field, i)
		if peer.IPBlock == nil {
			continue
		}
		cidr := ptr.Deref(peer.IPBlock.CIDR, "")
		_, err := netip.ParsePrefix(cidr)
		p.check(err == nil, "%s[%d].ipBlock.cidr %q must be a network such as 10.1.0.0/16", field, i, cidr)
	}
}

// MetricsFrom returns the peers that may read metrics.
func (n Network) MetricsFrom() []networkingv1ac.NetworkPolicyPeerApplyConfiguration {
	if n.PrometheusNamespace == "" {
		return nil
	}
	selector := metav1ac.LabelSelector().WithMatchLabels(map[string]string{corev1.LabelMetadataName: n.PrometheusNamespace})
	return []networkingv1ac.NetworkPolicyPeerApplyConfiguration{*networkingv1ac.NetworkPolicyPeer().WithNamespaceSelector(selector)}
}
