//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/demo/inbox"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

// skipSetup, when set, says that the demo is up and current, so that a test can be repeated quickly.
const skipSetup = "WISMO_E2E_SKIP_SETUP"

var (
	cluster *kube.Cluster
	mails   inbox.Client
	run     = time.Now()
	serial  atomic.Int64
	// binaries is the directory of programs that are built for this machine.
	binaries string
)

// merchant is one of the demo's Shops as the outside world sees it.
type merchant struct {
	name    string
	baseURL string
	journey func(number string, now time.Time) []journey.Webhook
	shopper func(number string) string
}

var (
	linden  = merchant{name: "linden", journey: journey.Linden, shopper: journey.LindenShopper}
	fjallro = merchant{name: "fjallro", journey: journey.Fjallro, shopper: journey.FjallroShopper}
)

func (m merchant) key() client.ObjectKey { return client.ObjectKey{Namespace: m.name, Name: m.name} }

func (m merchant) target() kube.Target {
	return kube.Target{Namespace: m.name, Service: m.name + "-page", Port: 80}
}

func (m merchant) sender() kube.Sender {
	return kube.Sender{Cluster: cluster, Shop: m.key(), BaseURL: m.baseURL}
}

// TestMain brings the demo up, which is the first test of all, and then connects as the outside world.
func TestMain(m *testing.M) {
	code, err := prepareAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "preparing the cluster:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func prepareAndRun(m *testing.M) (code int, err error) {
	if binaries, err = os.MkdirTemp("", "wismo-e2e-"); err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(binaries) }()
	if err := prepare(context.Background()); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

func prepare(ctx context.Context) error {
	root, err := kube.FindRoot()
	if err != nil {
		return err
	}
	if os.Getenv(skipSetup) == "" {
		args := []string{"run", "./hack/demo", "up"}
		if !kube.IsLocal() {
			args = append(args, "--images-loaded")
		}
		demo := exec.CommandContext(ctx, "go", args...)
		demo.Dir, demo.Stdout, demo.Stderr = root, os.Stdout, os.Stderr
		if err := demo.Run(); err != nil {
			return fmt.Errorf("make demo: %w", err)
		}
		if kube.IsLocal() {
			if err := kube.LocalCommand(ctx, root, os.Stdout, "load", "--image", "prober=./test/e2e/prober"); err != nil {
				return err
			}
		}
	}
	if cluster, err = kube.Connect(ctx, root); err != nil {
		return err
	}
	if cluster.Local { // a killed run may have left its node cordoned
		if _, err := cluster.Kubectl(ctx, "uncordon", "--selector=kubernetes.io/os=linux"); err != nil {
			return err
		}
	}
	return publish(ctx)
}

// publish opens the ports that the tests use; those of the demo are the same.
func publish(ctx context.Context) error {
	mails.URL = "http://" + cluster.Address(18025)
	linden.baseURL, fjallro.baseURL = "http://"+cluster.Address(18081), "http://"+cluster.Address(18082)
	var quiet strings.Builder
	for name, forward := range map[string]struct {
		url string
		to  kube.Target
	}{
		"demo-mailbox": {mails.URL, kube.Target{Namespace: "wismo-demo", Service: "mailbox", Port: 8025}},
		"demo-linden":  {linden.baseURL, linden.target()},
		"demo-fjallro": {fjallro.baseURL, fjallro.target()},
	} {
		if err := cluster.Publish(ctx, name, strings.TrimPrefix(forward.url, "http://"), forward.to, &quiet); err != nil {
			return fmt.Errorf("%w\n%s", err, quiet.String())
		}
	}
	return nil
}

// ofThisRun is a name that no other run has given to anything.
func ofThisRun(name string) string { return fmt.Sprintf("e2e-%s-%d", name, run.Unix()%100000) }

// newNumber is an order number that no run has used.
func newNumber() string { return fmt.Sprintf("E%d-%d", run.Unix(), serial.Add(1)) }
