// Package netpol enforces NetworkPolicies with nftables.
//
// Compile turns all policies, pods and namespaces into rules and touches
// nothing; Enforcer watches the cluster and applies the rules.
package netpol

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Snapshot is all that decides the rules.
type Snapshot struct {
	Policies   []*networkingv1.NetworkPolicy
	Pods       []*corev1.Pod
	Namespaces []*corev1.Namespace
}

// Chain is a list of rules; one with a hook is where packets enter.
type Chain struct {
	Name  string
	Hook  string
	Rules []string
}

// direction is one of the two ways in which a pod can be isolated.
type direction struct {
	policyType networkingv1.PolicyType
	prefix     string // of its chains
	own        string // the isolated pod's side of a packet
	peer       string // the other side
}

var (
	ingress = direction{networkingv1.PolicyTypeIngress, "in", "daddr", "saddr"}
	egress  = direction{networkingv1.PolicyTypeEgress, "out", "saddr", "daddr"}
)

// answers lets replies pass, so that policies decide only who may begin.
const answers = "ct state established,related accept"

// Compile makes the chains in a fixed order. Traffic between pods passes the
// forward hook, after kube-proxy has replaced Service addresses by pod
// addresses. Traffic of a pod to the node itself, such as to the API server,
// passes only the input hook. What the node sends, such as probes, passes
// neither and is always allowed.
func Compile(s Snapshot) ([]Chain, error) {
	forward := Chain{Name: "forward", Hook: "forward", Rules: []string{answers}}
	input := Chain{Name: "input", Hook: "input", Rules: []string{answers}}
	var isolated []Chain
	for _, d := range []direction{ingress, egress} {
		allowed, err := d.allowed(s)
		if err != nil {
			return nil, err
		}
		for _, ip := range slices.SortedFunc(maps.Keys(allowed), netip.Addr.Compare) {
			chain := Chain{Name: d.prefix + "-" + strings.ReplaceAll(ip.String(), ".", "-")}
			chain.Rules = append(unique(allowed[ip]), "drop")
			isolated = append(isolated, chain)
			jump := fmt.Sprintf("ip %s %s jump %s", d.own, ip, chain.Name)
			forward.Rules = append(forward.Rules, jump)
			if d == egress {
				input.Rules = append(input.Rules, jump)
			}
		}
	}
	return append([]Chain{forward, input}, isolated...), nil
}

// allowed maps each pod that is isolated in this direction to the rules that
// let something pass.
func (d direction) allowed(s Snapshot) (map[netip.Addr][]string, error) {
	result := map[netip.Addr][]string{}
	for _, policy := range sorted(s.Policies) {
		if !slices.Contains(policy.Spec.PolicyTypes, d.policyType) {
			continue
		}
		pods, err := s.selected(policy)
		if err != nil {
			return nil, err
		}
		for _, pod := range pods {
			rules, err := d.compile(s, policy, pod)
			if err != nil {
				return nil, err
			}
			ip, _ := address(pod)
			result[ip] = append(result[ip], rules...)
		}
	}
	return result, nil
}

// rule is an ingress or egress rule: both have the same two parts.
type rule struct {
	peers []networkingv1.NetworkPolicyPeer
	ports []networkingv1.NetworkPolicyPort
}

func (d direction) rules(policy *networkingv1.NetworkPolicy) []rule {
	var rules []rule
	if d == ingress {
		for _, r := range policy.Spec.Ingress {
			rules = append(rules, rule{r.From, r.Ports})
		}
		return rules
	}
	for _, r := range policy.Spec.Egress {
		rules = append(rules, rule{r.To, r.Ports})
	}
	return rules
}

func (d direction) compile(s Snapshot, policy *networkingv1.NetworkPolicy, pod *corev1.Pod) ([]string, error) {
	var lines []string
	for _, r := range d.rules(policy) {
		peers, err := s.peers(policy, r.peers)
		if err != nil {
			return nil, err
		}
		for _, match := range peers.matches(d.peer) {
			for _, port := range numbered(r.ports) {
				lines = append(lines, join(match, port, "return"))
			}
		}
		for _, port := range r.ports {
			if isNamed(port) {
				lines = append(lines, d.named(peers, port, pod)...)
			}
		}
	}
	return lines, nil
}

// named resolves a port name, which is a number of the pod that receives: the
// isolated pod itself, or each of its peers.
func (d direction) named(peers peers, port networkingv1.NetworkPolicyPort, pod *corev1.Pod) []string {
	var lines []string
	if d == ingress {
		for _, match := range peers.matches(d.peer) {
			for _, number := range numbersOf(pod, port) {
				lines = append(lines, join(match, portMatch(port, number), "return"))
			}
		}
		return lines
	}
	byNumber := map[int32][]netip.Addr{}
	for _, peer := range peers.pods {
		ip, _ := address(peer)
		for _, number := range numbersOf(peer, port) {
			byNumber[number] = append(byNumber[number], ip)
		}
	}
	for _, number := range slices.Sorted(maps.Keys(byNumber)) {
		lines = append(lines, join("ip daddr "+set(byNumber[number]), portMatch(port, number), "return"))
	}
	return lines
}

// selected returns the pods that a policy is about.
func (s Snapshot) selected(policy *networkingv1.NetworkPolicy) ([]*corev1.Pod, error) {
	selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
	if err != nil {
		return nil, fmt.Errorf("NetworkPolicy %s/%s: podSelector: %w", policy.Namespace, policy.Name, err)
	}
	return s.podsWhere(func(pod *corev1.Pod) bool {
		return pod.Namespace == policy.Namespace && matches(selector, pod.Labels)
	}), nil
}

func (s Snapshot) podsWhere(wanted func(*corev1.Pod) bool) []*corev1.Pod {
	var pods []*corev1.Pod
	for _, pod := range s.Pods {
		if _, ok := address(pod); ok && wanted(pod) {
			pods = append(pods, pod)
		}
	}
	slices.SortFunc(pods, func(a, b *corev1.Pod) int {
		x, _ := address(a)
		y, _ := address(b)
		return x.Compare(y)
	})
	return pods
}

// address is where a pod can be reached, if it has an address of its own.
func address(pod *corev1.Pod) (netip.Addr, bool) {
	ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	if ended || pod.Spec.HostNetwork {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(pod.Status.PodIP)
	return ip, err == nil && ip.Is4()
}

func sorted(policies []*networkingv1.NetworkPolicy) []*networkingv1.NetworkPolicy {
	return slices.SortedFunc(slices.Values(policies), func(a, b *networkingv1.NetworkPolicy) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
}

// unique drops repeated rules, which overlapping policies make.
func unique(lines []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		repeated := seen[line]
		seen[line] = true
		return repeated
	})
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " ")
}
