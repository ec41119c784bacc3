// Package config writes the configuration files of the cluster's components.
package config

import (
	"bytes"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/template"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

//go:embed templates
var templates embed.FS

var parsed = template.Must(template.New("").Option("missingkey=error").ParseFS(templates, "templates/*"))

// Settings are what differs from one cluster to another.
type Settings struct {
	APIPort    int
	PluginDir  string // where the network plugins are
	PauseImage string
	Tokens     map[string]string // by user
}

// Containerd is where the configuration of containerd is written.
func Containerd(l layout.Layout) string { return l.State("config", "containerd.toml") }

// Kubelet is where the configuration of the kubelet is written.
func Kubelet(l layout.Layout) string { return l.State("config", "kubelet.yaml") }

// Proxy is where the configuration of kube-proxy is written.
func Proxy(l layout.Layout) string { return l.State("config", "kube-proxy.yaml") }

// AuditPolicy is where it is written what the API server records.
func AuditPolicy(l layout.Layout) string { return l.State("config", "audit-policy.yaml") }

// Write renders every file. A file whose content stays the same is not touched,
// because kube-proxy ends when its file is written.
func Write(l layout.Layout, s Settings) error {
	values := values(l, s)
	files := map[string]string{
		Containerd(l):  "containerd.toml",
		Kubelet(l):     "kubelet.yaml",
		Proxy(l):       "kube-proxy.yaml",
		AuditPolicy(l): "audit-policy.yaml",
		l.State("cni", "net.d", "10-wismo.conflist"): "cni.conflist",
	}
	var errs []error
	for path, name := range files {
		errs = append(errs, write(path, name, values))
	}
	return errors.Join(append(errs, writeKubeconfigs(l, s))...)
}

func values(l layout.Layout, s Settings) map[string]any {
	return map[string]any{
		"State":        l.State(),
		"Certificates": l.Certificates(),
		"Socket":       l.ContainerdSocket(),
		"PluginDir":    s.PluginDir,
		"PauseImage":   s.PauseImage,
		"Cgroup":       layout.Cgroup(),
		"NetworkName":  layout.NetworkNamespace(),
		"NodeName":     layout.NodeName,
		"NodeIP":       layout.NodeIP,
		"PodRange":     layout.PodRange,
		"NodePodRange": layout.NodePodRange,
		"DNSDomain":    layout.DNSDomain,
		"DNSServiceIP": layout.DNSServiceIP,
	}
}

func writeKubeconfigs(l layout.Layout, s Settings) error {
	authority, err := os.ReadFile(filepath.Join(l.Certificates(), "ca.crt"))
	if err != nil {
		return fmt.Errorf("read the certificate authority: %w", err)
	}
	for user, token := range s.Tokens {
		path := l.ComponentKubeconfig(user)
		if user == "admin" {
			path = l.Kubeconfig()
		}
		err := write(path, "kubeconfig", map[string]any{
			"Loopback":  layout.Loopback(),
			"APIPort":   s.APIPort,
			"Authority": base64.StdEncoding.EncodeToString(authority),
			"User":      user,
			"Token":     token,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func write(path, name string, values map[string]any) error {
	var content bytes.Buffer
	if err := parsed.ExecuteTemplate(&content, name, values); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content.Bytes()) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make a directory for %s: %w", name, err)
	}
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
