package dnscheck

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Bounds of one look at one hostname.
const (
	dnsTimeout  = 3 * time.Second
	dialTimeout = 4 * time.Second
)

// Resolver asks DNS; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// NewResolver returns a resolver that asks the server at an address with port, or the resolver of the machine if that is empty.
func NewResolver(server string) *net.Resolver {
	r := &net.Resolver{PreferGo: true}
	if server != "" {
		r.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server)
		}
	}
	return r
}

// Checker looks at hostnames.
type Checker struct {
	Resolver Resolver
	Roots    *x509.CertPool // nil = those of the machine
	Now      func() time.Time
}

// Check looks at every hostname of the target.
func (l Checker) Check(ctx context.Context, t Target) []Result {
	t.Addresses, t.Own = unmapped(t.Addresses), unmapped(t.Own)
	var names []netip.Addr
	for _, name := range t.Names {
		if answers, state := l.resolve(ctx, name); state == v1alpha1.DNSRecordFound {
			names = append(names, answers...)
		}
	}
	looks := make([]Result, 0, len(t.Hostnames))
	for _, hostname := range t.Hostnames {
		look := Result{Hostname: hostname}
		look.Answers, look.DNS = l.resolve(ctx, hostname)
		if look.DNS == v1alpha1.DNSRecordFound {
			look.DNS = t.compare(look.Answers, names)
		}
		if len(t.Names) > 0 && len(names) == 0 && look.DNS == v1alpha1.DNSRecordDifferent {
			look.DNS = v1alpha1.DNSRecordUnknown // nothing to compare with
		}
		if look.DNS == v1alpha1.DNSRecordFound && t.Port != 0 {
			look.Certificate = l.certificate(ctx, t, look)
		}
		looks = append(looks, look)
	}
	return looks
}

// resolve asks for the addresses of a name; the last dot keeps the search domains of the machine out of it.
func (l Checker) resolve(ctx context.Context, name string) ([]netip.Addr, v1alpha1.DNSRecordState) {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	answers, err := l.Resolver.LookupNetIP(ctx, "ip", name+".")
	var failure *net.DNSError
	switch {
	case errors.As(err, &failure) && failure.IsNotFound:
		return nil, v1alpha1.DNSRecordMissing
	case err != nil:
		return nil, v1alpha1.DNSRecordUnknown
	default:
		return unmapped(answers), v1alpha1.DNSRecordFound
	}
}

// certificate makes a TLS handshake as a browser does, and sends no HTTP.
func (l Checker) certificate(ctx context.Context, t Target, look Result) Certificate {
	address, ok := t.dialable(look.Answers)
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
	client := tls.Client(conn, &tls.Config{ServerName: look.Hostname, RootCAs: l.Roots, Time: l.Now, MinVersion: tls.VersionTLS12})
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
