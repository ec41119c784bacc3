package pki

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

func TestCertificates(t *testing.T) {
	dir := made(t)
	for _, test := range []struct {
		name, authority string
		usage           x509.ExtKeyUsage
		hosts           []string
	}{
		{"apiserver", "ca", x509.ExtKeyUsageServerAuth, []string{
			"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
			"localhost", "127.0.0.1", layout.APIServiceIP, layout.NodeIP,
		}},
		{"kubelet", "ca", x509.ExtKeyUsageServerAuth, []string{layout.NodeName, layout.NodeIP}},
		{"kubelet-client", "ca", x509.ExtKeyUsageClientAuth, nil},
		{"front-proxy", "front-ca", x509.ExtKeyUsageClientAuth, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			cert := read(t, dir, test.name)
			roots := x509.NewCertPool()
			roots.AddCert(read(t, dir, test.authority))
			options := x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{test.usage}}
			if _, err := cert.Verify(options); err != nil {
				t.Errorf("not trusted: %v", err)
			}
			for _, host := range test.hosts {
				if err := cert.VerifyHostname(host); err != nil {
					t.Error(err)
				}
			}
			if err := cert.VerifyHostname("example.com"); err == nil {
				t.Error("valid for a name it was not made for")
			}
		})
	}
}

func TestTheTwoAuthoritiesDoNotTrustEachOther(t *testing.T) {
	dir := made(t)
	roots := x509.NewCertPool()
	roots.AddCert(read(t, dir, "ca"))
	if _, err := read(t, dir, "front-proxy").Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err == nil {
		t.Error("a certificate of the front proxy would log in as a client")
	}
}

func TestEnsureKeepsWhatIsThere(t *testing.T) {
	dir := made(t)
	before := read(t, dir, "ca")
	if err := Ensure(dir); err != nil {
		t.Fatal(err)
	}
	if !before.Equal(read(t, dir, "ca")) {
		t.Error("the authority was replaced")
	}
}

func TestSecretsAreForRootOnly(t *testing.T) {
	dir := made(t)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", entry.Name(), info.Mode())
		}
	}
}

func TestTokens(t *testing.T) {
	tokens, err := Tokens(made(t))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, user := range []string{"admin", "controllers", "scheduler", "proxy", "node"} {
		token := tokens[user]
		if len(token) < 20 || seen[token] {
			t.Errorf("%s has no token of its own: %q", user, token)
		}
		seen[token] = true
	}
}

func made(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "certificates")
	if err := Ensure(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, dir, name string) *x509.Certificate {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name+".crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(content)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}
