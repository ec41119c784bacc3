package suite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/manager"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// Configure replaces the operator's configuration file in one step, as the kubelet does.
func Configure(t *testing.T, text string) {
	t.Helper()
	next := Operator.file + ".next"
	if err := errors.Join(os.WriteFile(next, []byte(text), 0o600), os.Rename(next, Operator.file)); err != nil {
		t.Fatal(err)
	}
}

// Restart stops the operator and starts another one.
func Restart(t *testing.T) {
	t.Helper()
	Operator.Stop()
	Operator.MustStart(t)
}

const (
	// OperatorNamespace is the operator's own.
	OperatorNamespace = installed.Namespace
	// Configuration is the operator's configuration file, with which releases reach all Shops at once. Tests of waves change it.
	Configuration = "houseRelay: {host: relay.mail.svc, port: 25, tls: None, domain: mail.platform.example}\nrelease: {strategy: AllAtOnce}\n"
)

// The API server of the package's tests, the operator that runs against it with the rights of config/rbac, and what watches both.
var (
	Kube     client.WithWatch // a user with all rights, whose requests are not recorded
	Cluster  *installed.Cluster
	Traffic  = &installed.Traffic{}
	Pods     = &fakePods{reports: map[netip.Addr]bundle.Report{}, met: map[netip.Addr]bool{}}
	Operator = &process{}
	watcher  = &statusWatcher{}
	rollouts = &deploymentController{}
)

// Main runs the tests of a package, and ends the process.
func Main(m *testing.M) {
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewJSONHandler(log, nil)))
	installed.Main(func(c *installed.Cluster) (int, error) { return runAll(m, c) })
}

func runAll(m *testing.M, c *installed.Cluster) (int, error) {
	Cluster, Kube = c, c.Client
	if err := c.Install(context.Background()); err != nil {
		return 0, err
	}
	directory, err := os.MkdirTemp("", "wismo-config-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(directory) }()
	Operator.file = filepath.Join(directory, "config.yaml")
	if err := os.WriteFile(Operator.file, []byte(Configuration), 0o600); err != nil {
		return 0, err
	}
	if err := Operator.Start(); err != nil {
		return 0, err
	}
	stopWatching, err := watcher.start(Kube)
	if err != nil {
		return 0, err
	}
	stopRollouts, err := rollouts.start(context.Background(), Kube)
	if err != nil {
		return 0, err
	}
	code := m.Run()
	leaked := leaks()
	missed := errors.Join(stopWatching(), stopRollouts())
	Operator.Stop()
	return code, errors.Join(leaked, missed, watcher.violations(), Traffic.Forbidden(), unusedRights())
}

// process is the operator, which tests can stop and start again.
type process struct {
	file    string // path of its configuration
	Version string // that it reports; "" = 1.0.0
	running *installed.Operator
}

// Start starts the operator.
func (p *process) Start() error {
	as := Cluster.AsOperator()
	as.Wrap(Traffic.Wrap)
	c, err := config.Open(p.file, func(string) string { return "image:1" }, manager.LastGood(context.Background(), as, OperatorNamespace))
	if err != nil {
		return err
	}
	p.running, err = installed.Start(as, manager.Options{
		Config: c, ReloadInterval: 50 * time.Millisecond, Version: cmp.Or(p.Version, "1.0.0"),
		Fetch: Pods.fetch, CheckHostnames: Internet.look, Now: Clock.Now,
	})
	return err
}

// MustStart starts the operator again in a test that has stopped it.
func (p *process) MustStart(t *testing.T) {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
}

// Stop stops the operator, and waits until it has ended.
func (p *process) Stop() {
	if err := p.running.Stop(); err != nil {
		panic(fmt.Sprintf("the operator did not stop cleanly: %v", err))
	}
}
