package life

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/manager"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
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
	installed.Tests(m, func(c *installed.Cluster) error {
		cluster, kube = c, c.Client
		return nil
	})
}

// operator is the one of this source tree, with the identity, and so the rights, of the installed ServiceAccount.
type operator struct {
	*installed.Operator

	traffic installed.Traffic
}

func start(t *testing.T, watch ...string) *operator {
	t.Helper()
	o := &operator{}
	as := cluster.AsOperator()
	as.Wrap(o.traffic.Wrap)
	c, err := config.Parse(nil, func(string) string { return "image:1" })
	if err != nil {
		t.Fatal(err)
	}
	o.Operator, err = installed.Start(as, manager.Options{
		Config: config.Fixed(c), Watch: watch, Version: "1",
		Fetch:          func(context.Context, netip.Addr) (*bundle.Report, error) { return nil, errors.New("no pods here") },
		CheckHostnames: func(context.Context, dnscheck.Target) []dnscheck.Result { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// stop ends the operator; whatever it was refused is a fault of the installed roles.
func (o *operator) stop(t *testing.T) {
	t.Helper()
	if err := o.Stop(); err != nil {
		t.Errorf("the operator did not end in order: %v", err)
	}
	if err := o.traffic.Forbidden(); err != nil {
		t.Error(err)
	}
}

func create(t *testing.T, objects ...client.Object) {
	t.Helper()
	cluster.Add(t, objects...)
}

func newShop(namespace string) *v1alpha1.Shop {
	return installed.MinimalShop(namespace, "linden", namespace)
}

func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	installed.Eventually(t, patience, what, check)
}

// ready takes the Shop to Ready: no pods run here, so it sets the status of its Deployments to complete.
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
		d.Status = installed.RolledOut(d)
		if err := kube.Status().Update(ctx, d); err != nil {
			return err
		}
	}
	return nil
}
