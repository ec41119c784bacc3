package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

func written(t *testing.T) (layout.Layout, Settings) {
	t.Helper()
	l := layout.Layout{Cache: t.TempDir()}
	s := Settings{
		APIPort:    16443,
		PluginDir:  "/usr/lib/cni",
		PauseImage: "wismo.dev/pause:dev",
		Tokens:     map[string]string{"admin": "secret", "node": "other"},
	}
	if err := os.MkdirAll(l.Certificates(), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.Certificates(), "ca.crt"), []byte("authority"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(l, s); err != nil {
		t.Fatal(err)
	}
	return l, s
}

func TestYAMLFiles(t *testing.T) {
	l, _ := written(t)
	for path, want := range map[string][]string{
		Kubelet(l):                    {"cgroupRoot: /wismo", "containerRuntimeEndpoint: unix://" + l.ContainerdSocket(), "seccompDefault: true"},
		Proxy(l):                      {"mode: nftables", "bindAddress: 10.250.0.1", "clusterCIDR: 10.244.0.0/16"},
		AuditPolicy(l):                {"level: Metadata", "- deletecollection"},
		l.Kubeconfig():                {"server: https://127.0.0.1:16443", "token: secret", "certificate-authority-data: YXV0aG9yaXR5"},
		l.ComponentKubeconfig("node"): {"token: other"},
	} {
		content := readFile(t, path)
		var parsed map[string]any
		if err := yaml.UnmarshalStrict(content, &parsed); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		normal, err := yaml.Marshal(parsed)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range want {
			if !strings.Contains(string(normal), text) {
				t.Errorf("%s lacks %q:\n%s", path, text, normal)
			}
		}
	}
}

func TestNetworkConfigurationIsJSON(t *testing.T) {
	l, _ := written(t)
	var parsed struct {
		Name    string
		Plugins []struct{ Type string }
	}
	if err := json.Unmarshal(readFile(t, l.State("cni", "net.d", "10-wismo.conflist")), &parsed); err != nil {
		t.Fatal(err)
	}
	if parsed.Name != "wismo" || parsed.Plugins[0].Type != "ptp" {
		t.Errorf("got %+v", parsed)
	}
}

func TestContainerdStaysInItsDirectory(t *testing.T) {
	l, _ := written(t)
	for line := range strings.Lines(string(readFile(t, Containerd(l)))) {
		key, value, _ := strings.Cut(line, " = ")
		inside := strings.HasPrefix(value, `"`+l.State()+"/")
		switch key = strings.TrimSpace(key); key {
		case "root", "state", "address", "path", "conf_dir":
			if !inside {
				t.Errorf("%s is outside of the state directory: %s", key, value)
			}
		}
	}
}

// kube-proxy ends when its configuration is written, even with the same content.
func TestUnchangedFilesAreNotWritten(t *testing.T) {
	l, s := written(t)
	long := time.Now().Add(-time.Hour).Truncate(time.Second)
	for _, path := range []string{Proxy(l), l.Kubeconfig()} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	s.APIPort = 26443
	if err := Write(l, s); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(Proxy(l)); err != nil || !info.ModTime().Equal(long) {
		t.Errorf("kube-proxy's file was written: %v", err)
	}
	if info, err := os.Stat(l.Kubeconfig()); err != nil || info.ModTime().Equal(long) {
		t.Errorf("the kubeconfig was not written: %v", err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
