package dnscheck

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Timeouts of the check of one hostname.
const (
	dnsTimeout  = 3 * time.Second
	dialTimeout = 4 * time.Second // of connecting and the TLS handshake
)

// Resolver looks up the addresses of a hostname, as *net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// NewResolver returns a resolver that asks the DNS server at HOST:PORT, or the servers of the machine if server is empty.
func NewResolver(server string) *net.Resolver {
	r := &net.Resolver{PreferGo: true}
	if server != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server)
		}
	}
	return r
}

// Checker checks hostnames by DNS lookups and TLS handshakes.
type Checker struct {
	Resolver Resolver
	Roots    *x509.CertPool // nil = the root certificates of the machine
	Now      func() time.Time
}

// Check returns one Result for each hostname of the target, in its order.
func (c Checker) Check(ctx context.Context, t Target) []Result {
	t.Addresses, t.Own = unmapped(t.Addresses), unmapped(t.Own)
	var names []netip.Addr
	var unresolved string
	for _, name := range t.Names {
		answers, state, cause := c.resolve(ctx, name)
		names = append(names, answers...)
		if state != v1alpha1.DNSRecordFound {
			unresolved = fmt.Sprintf("the DNS lookup of %s, the name of the load balancer, failed: %s", name, cause)
		}
	}
	results := make([]Result, 0, len(t.Hostnames))
	for _, hostname := range t.Hostnames {
		result := Result{Hostname: hostname}
		var cause string
		result.Answers, result.DNS, cause = c.resolve(ctx, hostname)
		if result.DNS == v1alpha1.DNSRecordUnknown {
			result.LookupError = fmt.Sprintf("the DNS lookup of %s failed: %s", hostname, cause)
		}
		if result.DNS == v1alpha1.DNSRecordFound {
			result.DNS = t.compare(result.Answers, names)
		}
		if len(t.Names) > 0 && len(names) == 0 && result.DNS == v1alpha1.DNSRecordDifferent {
			result.DNS, result.LookupError = v1alpha1.DNSRecordUnknown, unresolved // nothing to compare with
		}
		if result.DNS == v1alpha1.DNSRecordFound && t.Port != 0 {
			result.Certificate = c.certificate(ctx, t, result)
		}
		results = append(results, result)
	}
	return results
}

// resolve looks up the addresses of a name, without the search domains of the machine, and returns why that failed.
func (c Checker) resolve(ctx context.Context, name string) (addresses []netip.Addr, state v1alpha1.DNSRecordState, cause string) {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	answers, err := c.Resolver.LookupNetIP(ctx, "ip", name+".")
	var failure *net.DNSError
	switch {
	case errors.As(err, &failure) && failure.IsNotFound:
		return nil, v1alpha1.DNSRecordMissing, failure.Err
	case err != nil:
		return nil, v1alpha1.DNSRecordUnknown, causeOf(err)
	default:
		return unmapped(answers), v1alpha1.DNSRecordFound, ""
	}
}

// causeOf returns why a DNS lookup failed, such as "i/o timeout". It leaves out what precedes the last colon: the ports of the
// connection change with each lookup, and a status must not.
func causeOf(err error) string {
	cause := err.Error()
	var failure *net.DNSError
	if errors.As(err, &failure) {
		cause = failure.Err
	}
	parts := strings.Split(cause, ": ")
	return parts[len(parts)-1]
}

// certificate makes a TLS handshake as a browser does, and returns its result. It sends no HTTP request.
func (c Checker) certificate(ctx context.Context, t Target, result Result) Certificate {
	address, ok := t.dialable(result.Answers)
	if !ok {
		return Private
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", netip.AddrPortFrom(address, t.Port).String())
	if err != nil {
		return Unreachable
	}
	defer func() { _ = conn.Close() }()
	client := tls.Client(conn, &tls.Config{ServerName: result.Hostname, RootCAs: c.Roots, Time: c.Now, MinVersion: tls.VersionTLS12})
	return classifyHandshake(client.HandshakeContext(ctx))
}

func classifyHandshake(err error) Certificate {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	var verification *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case err == nil:
		return Valid
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return Expired
	case errors.As(err, &name):
		return WrongName
	case errors.As(err, &authority), errors.As(err, &verification):
		return Untrusted
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return Unreachable
	default:
		return NotServed
	}
}
