package life

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/manager"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/domain"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

const (
	system   = installed.Namespace
	patience = 60 * time.Second
)

// The one API server of all tests, with nothing on it but Kubernetes itself.
var (
	cluster *installed.Cluster
	kube    client.Client
)

func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	installed.Main(func(c *installed.Cluster) (int, error) {
		cluster, kube = c, c.Client
		return m.Run(), nil
	})
}

// operator is the one of this source tree, with the identity, and so the rights, of the installed ServiceAccount.
type operator struct {
	*installed.Operator

	mu        sync.Mutex
	forbidden []string
	writes    []string
}

func start(t *testing.T, watch ...string) *operator {
	t.Helper()
	o := &operator{}
	as := cluster.AsOperator()
	as.Wrap(o.listen)
	c, err := config.Parse(nil, func(string) string { return "image:1" })
	if err != nil {
		t.Fatal(err)
	}
	o.Operator, err = installed.Start(as, manager.Options{
		Config: config.Fixed(c), Watch: watch, Version: "1",
		Fetch: func(context.Context, netip.Addr) (*bundle.Report, error) { return nil, errors.New("no pods here") },
		Look:  func(context.Context, domain.Target) []domain.Look { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// listen notes what was refused, and what was written besides events and leases.
func (o *operator) listen(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err != nil {
			return response, err
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		line := r.Method + " " + r.URL.Path
		if response.StatusCode == http.StatusForbidden {
			o.forbidden = append(o.forbidden, line)
		}
		if r.Method != http.MethodGet && !strings.Contains(line, "/events") && !strings.Contains(line, "/leases") {
			o.writes = append(o.writes, line)
		}
		return response, nil
	})
}

// stop ends the operator; whatever it was refused is a fault of the installed roles.
func (o *operator) stop(t *testing.T) {
	t.Helper()
	if err := o.Stop(); err != nil {
		t.Errorf("the operator did not end in order: %v", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	slices.Sort(o.forbidden)
	if refused := slices.Compact(o.forbidden); len(refused) > 0 {
		t.Errorf("the installed roles do not allow the operator:\n%s", strings.Join(refused, "\n"))
	}
}

func (o *operator) written(namespace string) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(o.writes), func(line string) bool { return !strings.Contains(line, "/namespaces/"+namespace+"/") })
}

func create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, o := range objects {
		if err := kube.Create(t.Context(), o); err != nil {
			t.Fatalf("creating %T %s: %v", o, o.GetName(), err)
		}
	}
}

func newNamespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func newShop(namespace string) *v1alpha1.Shop {
	return &v1alpha1.Shop{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "linden"},
		Spec: v1alpha1.ShopSpec{
			DisplayName: "Linden Living", Hostname: v1alpha1.Hostname("track." + namespace + ".example"), HomeCountry: "NL",
		},
	}
}

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
		time.Sleep(50 * time.Millisecond)
	}
}

// ready takes the Shop to Ready: nobody here runs pods, so its Deployments are said to be complete.
func ready(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	eventually(t, "the Shop is Ready", func() error {
		if err := complete(t.Context(), shop.Namespace); err != nil {
			return err
		}
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return err
		}
		if shop.Status.ObservedGeneration != shop.Generation || !meta.IsStatusConditionTrue(shop.Status.Conditions, v1alpha1.ConditionReady) {
			return fmt.Errorf("%+v", shop.Status.Conditions)
		}
		return nil
	})
}

func complete(ctx context.Context, namespace string) error {
	list := &appsv1.DeploymentList{}
	if err := kube.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return err
	}
	for i := range list.Items {
		d := &list.Items[i]
		if d.Status.ObservedGeneration == d.Generation {
			continue
		}
		now := metav1.Now()
		d.Status = appsv1.DeploymentStatus{
			ObservedGeneration: d.Generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1,
			Conditions: []appsv1.DeploymentCondition{
				{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable", LastUpdateTime: now, LastTransitionTime: now},
				{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable", LastUpdateTime: now, LastTransitionTime: now},
			},
		}
		if err := kube.Status().Update(ctx, d); err != nil {
			return err
		}
	}
	return nil
}
