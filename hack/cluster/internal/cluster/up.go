package cluster

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"embed"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
	"github.com/wismo-dev/wismo/hack/cluster/internal/cgroup"
	"github.com/wismo-dev/wismo/hack/cluster/internal/components"
	"github.com/wismo-dev/wismo/hack/cluster/internal/config"
	"github.com/wismo-dev/wismo/hack/cluster/internal/host"
	"github.com/wismo-dev/wismo/hack/cluster/internal/images"
	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/netns"
	"github.com/wismo-dev/wismo/hack/cluster/internal/pki"
	"github.com/wismo-dev/wismo/hack/cluster/internal/process"
)

//go:embed manifests
var manifests embed.FS

const (
	pauseReference = "wismo.dev/pause:dev"
	heartbeat      = 15 * time.Second
)

// Up starts the cluster, or what is missing of it. Port 0 means the port used
// before, or the usual one.
func (c *Cluster) Up(ctx context.Context, wantedPort int) error {
	if err := host.Check(); err != nil {
		return err
	}
	if err := host.Install(ctx, c.Log); err != nil {
		return err
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.makeDirectories(); err != nil {
		return err
	}
	port, err := c.apiPort(wantedPort)
	if err != nil {
		return err
	}
	set, err := c.components(ctx, port)
	if err != nil {
		return err
	}
	if err := c.prepare(ctx, port); err != nil {
		return err
	}
	if err := c.startAll(ctx, set); err != nil {
		return err
	}
	c.Log.Say("the cluster is up: eval \"$(go run -C hack/cluster . env)\"")
	return nil
}

func (c *Cluster) makeDirectories() error {
	for _, dir := range []string{"processes", "logs", "volumes"} {
		if err := os.MkdirAll(c.Layout.State(dir), 0o755); err != nil {
			return fmt.Errorf("make a directory of the cluster: %w", err)
		}
	}
	return nil
}

// prepare makes all that the processes need to find: the network namespace,
// certificates, configuration and control groups.
func (c *Cluster) prepare(ctx context.Context, port int) error {
	if err := c.offerAPI(ctx, port); err != nil {
		return err
	}
	made, err := netns.Ensure(ctx)
	if err != nil {
		return err
	}
	if made { // no pod can have kept its address
		if err := c.forgetAddresses(); err != nil {
			return err
		}
	}
	if err := pki.Ensure(c.Layout.Certificates()); err != nil {
		return err
	}
	tokens, err := pki.Tokens(c.Layout.Certificates())
	if err != nil {
		return err
	}
	plugin, err := host.Look("ptp")
	if err != nil {
		return err
	}
	settings := config.Settings{
		APIPort:    port,
		PluginDir:  filepath.Dir(plugin),
		PauseImage: pauseReference,
		Tokens:     tokens,
	}
	if err := config.Write(c.Layout, settings); err != nil {
		return err
	}
	return cgroup.Ensure()
}

func (c *Cluster) startAll(ctx context.Context, set components.Set) error {
	changed, err := c.start(ctx, set.Etcd(), set.Containerd(), set.APIServer(), set.Forwarder())
	if err != nil {
		return err
	}
	dns, err := c.systemImages(ctx)
	if err != nil {
		return err
	}
	if err := c.await(ctx, "apiserver", "the start of the API server", c.apiReady(set.APIPort)); err != nil {
		return err
	}
	c.Log.Say("API server ready at https://%s:%d", layout.Loopback(), set.APIPort)
	more, err := c.start(ctx, set.Controllers(), set.Scheduler(), set.Kubelet(), set.Proxy(), set.Agent())
	if err != nil {
		return err
	}
	if err := c.apply(ctx, set, dns, changed || more); err != nil {
		return err
	}
	if err := c.awaitNode(ctx, set); err != nil {
		return err
	}
	return c.awaitDNS(ctx)
}

func (c *Cluster) awaitNode(ctx context.Context, set components.Set) error {
	err := c.await(ctx, "kubelet", "node readiness", func(ctx context.Context) error {
		return c.kubectl(ctx, set.Kubernetes, "",
			"wait", "--for=condition=Ready", "node/"+layout.NodeName, "--timeout=60s")
	})
	if err == nil {
		c.Log.Say("node %s ready", layout.NodeName)
	}
	return err
}

// awaitDNS asks for a name, because what the API server says of pods and nodes
// right after a start is what it remembers from before.
func (c *Cluster) awaitDNS(ctx context.Context) error {
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return netns.Dial(ctx, network, net.JoinHostPort(layout.DNSServiceIP, "53"))
	}}
	err := c.await(ctx, "kubelet", "an answer of the cluster's DNS", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err := resolver.LookupHost(ctx, "kubernetes.default.svc."+layout.DNSDomain+".")
		return err
	})
	if err == nil {
		c.Log.Say("DNS answers")
	}
	return err
}

// start reports whether any of the processes had to be started.
func (c *Cluster) start(ctx context.Context, processes ...process.Process) (changed bool, err error) {
	for _, p := range processes {
		started, err := c.processes.Ensure(ctx, p)
		if err != nil {
			return changed, err
		}
		changed = changed || started
	}
	return changed, nil
}

// systemImages imports what every pod needs and returns the reference of the
// CoreDNS image, which changes with its content so that a new one is rolled out.
func (c *Cluster) systemImages(ctx context.Context) (dns string, err error) {
	ready := func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", c.Layout.ContainerdSocket())
		if err != nil {
			return err
		}
		return conn.Close()
	}
	if err := c.await(ctx, "containerd", "the start of containerd", ready); err != nil {
		return "", err
	}
	if _, err := c.systemImage(ctx, build.Pause(), pauseReference); err != nil {
		return "", err
	}
	return c.systemImage(ctx, build.CoreDNS(), "")
}

func (c *Cluster) systemImage(ctx context.Context, program build.Program, reference string) (string, error) {
	dir, err := c.builder.Ensure(ctx, program)
	if err != nil {
		return "", err
	}
	if reference == "" {
		reference = "wismo.dev/" + program.Name + ":" + filepath.Base(dir)[len(program.Name)+1:]
	}
	image, err := images.FromBinary(c.Layout.Images(), reference, filepath.Join(dir, program.Name))
	if err != nil {
		return "", err
	}
	imported, err := c.store.Import(ctx, image)
	if imported {
		c.Log.Say("imported %s (%s)", reference, megabytes(image.TarballSize()))
	}
	return reference, err
}

func (c *Cluster) apiReady(port int) func(context.Context) error {
	roots := x509.NewCertPool()
	if authority, err := os.ReadFile(filepath.Join(c.Layout.Certificates(), "ca.crt")); err == nil {
		roots.AppendCertsFromPEM(authority)
	}
	client := &http.Client{
		Timeout: 2 * time.Second,
		Transport: &http.Transport{
			DialContext:       netns.Dial,
			TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			DisableKeepAlives: true,
		},
	}
	url := fmt.Sprintf("https://%s:%d/readyz", layout.Loopback(), port)
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("the API server answers %s", response.Status)
		}
		return nil
	}
}

// apply gives the cluster its DNS and StorageClass. A cluster that ran all the
// time and was given just these before is not bothered.
func (c *Cluster) apply(ctx context.Context, set components.Set, dnsImage string, restarted bool) error {
	text, err := renderManifests(dnsImage)
	if err != nil {
		return err
	}
	marker := c.Layout.State("applied.yaml")
	if before, err := os.ReadFile(marker); err == nil && string(before) == text && !restarted {
		return nil
	}
	err = c.await(ctx, "apiserver", "applying the manifests", func(ctx context.Context) error {
		return c.kubectl(ctx, set.Kubernetes, text, "apply", "--filename=-")
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(marker, []byte(text), 0o644); err != nil {
		return fmt.Errorf("remember the manifests: %w", err)
	}
	return nil
}

func renderManifests(dnsImage string) (string, error) {
	parsed, err := template.New("").Option("missingkey=error").ParseFS(manifests, "manifests/*.yaml")
	if err != nil {
		return "", fmt.Errorf("read the manifests: %w", err)
	}
	values := map[string]string{
		"Image": dnsImage, "Domain": layout.DNSDomain, "ServiceIP": layout.DNSServiceIP, "Provisioner": layout.Provisioner,
	}
	var text bytes.Buffer
	for _, name := range []string{"coredns.yaml", "storageclass.yaml"} {
		if err := parsed.ExecuteTemplate(&text, name, values); err != nil {
			return "", fmt.Errorf("render %s: %w", name, err)
		}
		text.WriteString("\n---\n")
	}
	return text.String(), nil
}

func megabytes(size int64) string {
	return fmt.Sprintf("%.1f MB", float64(size)/1e6)
}
