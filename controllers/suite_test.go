package controllers_test

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
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/manager"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

const (
	operatorNamespace = installed.Namespace
	patience          = 30 * time.Second
	// Releases reach all Shops at once, but where a test is about how they do.
	configuration = "houseRelay: {host: relay.mail.svc, port: 25, tls: None, domain: mail.platform.example}\nrelease: {strategy: AllAtOnce}\n"
)

// The one API server of all tests, the operator that runs against it with no more rights than config/rbac gives it,
// and what watches both.
var (
	kube     client.WithWatch // the user: may do everything, and is not counted
	cluster  *installed.Cluster
	traffic  = &recorder{}
	pods     = &fakePods{reports: map[netip.Addr]bundle.Report{}, met: map[netip.Addr]bool{}}
	operator = &process{}
	watcher  = &statusWatcher{}
	rollouts = &deploymentController{}
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewJSONHandler(log, nil)))
	installed.Main(func(c *installed.Cluster) (int, error) { return runAll(m, c) })
}

func runAll(m *testing.M, c *installed.Cluster) (int, error) {
	cluster, kube = c, c.Client
	if err := c.Install(context.Background()); err != nil {
		return 0, err
	}
	directory, err := os.MkdirTemp("", "wismo-config-")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(directory) }()
	operator.file = filepath.Join(directory, "config.yaml")
	if err := os.WriteFile(operator.file, []byte(configuration), 0o600); err != nil {
		return 0, err
	}
	if err := operator.start(); err != nil {
		return 0, err
	}
	stopWatching, err := watcher.start(kube)
	if err != nil {
		return 0, err
	}
	stopRollouts, err := rollouts.start(context.Background(), kube)
	if err != nil {
		return 0, err
	}
	code := m.Run()
	leaked := leaks()
	missed := errors.Join(stopWatching(), stopRollouts())
	operator.stop()
	return code, errors.Join(leaked, missed, watcher.violations(), traffic.forbidden(), unusedRights())
}

// process is the operator, which can be stopped and started again.
type process struct {
	file    string // its configuration
	version string // that it believes to be
	running *installed.Operator
}

func (p *process) start() error {
	as := cluster.AsOperator()
	as.Wrap(traffic.wrap)
	c, err := config.Open(p.file, func(string) string { return "image:1" }, manager.LastGood(context.Background(), as, operatorNamespace))
	if err != nil {
		return err
	}
	p.running, err = installed.Start(as, manager.Options{
		Config: c, ReloadInterval: 50 * time.Millisecond, Version: cmp.Or(p.version, "1.0.0"),
		Fetch: pods.fetch, Look: internet.look, Now: clock.now,
	})
	return err
}

// begin starts the operator in a test, which stopped it.
func (p *process) begin(t *testing.T) {
	t.Helper()
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
}

func (p *process) stop() {
	if err := p.running.Stop(); err != nil {
		panic(fmt.Sprintf("the operator did not end in order: %v", err))
	}
}

// inNamespace makes a namespace of the test's own. Its Shops go with the test: what never serves would hold up releases.
func inNamespace(t *testing.T) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	create(t, ns)
	t.Cleanup(func() { abandon(t, ns.Name) })
	return ns.Name
}

// abandon deletes the Shops of a namespace and, as garbage collection does, their routes: until the operator sees that they
// are gone, it keeps the hostnames and looks again every few seconds. One that had read a Shop before may make its route
// anew.
func abandon(t *testing.T, namespace string) {
	t.Helper()
	if err := kube.DeleteAllOf(context.Background(), &v1alpha1.Shop{}, client.InNamespace(namespace)); err != nil {
		t.Error(err)
	}
	eventually(t, "the hostnames of "+namespace+" are free", func() error {
		held := claims(t, namespace)
		if len(held) == 0 {
			return nil
		}
		return errors.Join(fmt.Errorf("held are %v", held), kube.DeleteAllOf(context.Background(), &networkingv1.Ingress{}, client.InNamespace(namespace)))
	})
}

func create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := kube.Create(t.Context(), object); err != nil {
			t.Fatalf("creating %T %s: %v", object, object.GetName(), err)
		}
	}
}

// edit changes an object as somebody with kubectl edit does.
func edit[T client.Object](t *testing.T, object T, change func(T)) {
	t.Helper()
	eventually(t, "the edit is accepted", func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		change(object)
		return kube.Update(t.Context(), object)
	})
}

// eventually asks again until check has no error.
func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %s: %v", what, patience, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// eventsOf returns type, reason and note of the events about an object.
func eventsOf(t *testing.T, object client.Object) []eventsv1.Event {
	t.Helper()
	list := &eventsv1.EventList{}
	if err := kube.List(t.Context(), list, client.InNamespace(object.GetNamespace())); err != nil {
		t.Fatal(err)
	}
	var about []eventsv1.Event
	for _, e := range list.Items {
		if e.Regarding.UID == object.GetUID() {
			about = append(about, e)
		}
	}
	return about
}
