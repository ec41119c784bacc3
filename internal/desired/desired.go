package desired

import (
	"net/netip"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/release"
)

// Labels of every object, besides the tracking.wismo.dev ones that package v1alpha1 names.
const (
	// ManagedByLabel has the value ManagedBy on everything that the operator creates; its caches select by it.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of ManagedByLabel and of app.kubernetes.io/name.
	ManagedBy = "wismo"

	nameLabel      = "app.kubernetes.io/name"
	instanceLabel  = "app.kubernetes.io/instance"
	componentLabel = "app.kubernetes.io/component"
	partOfLabel    = "app.kubernetes.io/part-of"
	versionLabel   = "app.kubernetes.io/version"
)

// Input is what the objects of one Shop depend on.
type Input struct {
	Shop *v1alpha1.Shop
	// Bundle is the compiled bundle to run; its Document must not be nil.
	Bundle compile.Output
	// Render is the version to render, from OldestRender to RenderVersion, and Images what to run: both are the release's.
	Render int
	Images release.Images
	// Rings are the names of the keys' Secrets to mount, whether they exist yet or not.
	Rings    Rings
	Platform Platform
	// NoSurge names the components whose old pod goes before the new one comes in this roll, because no node takes both.
	NoSurge []bundle.Component
	// Scaled are the names of those Deployments that an autoscaler scales which is not ours: it owns their replicas.
	Scaled map[string]bool
}

// Platform is what the operator's configuration contributes to every Shop's objects beside the release.
type Platform struct {
	OperatorNamespace string
	Exposure          Exposure // of a Shop that leaves it out
	Storage           Storage
	Network           Network
}

// Storage is the volume of a Shop that says nothing about it. Its zero value is 1Gi of the cluster's default class.
type Storage struct {
	ClassName string
	Size      resource.Quantity
}

// Network is what may reach a Shop's pods, and what they may reach.
type Network struct {
	// IngressFrom may open the page; empty = every client.
	IngressFrom []networkingv1ac.NetworkPolicyPeerApplyConfiguration
	// MetricsFrom may read metrics, besides the operator; empty = none.
	MetricsFrom []networkingv1ac.NetworkPolicyPeerApplyConfiguration
	// EgressCIDRs are networks that Shops' notifiers may reach besides the internet, such as that of a mail server.
	EgressCIDRs []string
	// EgressExcept are networks of the internet that they may not reach, such as that of the nodes.
	EgressExcept []string
	// EgressNamespaces are where a server that a Shop names may stand, besides the Shop's own namespace.
	EgressNamespaces []string
	// APIServer are the networks in which the API server answers; a Shop's pods cannot reach them.
	APIServer []string
	// ClusterDomain is the DNS suffix of Services; "" = DefaultClusterDomain.
	ClusterDomain string
	DNS           DNS
}

// DNS is where the cluster's resolver answers.
type DNS struct {
	// Peers are its pods or addresses; empty = the pods k8s-app=kube-dns of kube-system, NodeLocal DNSCache and Resolvers.
	Peers []networkingv1ac.NetworkPolicyPeerApplyConfiguration
	// Resolvers are addresses that pods are told to ask.
	Resolvers []netip.Addr
	// Ports it answers on, behind its Service; empty = 53.
	Ports []int
}

// Object is an apply configuration that says what it is.
type Object interface {
	runtime.ApplyConfiguration
	GetAPIVersion() *string
	GetKind() *string
	GetNamespace() *string
	GetName() *string
}

// Objects returns what the Shop needs, in the order in which it should be applied. Its Deployments are still to be Marked.
func Objects(in Input) []Object {
	objects := []Object{serviceAccount(in), bundleConfigMap(in)}
	if v := volume(in); v != nil {
		objects = append(objects, v)
	}
	for _, w := range workloads() {
		objects = append(objects, networkPolicy(in, w), service(in, w), deployment(in, w))
		objects = append(objects, availability(in, w)...)
	}
	return append(objects, routes(in)...)
}
