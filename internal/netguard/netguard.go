// Package netguard knows which networks are not the public internet. It is the one list, for the NetworkPolicies of Shops and
// for connections that the operator opens to an address that a user controls.
package netguard

import (
	"net/netip"
	"slices"
)

// The public internet, as far as networks can express it.
const (
	IPv4 = "0.0.0.0/0"
	IPv6 = "2000::/3"
)

// NotPublicIPv4 and NotPublicIPv6 are the networks in IPv4 and IPv6 that are not public: private, shared, loopback, link-local
// and reserved ones, and so the cluster, its nodes and the cloud's metadata service. Sources: the special-purpose address
// registries of RFC 6890 as IANA keeps them (what is not globally reachable), RFC 5771 and RFC 1112 for multicast and class E.
// Of IPv6 only global unicast is public (RFC 4291, section 2.4); that leaves out unique local and link-local addresses,
// multicast, IPv4-mapped ones and NAT64, which would be a way round the list for IPv4. Networks within global unicast that lead
// elsewhere, such as Teredo and 6to4, are listed.
var (
	NotPublicIPv4 = []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"224.0.0.0/4", "240.0.0.0/4",
	}
	NotPublicIPv6 = []string{"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"}
)

var (
	public    = prefixes([]string{IPv4, IPv6})
	notPublic = prefixes(slices.Concat(NotPublicIPv4, NotPublicIPv6))
)

func prefixes(networks []string) []netip.Prefix {
	all := make([]netip.Prefix, 0, len(networks))
	for _, network := range networks {
		all = append(all, netip.MustParsePrefix(network))
	}
	return all
}

// Public reports whether the address is one of the public internet.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	contains := func(p netip.Prefix) bool { return p.Contains(a) }
	return slices.ContainsFunc(public, contains) && !slices.ContainsFunc(notPublic, contains)
}
