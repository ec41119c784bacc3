// Package kube is how the demo and the end-to-end tests reach a cluster: the local one that hack/cluster runs, or any
// other that KUBECONFIG names. It acts as the administrator. It must not know what is demonstrated or tested.
package kube

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Cluster is a running cluster.
type Cluster struct {
	client.Client
	Config *rest.Config
	Root   string // of the repository
	Local  bool   // hack/cluster runs it
	Here   string // the loopback address of this machine at which its Services are published

	kubeconfig, kubectl string
}

// IsLocal says whether hack/cluster is to be used: KUBECONFIG is not set, or names the local cluster's own.
func IsLocal() bool {
	named := os.Getenv("KUBECONFIG")
	if named == "" {
		return true
	}
	state, err := LocalState()
	return err == nil && named == filepath.Join(state, "kubeconfig")
}

// LocalState is the directory of what the local cluster remembers: the one that WISMO_CLUSTER names, or the only one.
func LocalState() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the local cluster: %w", err)
	}
	directory := "state"
	if name := os.Getenv("WISMO_CLUSTER"); name != "" {
		directory += "-" + name
	}
	return filepath.Join(cache, "wismo-cluster", directory), nil
}

// FindRoot returns the root of the repository that holds the working directory.
func FindRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "hack", "cluster", "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("run this from within the repository: hack/cluster is not in or above the working directory")
}

// LocalCommand runs one command of hack/cluster; its progress goes to out.
func LocalCommand(ctx context.Context, root string, out io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"run", "-C", filepath.Join(root, "hack", "cluster"), "."}, args...)...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("hack/cluster %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// Connect finds the cluster's kubeconfig and kubectl and makes a client. The local cluster must be up.
func Connect(ctx context.Context, root string) (*Cluster, error) {
	c := &Cluster{Root: root, Local: IsLocal(), kubeconfig: os.Getenv("KUBECONFIG"), kubectl: "kubectl"}
	if c.Local {
		if err := c.readLocalEnvironment(ctx); err != nil {
			return nil, err
		}
	}
	rules := &clientcmd.ClientConfigLoadingRules{Precedence: filepath.SplitList(c.kubeconfig)}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig %s: %w", c.kubeconfig, err)
	}
	ctrllog.SetLogger(logr.Discard()) // what goes wrong is in the errors
	config.QPS, config.Burst = -1, -1
	config.UserAgent = "wismo-demo"
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	c.Config = config
	if c.Here, err = here(config, c.Local); err != nil {
		return nil, err
	}
	if c.Client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return nil, fmt.Errorf("connecting to the cluster of %s: %w", c.kubeconfig, err)
	}
	return c, nil
}

// here is where the local cluster offers its API server too, so that clusters side by side do not share ports.
func here(config *rest.Config, local bool) (string, error) {
	if !local {
		return "127.0.0.1", nil
	}
	server, err := url.Parse(config.Host)
	if err != nil {
		return "", fmt.Errorf("reading the address of the API server: %w", err)
	}
	return server.Hostname(), nil
}

// Address is a port at which something of the cluster is published on this machine.
func (c *Cluster) Address(port int) string { return net.JoinHostPort(c.Here, strconv.Itoa(port)) }

var assignment = regexp.MustCompile(`^export ([A-Z_]+)='([^']*)'`)

// readLocalEnvironment asks hack/cluster for what a shell would need.
func (c *Cluster) readLocalEnvironment(ctx context.Context) error {
	var out bytes.Buffer
	if err := LocalCommand(ctx, c.Root, &out, "env"); err != nil {
		return fmt.Errorf("%w\n%s", err, out.String())
	}
	for lines := bufio.NewScanner(&out); lines.Scan(); {
		found := assignment.FindStringSubmatch(lines.Text())
		switch {
		case found == nil:
		case found[1] == "KUBECONFIG":
			c.kubeconfig = found[2]
		case found[1] == "PATH":
			for _, dir := range filepath.SplitList(found[2]) {
				if _, err := os.Stat(filepath.Join(dir, "kubectl")); err == nil {
					c.kubectl = filepath.Join(dir, "kubectl")
					break
				}
			}
		}
	}
	if c.kubeconfig == "" {
		return errors.New("hack/cluster env names no KUBECONFIG: is the cluster up?")
	}
	return nil
}

// Kubectl runs the cluster's own kubectl in the root of the repository and returns what it prints.
func (c *Cluster) Kubectl(ctx context.Context, args ...string) (string, error) {
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, c.kubectl, args...)
	cmd.Dir = c.Root
	cmd.Env = append(os.Environ(), "KUBECONFIG="+c.kubeconfig)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(problems.String()))
	}
	return out.String(), nil
}
