package dnscheck_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
)

// zone is a resolver that knows some names; an empty list means that DNS fails.
type zone map[string][]string

func (z zone) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	if !strings.HasSuffix(name, ".") {
		return nil, errors.New("a name without its last dot is looked up in search domains, too")
	}
	answers, known := z[strings.TrimSuffix(name, ".")]
	if !known {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "server misbehaving", Name: name, IsTemporary: true}
	}
	var all []netip.Addr
	for _, a := range answers {
		all = append(all, netip.MustParseAddr(a))
	}
	return all, nil
}

func look(t *testing.T, z zone, where dnscheck.Target, roots *x509.CertPool) dnscheck.Result {
	t.Helper()
	looks := dnscheck.Checker{Resolver: z, Roots: roots, Now: time.Now}.Check(t.Context(), where)
	if len(looks) != len(where.Hostnames) {
		t.Fatalf("%d looks at %d hostnames", len(looks), len(where.Hostnames))
	}
	return looks[0]
}

func TestWhatDNSSaysIsComparedWithWhereTheLoadBalancerStands(t *testing.T) {
	fixed := dnscheck.Target{Hostnames: []string{host}, Addresses: []netip.Addr{balancer, balancer6}}
	named := dnscheck.Target{Hostnames: []string{host}, Names: []string{"lb.example"}}
	for _, c := range []struct {
		name   string
		target dnscheck.Target
		zone   zone
		want   v1alpha1.DNSRecordState
	}{
		{"right", fixed, zone{host: {"203.0.113.10"}}, "Found"},
		{"in the other notation", fixed, zone{host: {"::ffff:203.0.113.10"}}, "Found"},
		{"both families", fixed, zone{host: {"203.0.113.10", "2001:db8::10"}}, "Found"},
		{"missing", fixed, zone{}, "Missing"},
		{"failing", fixed, zone{host: {}}, "Unknown"},
		{"wrong", fixed, zone{host: {"198.51.100.1"}}, "Different"},
		{"a stray address beside the right one", fixed, zone{host: {"203.0.113.10", "198.51.100.1"}}, "Different"},
		{"one of a name's changing addresses", named, zone{host: {"203.0.113.10", "203.0.113.11"}, "lb.example": {"203.0.113.11", "203.0.113.12"}}, "Found"},
		{"none of a name's addresses", named, zone{host: {"198.51.100.1"}, "lb.example": {"203.0.113.11"}}, "Different"},
		{"a name that does not resolve", named, zone{host: {"198.51.100.1"}}, "Unknown"},
		{"nobody knows where it should lead", dnscheck.Target{Hostnames: []string{host}}, zone{host: {"198.51.100.1"}}, "Found"},
	} {
		if got := look(t, c.zone, c.target, nil).DNS; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAFailedLookupNamesTheHostnameAndTheCauseWithoutPorts(t *testing.T) {
	named := dnscheck.Target{Hostnames: []string{host}, Names: []string{"lb.example"}}
	refused := &net.DNSError{Err: "read udp 10.0.0.7:41234->10.0.0.10:53: read: connection refused", Name: host}
	for _, c := range []struct {
		name     string
		resolver dnscheck.Resolver
		want     string
	}{
		{"the hostname", zone{host: {}}, "the DNS lookup of " + host + " failed: server misbehaving"},
		{"the load balancer", zone{host: {"198.51.100.1"}}, "the DNS lookup of lb.example, the name of the load balancer, failed: no such host"},
		{"a connection", broken{refused}, "the DNS lookup of " + host + " failed: connection refused"},
		{"right", zone{host: {"198.51.100.1"}, "lb.example": {"198.51.100.1"}}, ""},
	} {
		got := dnscheck.Checker{Resolver: c.resolver, Now: time.Now}.Check(t.Context(), named)[0]
		if got.LookupError != c.want || (got.DNS == v1alpha1.DNSRecordUnknown) != (c.want != "") {
			t.Errorf("%s: %s, %q, want %q", c.name, got.DNS, got.LookupError, c.want)
		}
	}
}

// broken is a resolver that always fails.
type broken struct{ err error }

func (b broken) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) { return nil, b.err }

func TestNoCertificateIsLookedAtWhereItCouldBeSomebodyElsesServer(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1", "::1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
		"fd00:ec2::254", "fe80::1", "ff02::1", "::", "64:ff9b::a00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:a00:1::", "198.18.0.1", "0.0.0.8",
	} {
		where := dnscheck.Target{Hostnames: []string{host}, Port: 443}
		if got := look(t, zone{host: {address}}, where, nil).Certificate; got != dnscheck.Private {
			t.Errorf("%s was dialled: %q", address, got)
		}
		// That the route's own status names it changes nothing: only the platform can.
		where.Addresses = []netip.Addr{netip.MustParseAddr(address)}
		if got := look(t, zone{host: {address}}, where, nil).Certificate; got != dnscheck.Private {
			t.Errorf("%s was dialled: %q", address, got)
		}
	}
}

// authority issues certificates in a test.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	pool *x509.CertPool
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{key: newKey(t), pool: x509.NewCertPool()}
	a.cert = &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, a.cert, a.cert, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a authority) issue(t *testing.T, name string, until time.Time) tls.Certificate {
	t.Helper()
	key := newKey(t)
	cert := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until}
	raw, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// serve shakes hands until the test ends, and returns the port.
func serve(t *testing.T, answer func(net.Conn)) uint16 {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answer(conn)
		}
	}()
	return netip.MustParseAddrPort(listener.Addr().String()).Port()
}

func withTLS(config *tls.Config) func(net.Conn) {
	return func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		_ = tls.Server(conn, config).HandshakeContext(context.Background()) // the other side says what came of it
	}
}

func TestAHandshakeTellsWhatIsWrongWithACertificate(t *testing.T) {
	ours, stranger := newAuthority(t), newAuthority(t)
	soon := time.Now().Add(time.Hour)
	served := func(c tls.Certificate) func(net.Conn) {
		return withTLS(&tls.Config{Certificates: []tls.Certificate{c}, MinVersion: tls.VersionTLS12})
	}
	loopback := netip.MustParseAddr("127.0.0.1")
	for _, c := range []struct {
		name   string
		answer func(net.Conn)
		want   dnscheck.Certificate
	}{
		{"valid", served(ours.issue(t, host, soon)), dnscheck.Valid},
		{"expired", served(ours.issue(t, host, time.Now().Add(-time.Hour))), dnscheck.Expired},
		{"for others", served(ours.issue(t, "other.example", soon)), dnscheck.WrongName},
		{"of an unknown authority", served(stranger.issue(t, host, soon)), dnscheck.Untrusted},
		{"refused by SNI", withTLS(&tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return nil, errors.New("no such host")
		}}), dnscheck.NotServed},
		{"no TLS at all", func(conn net.Conn) { _, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")); _ = conn.Close() }, dnscheck.NotServed},
		{"hung up", func(conn net.Conn) { _ = conn.Close() }, dnscheck.NotServed},
	} {
		where := dnscheck.Target{Hostnames: []string{host}, Addresses: []netip.Addr{loopback}, Own: []netip.Addr{loopback}, Port: serve(t, c.answer)}
		if got := look(t, zone{host: {"127.0.0.1"}}, where, ours.pool).Certificate; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	closed := dnscheck.Target{Hostnames: []string{host}, Addresses: []netip.Addr{loopback}, Own: []netip.Addr{loopback}, Port: 1}
	if got := look(t, zone{host: {"127.0.0.1"}}, closed, ours.pool).Certificate; got != dnscheck.Unreachable {
		t.Errorf("a closed port: %q", got)
	}
}
