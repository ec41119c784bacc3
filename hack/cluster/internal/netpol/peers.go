package netpol

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// peers is the other side of a rule.
type peers struct {
	all    bool // the rule names no peer, which means all
	pods   []*corev1.Pod
	blocks []networkingv1.IPBlock
}

func (s Snapshot) peers(policy *networkingv1.NetworkPolicy, wanted []networkingv1.NetworkPolicyPeer) (peers, error) {
	if len(wanted) == 0 {
		every := s.podsWhere(func(*corev1.Pod) bool { return true })
		return peers{all: true, pods: every}, nil
	}
	var result peers
	selected := map[*corev1.Pod]bool{}
	for _, peer := range wanted {
		if peer.IPBlock != nil {
			result.blocks = append(result.blocks, *peer.IPBlock)
			continue
		}
		selects, err := s.selects(policy.Namespace, peer)
		if err != nil {
			return peers{}, fmt.Errorf("NetworkPolicy %s/%s: peer: %w", policy.Namespace, policy.Name, err)
		}
		for _, pod := range s.Pods {
			selected[pod] = selected[pod] || selects(pod)
		}
	}
	result.pods = s.podsWhere(func(pod *corev1.Pod) bool { return selected[pod] })
	return result, nil
}

// selects returns a function that reports whether a peer selects a pod. Without a namespaceSelector it
// means pods of the policy's own namespace; without a podSelector, all of them.
func (s Snapshot) selects(own string, peer networkingv1.NetworkPolicyPeer) (func(*corev1.Pod) bool, error) {
	pods := labels.Everything()
	var err error
	if peer.PodSelector != nil {
		if pods, err = metav1.LabelSelectorAsSelector(peer.PodSelector); err != nil {
			return nil, fmt.Errorf("podSelector: %w", err)
		}
	}
	namespaces := map[string]bool{own: true}
	if peer.NamespaceSelector != nil {
		selector, err := metav1.LabelSelectorAsSelector(peer.NamespaceSelector)
		if err != nil {
			return nil, fmt.Errorf("namespaceSelector: %w", err)
		}
		namespaces = map[string]bool{}
		for _, namespace := range s.Namespaces {
			namespaces[namespace.Name] = matches(selector, namespace.Labels)
		}
	}
	return func(pod *corev1.Pod) bool {
		return namespaces[pod.Namespace] && matches(pods, pod.Labels)
	}, nil
}

// matches returns the addresses in the form of nftables: nothing to check for
// all peers, and no line at all for none.
func (p peers) matches(side string) []string {
	if p.all {
		return []string{""}
	}
	var lines []string
	if len(p.pods) > 0 {
		var ips []netip.Addr
		for _, pod := range p.pods {
			ip, _ := address(pod)
			ips = append(ips, ip)
		}
		lines = append(lines, "ip "+side+" "+set(ips))
	}
	for _, block := range p.blocks {
		if isIPv4(block.CIDR) {
			lines = append(lines, blockMatch(side, block))
		}
	}
	return lines
}

func blockMatch(side string, block networkingv1.IPBlock) string {
	match := "ip " + side + " " + block.CIDR
	for _, except := range block.Except {
		match += " ip " + side + " != " + except
	}
	return match
}

func isIPv4(cidr string) bool {
	prefix, err := netip.ParsePrefix(cidr)
	return err == nil && prefix.Addr().Is4()
}

func set(ips []netip.Addr) string {
	texts := make([]string, len(ips))
	for i, ip := range ips {
		texts[i] = ip.String()
	}
	return "{ " + strings.Join(texts, ", ") + " }"
}

func matches(selector labels.Selector, of map[string]string) bool {
	return selector.Matches(labels.Set(of))
}
