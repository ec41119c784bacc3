package dnscheck

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/netguard"
)

// Target is where the hostnames of one Shop should lead.
type Target struct {
	Hostnames []string
	// Addresses and Names are those of the load balancer: IP addresses, and DNS names without the last dot. Without any,
	// it is not known yet where the hostnames should lead.
	Addresses []netip.Addr
	Names     []string
	// Own are those Addresses that the platform itself named: they are looked at even if they are private.
	Own []netip.Addr
	// Port of TLS; 0 = the platform serves without it, and no certificate is looked at.
	Port uint16
}

// Result is what was seen of one hostname.
type Result struct {
	Hostname string
	// DNS is Found where every answer leads to the load balancer, or anywhere while its address is not known.
	DNS v1alpha1.DNSRecordState
	// Answers are the addresses that DNS gave, sorted.
	Answers []netip.Addr
	// Certificate is what was served at the first of them that may be looked at.
	Certificate Certificate
}

// reachable reports whether a shopper gets to the page; what could not be looked at is not good.
func (l Result) reachable(port uint16) bool {
	return l.DNS == v1alpha1.DNSRecordFound && (l.Certificate == Valid || port == 0)
}

// Certificate is what a TLS handshake came to.
type Certificate string

// What a handshake can come to.
const (
	// NotLooked means there was no reason or no address to look at.
	NotLooked Certificate = ""
	// Valid means every browser takes it.
	Valid Certificate = "Valid"
	// Private means the address is not of the internet, and the platform did not name it.
	Private Certificate = "Private"
	// Unreachable means that no connection came about, at least from here.
	Unreachable Certificate = "Unreachable"
	// NotServed means that the other side has no certificate for this hostname, or speaks no TLS.
	NotServed Certificate = "NotServed"
	// Expired means it is too old, or not valid yet.
	Expired Certificate = "Expired"
	// WrongName means it is for other hostnames.
	WrongName Certificate = "WrongName"
	// Untrusted means that no known authority issued it, such as one that is self-signed.
	Untrusted Certificate = "Untrusted"
)

// compare reports whether the answers of DNS lead to the load balancer. Names are those to which its names resolve now:
// they may change from one answer to the next, so one in common is enough, while a stray address beside a fixed one
// sends some shoppers elsewhere.
func (t Target) compare(answers, names []netip.Addr) v1alpha1.DNSRecordState {
	if len(t.Addresses) == 0 && len(t.Names) == 0 {
		return v1alpha1.DNSRecordFound
	}
	ours := func(a netip.Addr) bool { return slices.Contains(t.Addresses, a) }
	if !slices.ContainsFunc(answers, func(a netip.Addr) bool { return !ours(a) }) {
		return v1alpha1.DNSRecordFound
	}
	if slices.ContainsFunc(answers, func(a netip.Addr) bool { return slices.Contains(names, a) }) {
		return v1alpha1.DNSRecordFound
	}
	return v1alpha1.DNSRecordDifferent
}

// dialable returns the first answer to which the operator may connect. Who owns a hostname decides what it resolves to, and must
// not be able to point the operator at the cluster, a node or a cloud's metadata service.
func (t Target) dialable(answers []netip.Addr) (netip.Addr, bool) {
	for _, a := range answers {
		if slices.Contains(t.Own, a) || netguard.Public(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// unmapped brings an address into the one form in which it is compared.
func unmapped(all []netip.Addr) []netip.Addr {
	out := make([]netip.Addr, 0, len(all))
	for _, a := range all {
		out = append(out, a.Unmap().WithZone(""))
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// Split tells addresses from names, as load balancers and configurations name both.
func Split(values []string) (addresses []netip.Addr, names []string) {
	for _, value := range values {
		if a, err := netip.ParseAddr(value); err == nil {
			addresses = append(addresses, a)
		} else if value != "" {
			names = append(names, strings.TrimSuffix(strings.ToLower(value), "."))
		}
	}
	slices.Sort(names)
	return unmapped(addresses), slices.Compact(names)
}
