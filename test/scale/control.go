package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const operatorNamespace = "wismo-system"

// everyRequest is the audit policy by which the calls of each client are counted.
const everyRequest = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{level: Metadata}]
`

// control is the API server with its etcd.
type control struct {
	env    *envtest.Environment
	config *rest.Config
	kube   client.WithWatch // the user
	dir    string
	audit  string
}

// startControl starts an API server with an audit log. Its range of cluster addresses is wide enough
// for two Services of every Shop, and its store for so many MiB of Secrets, of which the API server keeps no copy.
func startControl(ctx context.Context, foreign int) (*control, error) {
	ctrl.SetLogger(logr.Discard())
	dir, err := os.MkdirTemp("", "wismo-scale-")
	if err != nil {
		return nil, err
	}
	c := &control{dir: dir, audit: filepath.Join(dir, "audit.log")}
	policy := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(policy, []byte(everyRequest), 0o600); err != nil {
		return nil, err
	}
	c.env = &envtest.Environment{CRDDirectoryPaths: []string{filepath.Join("..", "..", "config", "crd", "bases")}, ErrorIfCRDPathMissing: true}
	c.env.ControlPlaneStartTimeout = 2 * time.Minute // on a busy machine
	c.env.AttachControlPlaneOutput = os.Getenv("WISMO_SCALE_DEBUG") != ""
	c.env.ControlPlane.Etcd = &envtest.Etcd{}
	c.env.ControlPlane.Etcd.Configure().Set("quota-backend-bytes", "8589934592")
	server := c.env.ControlPlane.GetAPIServer().Configure().
		Set("service-cluster-ip-range", "10.96.0.0/12").
		Set("audit-policy-file", policy).
		Set("audit-log-path", c.audit).
		Set("audit-log-mode", "batch").
		Set("audit-log-maxsize", "8192") // MiB: calls are counted in one file
	if foreign > 0 {
		server.Set("watch-cache-sizes", "secrets#0")
	}
	say("starting the API server")
	if c.config, err = c.env.Start(); err != nil {
		return nil, fmt.Errorf("starting the API server (KUBEBUILDER_ASSETS must name its directory; see hack/scale.sh): %w", err)
	}
	if c.kube, err = c.clientOf("user"); err != nil {
		return nil, err
	}
	for _, object := range []client.Object{namespace(operatorNamespace), namespace("wismo-library"), houseText(0)} {
		if err := c.kube.Create(ctx, object); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *control) stop() {
	_ = c.env.Stop()
	_ = os.RemoveAll(c.dir)
}

// as returns the way of a client of its own name to the API server, without a limit of its own.
func (c *control) as(name string) (*rest.Config, []byte, error) {
	user, err := c.env.AddUser(envtest.User{Name: name, Groups: []string{"system:masters"}}, &rest.Config{QPS: -1})
	if err != nil {
		return nil, nil, err
	}
	kubeconfig, err := user.KubeConfig()
	return user.Config(), kubeconfig, err
}

func (c *control) clientOf(name string) (client.WithWatch, error) {
	config, _, err := c.as(name)
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, err
	}
	return client.NewWithWatch(config, client.Options{Scheme: scheme})
}

// kubeconfigOf writes the kubeconfig of a process.
func (c *control) kubeconfigOf(name string) (string, error) {
	_, content, err := c.as(name)
	if err != nil {
		return "", err
	}
	file := filepath.Join(c.dir, name+".kubeconfig")
	return file, os.WriteFile(file, content, 0o600)
}

func namespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// namespaces creates n namespaces, outside of any measured time.
func (c *control) namespaces(ctx context.Context, prefix string, n int) ([]string, error) {
	say("creating %d namespaces %s-...", n, prefix)
	names := make([]string, n)
	return names, inParallel(n, func(i int) error {
		names[i] = namespaceName(prefix, i)
		return c.kube.Create(ctx, namespace(names[i]))
	})
}

func namespaceName(prefix string, i int) string { return fmt.Sprintf("%s-%05d", prefix, i) }

// foreignSecrets fills the cluster with what is none of wismo's business.
func (c *control) foreignSecrets(ctx context.Context, mebibytes int) error {
	if mebibytes == 0 {
		return nil
	}
	say("creating %d MiB of unrelated Secrets", mebibytes)
	if err := c.kube.Create(ctx, namespace("foreign")); err != nil {
		return err
	}
	content := []byte(strings.Repeat("secret", 1<<19/6))
	return inParallel(2*mebibytes, func(i int) error {
		return c.kube.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "foreign", Name: fmt.Sprintf("s-%05d", i)},
			Data:       map[string][]byte{"content": content},
		})
	})
}

// concurrency is how many requests every client has under way: as many as the manager has workers.
const concurrency = 10

// inParallel runs do(0) to do(n-1).
func inParallel(n int, do func(int) error) error {
	next, errs := make(chan int), make(chan error, concurrency)
	for range concurrency {
		go func() {
			var all error
			for i := range next {
				if all == nil {
					all = do(i)
				}
			}
			errs <- all
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	var all error
	for range concurrency {
		all = errors.Join(all, <-errs)
	}
	return all
}

func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}
