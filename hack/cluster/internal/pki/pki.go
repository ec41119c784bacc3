// Package pki makes the certificates, keys and tokens of one cluster.
package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

const validity = 10 * 365 * 24 * time.Hour

// certificate describes one certificate signed by one of the two authorities.
type certificate struct {
	Name      string // of its files
	Authority string
	Subject   pkix.Name
	Usage     x509.ExtKeyUsage
	Hosts     []string // DNS names and IP addresses
}

var authorities = map[string]string{"ca": "wismo-ca", "front-ca": "wismo-front-ca"}

func certificates() []certificate {
	return []certificate{
		{
			Name: "apiserver", Authority: "ca", Usage: x509.ExtKeyUsageServerAuth,
			Subject: pkix.Name{CommonName: "kube-apiserver"},
			Hosts: []string{
				"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + layout.DNSDomain,
				"localhost", layout.Loopback(), layout.APIServiceIP, layout.NodeIP,
			},
		},
		{
			Name: "kubelet", Authority: "ca", Usage: x509.ExtKeyUsageServerAuth,
			Subject: pkix.Name{CommonName: layout.NodeName},
			Hosts:   []string{layout.NodeName, layout.NodeIP},
		},
		{
			Name: "kubelet-client", Authority: "ca", Usage: x509.ExtKeyUsageClientAuth,
			Subject: pkix.Name{CommonName: "kube-apiserver-kubelet-client", Organization: []string{"system:masters"}},
		},
		{
			Name: "front-proxy", Authority: "front-ca", Usage: x509.ExtKeyUsageClientAuth,
			Subject: pkix.Name{CommonName: "front-proxy-client"},
		},
	}
}

// Ensure makes all certificates, keys and tokens in dir unless they are there.
// They appear all at once, so that an interrupted run leaves nothing half done.
func Ensure(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for the certificates: %w", err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".certificates-")
	if err != nil {
		return fmt.Errorf("make a directory for the certificates: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := writeAll(tmp); err != nil {
		return fmt.Errorf("make the certificates: %w", err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return fmt.Errorf("put the certificates in their place: %w", err)
	}
	return nil
}

func writeAll(dir string) error {
	signers := map[string]*authority{}
	for name, commonName := range authorities {
		made, err := newAuthority(commonName)
		if err != nil {
			return err
		}
		if err := writePair(dir, name, made.cert.Raw, made.key); err != nil {
			return err
		}
		signers[name] = made
	}
	for _, c := range certificates() {
		der, key, err := signers[c.Authority].sign(c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		if err := writePair(dir, c.Name, der, key); err != nil {
			return err
		}
	}
	if err := writeServiceAccountKey(dir); err != nil {
		return err
	}
	return write(dir, "tokens.csv", tokens())
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(commonName string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template, err := newTemplate(pkix.Name{CommonName: commonName})
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &authority{cert: cert, key: key}, err
}

func (a *authority) sign(c certificate) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template, err := newTemplate(c.Subject)
	if err != nil {
		return nil, nil, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{c.Usage}
	for _, host := range c.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	return der, key, err
}

func newTemplate(subject pkix.Name) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    now.Add(-time.Hour), // clocks differ
		NotAfter:     now.Add(validity),
	}, nil
}

// writeServiceAccountKey makes the key that signs the tokens of pods.
func writeServiceAccountKey(dir string) error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	if err := write(dir, "service-account.pub", block("PUBLIC KEY", public)); err != nil {
		return err
	}
	return write(dir, "service-account.key", block("PRIVATE KEY", private))
}

func writePair(dir, name string, der []byte, key *ecdsa.PrivateKey) error {
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := write(dir, name+".crt", block("CERTIFICATE", der)); err != nil {
		return err
	}
	return write(dir, name+".key", block("PRIVATE KEY", private))
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func write(dir, name, content string) error {
	return os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)
}

// users are the identities that log in by token: short name, user, groups.
var users = [][3]string{
	{"admin", "admin", "system:masters"},
	{"controllers", "system:kube-controller-manager", ""},
	{"scheduler", "system:kube-scheduler", ""},
	{"proxy", "system:kube-proxy", ""},
	{"node", "system:node:" + layout.NodeName, "system:nodes"},
}

func tokens() string {
	var lines strings.Builder
	for _, u := range users {
		_, _ = fmt.Fprintf(&lines, "%s,%s,%s,%q\n", rand.Text(), u[1], u[0], u[2])
	}
	return lines.String()
}

// Tokens reads the tokens, by short name of the user.
func Tokens(dir string) (map[string]string, error) {
	content, err := os.ReadFile(filepath.Join(dir, "tokens.csv"))
	if err != nil {
		return nil, fmt.Errorf("read the tokens: %w", err)
	}
	found := map[string]string{}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Split(line, ","); len(fields) >= 3 {
			found[fields[2]] = fields[0]
		}
	}
	return found, nil
}
