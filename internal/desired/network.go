package desired

import (
	"net/netip"

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
	exit = networkingv1ac.NetworkPolicyEgressRuleApplyConfiguration
)

const (
	// httpsPort is where carriers and shop systems answer.
	httpsPort = 443
	dnsPort   = 53
)

// managerLabels select the operator's pods in its namespace, by whichever installer.
var managerLabels = map[string]string{nameLabel: ManagedBy, componentLabel: "manager"}

// nodeLocalDNS is where NodeLocal DNSCache answers on every node that has one (kubernetes.io: "Using NodeLocal DNSCache in
// Kubernetes Clusters"). No pod has this address, so it opens nothing where there is none.
var nodeLocalDNS = netip.MustParseAddr("169.254.20.10")

// networkPolicy isolates one component in both directions: shoppers and senders reach only the page, and the page, the
// part that faces them, reaches nothing but a database. Both workloads meet in the store, so neither needs to reach the other.
func networkPolicy(in Input, w workload) Object {
	shop := in.Shop
	network := in.Platform.Network
	spec := networkingv1ac.NetworkPolicySpec().
		WithPodSelector(metav1ac.LabelSelector().WithMatchLabels(selectorLabels(shop.Name, w))).
		WithPolicyTypes(networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress).
		WithIngress(networkingv1ac.NetworkPolicyIngressRule().
			WithPorts(tcp(bundle.InternalPort)).
			WithFrom(namespace(in.Platform.OperatorNamespace).
				WithPodSelector(metav1ac.LabelSelector().WithMatchLabels(managerLabels))).
			WithFrom(pointers(network.MetricsFrom)...)).
		WithEgress(exits(in, w)...)
	if w.component == bundle.PageComponent {
		spec.WithIngress(networkingv1ac.NetworkPolicyIngressRule().
			WithPorts(tcp(bundle.PagePort)).
			WithFrom(pointers(network.IngressFrom)...))
	}
	return networkingv1ac.NetworkPolicy(WorkloadName(shop.Name, w.component), shop.Namespace).
		WithLabels(workloadLabels(shop.Name, w)).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(spec)
}

// exits returns what the component reaches: the database, and from the notifier the mail server and the internet on HTTPS.
// Names need DNS.
func exits(in Input, w workload) []*exit {
	var open []*exit
	named := []destination{database(in)}
	if w.component == bundle.NotifierComponent {
		open = append(open, networkingv1ac.NetworkPolicyEgressRule().WithPorts(tcp(httpsPort)).WithTo(in.Platform.Network.internet()...))
		named = append(named, mail(in))
	}
	for _, d := range named {
		if d.none() {
			continue
		}
		// A rule without a peer would allow every address.
		if to, whyClosed := d.egressPeers(in); whyClosed == "" {
			open = append(open, networkingv1ac.NetworkPolicyEgressRule().WithPorts(tcp(d.port)).WithTo(to...))
		}
	}
	if len(open) == 0 {
		return nil
	}
	return append([]*exit{dns(in.Platform.Network.DNS)}, open...)
}

// dns returns the rule for the cluster's resolver, and only that, because a query can carry data to the server that answers it.
func dns(d DNS) *exit {
	rule := networkingv1ac.NetworkPolicyEgressRule()
	for _, number := range d.ports() {
		rule.WithPorts(networkingv1ac.NetworkPolicyPort().WithProtocol(corev1.ProtocolUDP).WithPort(intstr.FromInt(number)), tcp(number))
	}
	if len(d.Peers) > 0 {
		return rule.WithTo(pointers(d.Peers)...)
	}
	rule.WithTo(namespace("kube-system").
		WithPodSelector(metav1ac.LabelSelector().WithMatchLabels(map[string]string{"k8s-app": "kube-dns"})))
	for _, resolver := range append([]netip.Addr{nodeLocalDNS}, d.Resolvers...) {
		rule.WithTo(block(single(resolver), nil))
	}
	return rule
}

func (d DNS) ports() []int {
	if len(d.Ports) == 0 {
		return []int{dnsPort}
	}
	return d.Ports
}

func tcp(number int) *port {
	return networkingv1ac.NetworkPolicyPort().WithProtocol(corev1.ProtocolTCP).WithPort(intstr.FromInt(number))
}

func block(cidr string, except []string) *peer {
	return networkingv1ac.NetworkPolicyPeer().WithIPBlock(networkingv1ac.IPBlock().WithCIDR(cidr).WithExcept(except...))
}

// namespace returns every pod of a namespace, by the label that only the API server sets.
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
