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
	// Own are those Addresses that the operator's configuration lists: certificates are checked there even if they are private.
	Own []netip.Addr
	// Class is the IngressClass that the route names; "" = none, or the route is no Ingress.
	Class string
	// Port of TLS; 0 = the platform serves without TLS, and no certificate is checked.
	Port uint16
}

// Result is the result of checking one hostname.
type Result struct {
	Hostname string
	// DNS is Found if every answer is an address of the load balancer, or while the address of the load balancer is not known.
	DNS v1alpha1.DNSRecordState
	// LookupError says which DNS lookup failed, and why; empty unless DNS is Unknown.
	LookupError string
	// Answers are the addresses that DNS returned, sorted.
	Answers []netip.Addr
	// Certificate is the result of the TLS handshake with the first answer to which the operator may connect.
	Certificate Certificate
}

// reachable reports whether a shopper reaches the page. It is false if that could not be checked.
func (r Result) reachable(port uint16) bool {
	return r.DNS == v1alpha1.DNSRecordFound && (r.Certificate == Valid || port == 0)
}

// Certificate is the result of a TLS handshake.
type Certificate string

// Values of Certificate.
const (
	// NotChecked means that there was no reason for a handshake, or no address.
	NotChecked Certificate = ""
	// Valid means that every browser accepts the certificate.
	Valid Certificate = "Valid"
	// Private means that the address is not public and not one of Target.Own, so the operator did not connect.
	Private Certificate = "Private"
	// Unreachable means that the operator could not connect. Shoppers may still be able to.
	Unreachable Certificate = "Unreachable"
	// NotServed means that the server has no certificate for this hostname, or does not use TLS.
	NotServed Certificate = "NotServed"
	// Expired means that the certificate has expired, or is not valid yet.
	Expired Certificate = "Expired"
	// WrongName means that the certificate is for other hostnames.
	WrongName Certificate = "WrongName"
	// Untrusted means that no known authority issued the certificate; it may be self-signed.
	Untrusted Certificate = "Untrusted"
)

// compare returns Found if the answers lead to the load balancer, and Different if not. Names are the addresses to which the
// names of the load balancer resolve now. They may change between lookups, so one in common is enough. Where the load balancer
// has fixed addresses, every answer must be one of them, because any other would send some shoppers to another server.
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

// dialable returns the first answer to which the operator may connect. The owner of a hostname decides what it resolves
// to, and must not be able to make the operator connect to the cluster, a node or a cloud's metadata service.
func (t Target) dialable(answers []netip.Addr) (netip.Addr, bool) {
	for _, a := range answers {
		if slices.Contains(t.Own, a) || netguard.Public(a) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// unmapped returns the addresses in the form in which they are compared: IPv4 as IPv4, without zones, sorted, each once.
func unmapped(all []netip.Addr) []netip.Addr {
	out := make([]netip.Addr, 0, len(all))
	for _, a := range all {
		out = append(out, a.Unmap().WithZone(""))
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// Split returns the IP addresses among the values, and the DNS names: a load balancer or a configuration may have both.
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
