package config

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"
)

// Network is who may reach what.
type Network struct {
	// IngressFrom are the peers of a NetworkPolicy that may open the page; empty = everybody.
	IngressFrom []networkingv1ac.NetworkPolicyPeerApplyConfiguration `json:"ingressFrom"`
	// PrometheusNamespace may read the metrics of the workloads; empty = nobody.
	PrometheusNamespace string `json:"prometheusNamespace"`
	// EgressCIDRs are private networks that notifiers may reach besides the internet, such as that of the relay.
	EgressCIDRs []string `json:"egressCIDRs"`
	// EgressExcept are public networks that notifiers may not reach, such as that of the API server.
	EgressExcept []string `json:"egressExcept"`
}

func (n Network) validate(p *problems) {
	p.networks("network.egressCIDRs", n.EgressCIDRs)
	p.networks("network.egressExcept", n.EgressExcept)
}

func (p *problems) networks(field string, networks []string) {
	for i, network := range networks {
		_, err := netip.ParsePrefix(network)
		p.check(err == nil, "%s[%d] %q must be a network such as 10.1.0.0/16", field, i, network)
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
