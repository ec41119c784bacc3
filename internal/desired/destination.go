package desired

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/netguard"
)

// DefaultClusterDomain is the DNS suffix of Services on most clusters.
const DefaultClusterDomain = "cluster.local"

// internet returns every address of the internet that the platform does not keep from the Shops' pods, and what it opens
// besides. Entries that are closed anyway are left out: an exception must lie within its block.
func (n Network) internet() []*peer {
	closed := slices.Concat(n.EgressExcept, n.APIServer)
	peers := []*peer{
		block(netguard.IPv4, within(netguard.IPv4, netguard.NotPublicIPv4, closed)),
		block(netguard.IPv6, within(netguard.IPv6, netguard.NotPublicIPv6, closed)),
	}
	for _, cidr := range n.EgressCIDRs {
		peers = append(peers, block(cidr, within(cidr, nil, n.APIServer)))
	}
	return peers
}

// within adds to the exceptions of a block those networks that lie in it and are not excepted yet.
func within(cidr string, excepted, more []string) []string {
	all := slices.Clone(excepted)
	for _, candidate := range more {
		prefix, err := netip.ParsePrefix(candidate)
		known := func(c string) bool { return covers(c, prefix) }
		if err == nil && candidate != cidr && covers(cidr, prefix) && !slices.ContainsFunc(all, known) {
			all = append(all, candidate)
		}
	}
	return all
}

func covers(cidr string, inner netip.Prefix) bool {
	outer, err := netip.ParsePrefix(cidr)
	return err == nil && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// holds reports whether one of the networks holds the address.
func holds(cidrs []string, addr netip.Addr) bool {
	return slices.ContainsFunc(cidrs, func(cidr string) bool { return covers(cidr, netip.PrefixFrom(addr, addr.BitLen())) })
}

// single returns the network of one address.
func single(addr netip.Addr) string { return netip.PrefixFrom(addr, addr.BitLen()).String() }

// closed reports whether the address is none of the internet, or one that the platform keeps from Shops.
func (n Network) closed(addr netip.Addr) bool {
	return !netguard.Public(addr) || holds(slices.Concat(n.EgressExcept, n.APIServer), addr)
}

// destination is a server that the Shop, or the platform for it, names.
type destination struct {
	host string
	port int
	// trusted is set for what the platform itself names. A Shop cannot allow traffic by naming a server.
	trusted bool
}

// mail returns where the notifier hands over its messages; without a host there is no server.
func mail(in Input) destination {
	email := in.Bundle.Document.Email
	return destination{email.Host, email.Port, email.Type == bundle.House}
}

// database returns where page and notifier keep the orders; without a host they keep them on the volume.
func database(in Input) destination {
	storage := in.Shop.Spec.Storage
	if in.Bundle.Document.Storage.Type != bundle.PostgreSQL || storage == nil || storage.PostgreSQL == nil {
		return destination{}
	}
	port := int(storage.PostgreSQL.Port)
	if port == 0 {
		port = postgreSQLPort
	}
	return destination{host: string(storage.PostgreSQL.Host), port: port}
}

const postgreSQLPort = 5432

func (d destination) none() bool { return d.host == "" || d.port == 0 }

// egressPeers returns the NetworkPolicy peers through which the destination is reachable: the namespace of a Service, one address, or
// the whole internet for any other DNS name, since a NetworkPolicy cannot select DNS names. If the platform does not allow it, there are
// no peers, and whyClosed says why. A policy applies behind the Service, so a server in the cluster must listen on the port that is named.
func (d destination) egressPeers(in Input) (peers []*peer, whyClosed string) {
	network := in.Platform.Network
	if addr, err := netip.ParseAddr(d.host); err == nil {
		addr = addr.Unmap().WithZone("")
		if d.trusted || !network.closed(addr) || holds(network.EgressCIDRs, addr) {
			return []*peer{block(single(addr), nil)}, ""
		}
		return nil, fmt.Sprintf("%s is not a public address, and Shops may not connect to it; the platform's operators can allow it with network.egressCIDRs", d.host)
	}
	name := network.namespaceOf(d.host, in.Shop.Namespace)
	switch {
	case name == "":
		return network.internet(), ""
	case d.trusted || name == in.Shop.Namespace || slices.Contains(network.EgressNamespaces, name):
		return []*peer{namespace(name)}, ""
	default:
		return nil, fmt.Sprintf("%s is in the namespace %s, to which Shops may not connect; the platform's operators can allow it with network.egressNamespaces", d.host, name)
	}
}

// namespaceOf reads the name of a Service as resolvers in a pod do: relay, relay.mail.svc, relay.mail.svc.cluster.local,
// and the same behind the name of one of its pods. Every other name is one of the internet, and "" its namespace; so is
// relay.mail, which cannot be told from one.
func (n Network) namespaceOf(host, own string) string {
	domain := n.ClusterDomain
	if domain == "" {
		domain = DefaultClusterDomain
	}
	host = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(host), "."), "."+domain)
	labels := strings.Split(host, ".")
	switch last := len(labels) - 1; {
	case last == 0:
		return own
	case last >= 2 && labels[last] == "svc":
		return labels[last-1]
	default:
		return ""
	}
}

// Closed returns why the NetworkPolicies keep the Shop's pods from its mail server, for a person to read; "" = they do not.
func Closed(in Input) string {
	d := mail(in)
	if d.none() {
		return ""
	}
	_, why := d.egressPeers(in)
	return why
}
