package controllers_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/manager"
)

const (
	operatorNamespace = "wismo-system"
	operatorUser      = "system:serviceaccount:wismo-system:wismo-manager"
	patience          = 30 * time.Second
	// Releases reach all Shops at once, but where a test is about how they do.
	configuration = "houseRelay: {host: relay.mail.svc, port: 25, tls: None, domain: mail.platform.example}\nrelease: {strategy: AllAtOnce}\n"
)

// The one API server of all tests, the operator that runs against it with no more rights than config/rbac gives it,
// and what watches both.
var (
	kube     client.WithWatch // the user: may do everything, and is not counted
	cluster  *rest.Config
	traffic  = &recorder{}
	pods     = &fakePods{reports: map[netip.Addr]bundle.Report{}, met: map[netip.Addr]bool{}}
	operator = &process{}
	watcher  = &statusWatcher{}
	rollouts = &deploymentController{}
)

func TestMain(m *testing.M) {
	code, err := runAll(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func runAll(m *testing.M) (int, error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return 0, errors.New("KUBEBUILDER_ASSETS must name a directory with kube-apiserver and etcd; run 'make test', which builds them")
	}
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewJSONHandler(log, nil)))
	env := &envtest.Environment{CRDDirectoryPaths: []string{filepath.Join("..", "config", "crd", "bases")}, ErrorIfCRDPathMissing: true}
	// Every page has an address, and the default range ends at 254 of them.
	env.ControlPlane.GetAPIServer().Configure().Set("service-cluster-ip-range", "10.96.0.0/12")
	var err error
	if cluster, err = env.Start(); err != nil {
		return 0, fmt.Errorf("starting the API server: %w", err)
	}
	defer func() { _ = env.Stop() }()
	if err := prepare(); err != nil {
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
	stopRollouts, err := rollouts.start(kube)
	if err != nil {
		return 0, err
	}
	code := m.Run()
	leaked := leaks()
	stopWatching()
	stopRollouts()
	operator.stop()
	return code, errors.Join(leaked, watcher.violations(), traffic.forbidden(), unusedRights())
}

// prepare brings the cluster to where an installation leaves it: namespaces and the operator's rights.
func prepare() error {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme), gatewayv1.Install(scheme)); err != nil {
		return err
	}
	var err error
	if kube, err = client.NewWithWatch(cluster, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	for _, name := range []string{operatorNamespace, v1alpha1.LibraryNamespace} {
		if err := kube.Create(context.Background(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "config", "rbac", "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		if err := createAll(file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// createAll creates every document of a file.
func createAll(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := kube.Create(context.Background(), object); err != nil {
			return err
		}
	}
}

// process is the operator, which can be stopped and started again.
type process struct {
	file    string // its configuration
	version string // that it believes to be
	cancel  context.CancelFunc
	done    chan error
}

func (p *process) start() error {
	as := rest.CopyConfig(cluster)
	as.Impersonate = rest.ImpersonationConfig{UserName: operatorUser, Groups: []string{"system:serviceaccounts", "system:authenticated"}}
	as.QPS = -1
	as.Wrap(traffic.wrap)
	ctx, cancel := context.WithCancel(context.Background())
	c, err := config.Open(p.file, func(string) string { return "image:1" }, manager.LastGood(ctx, as, operatorNamespace))
	if err != nil {
		cancel()
		return err
	}
	mgr, err := manager.New(ctx, as, manager.Options{
		Config: c, ReloadInterval: 50 * time.Millisecond, Namespace: operatorNamespace, Version: cmp.Or(p.version, "1.0.0"), MetricsAddress: "0", ProbeAddress: "0",
		LeaderElection: true, Fetch: pods.fetch, Look: internet.look, SkipNameValidation: true, Now: clock.now,
	})
	if err != nil {
		cancel()
		return err
	}
	p.cancel, p.done = cancel, make(chan error, 1)
	go func() { p.done <- mgr.Start(ctx) }()
	select {
	case <-mgr.Elected():
		return nil
	case err := <-p.done:
		return fmt.Errorf("the operator ended: %w", err)
	case <-time.After(patience):
		return errors.New("the operator does not lead")
	}
}

func (p *process) stop() {
	p.cancel()
	if err := <-p.done; err != nil {
		panic(fmt.Sprintf("the operator did not end in order: %v", err))
	}
}

// inNamespace makes a namespace of the test's own. Its Shops go with the test: what never serves would hold up releases.
func inNamespace(t *testing.T) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	create(t, ns)
	t.Cleanup(func() {
		if err := kube.DeleteAllOf(context.Background(), &v1alpha1.Shop{}, client.InNamespace(ns.Name)); err != nil {
			t.Error(err)
		}
	})
	return ns.Name
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
