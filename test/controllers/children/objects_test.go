package children

import (
	"context"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// installGatewayAPI lets the cluster have HTTPRoutes.
func installGatewayAPI(t *testing.T) {
	t.Helper()
	module, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/gateway-api").Output()
	if err != nil {
		t.Fatalf("finding the definitions of the Gateway API: %v", err)
	}
	file := filepath.Join(strings.TrimSpace(string(module)), "config", "crd", "standard", "gateway.networking.k8s.io_httproutes.yaml")
	if _, err := envtest.InstallCRDs(suite.Cluster.Config, envtest.CRDInstallOptions{Paths: []string{file}}); err != nil {
		t.Fatal(err)
	}
}

// shapes are Shops that have, together, every kind of object that there is.
var shapes = map[string]func(*v1alpha1.Shop, *bundle.Document){
	"SQLite, Ingress": func(*v1alpha1.Shop, *bundle.Document) {},
	"PostgreSQL, several pages, HTTPRoutes": func(shop *v1alpha1.Shop, document *bundle.Document) {
		document.Storage.Type = bundle.PostgreSQL
		shop.Spec.Page = &v1alpha1.Page{Autoscaling: &v1alpha1.Autoscaling{MaxReplicas: 9}}
		shop.Spec.Exposure = &v1alpha1.Exposure{
			Type: v1alpha1.ExposureGateway, WebhookHostname: "hooks." + shop.Spec.Hostname,
			Gateway: &v1alpha1.GatewayExposure{ParentRefs: []v1alpha1.GatewayReference{{Name: "own"}}},
		}
	},
}

// objectsOf returns what the operator renders for a Shop of that shape, one object of each kind, and every ConfigMap.
func objectsOf(t *testing.T, shop *v1alpha1.Shop, shape func(*v1alpha1.Shop, *bundle.Document)) []desired.Object {
	t.Helper()
	sample := compiletest.Linden(t)
	sample.Shop = shop.DeepCopy()
	out := compile.Compile(sample)
	if out.Document == nil {
		t.Fatalf("the sample does not compile: %v", out.Problems)
	}
	shape(sample.Shop, out.Document)
	rendered := desired.Objects(desired.Input{
		Shop: sample.Shop, Bundle: out, Render: desired.RenderVersion,
		Images: release.Images{TrackingPage: "image:1", Notifier: "image:1"}, Platform: desired.Platform{OperatorNamespace: suite.OperatorNamespace},
	})
	ring, err := desired.KeyringObject(sample.Shop, desired.Rings{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	activity, err := desired.Activity(sample.Shop, compile.ActivityOf(sample.Shop))
	if err != nil {
		t.Fatal(err)
	}
	var one []desired.Object
	for _, o := range rendered {
		if !slices.ContainsFunc(one, func(other desired.Object) bool { return *other.GetKind() == *o.GetKind() }) {
			one = append(one, o)
		}
	}
	return append(one, ring, activity)
}

// cached shows what the operator's cache does: no object without its label.
type cached struct{ client.Reader }

func (c cached) Get(ctx context.Context, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
	err := c.Reader.Get(ctx, key, object, opts...)
	if err == nil && object.GetLabels()[desired.ManagedByLabel] != desired.ManagedBy {
		return apierrors.NewNotFound(schema.GroupResource{}, key.Name)
	}
	object.SetManagedFields(nil)
	return err
}

// operator returns what applies objects, with the operator's rights; its requests count as the operator's.
func operator(t *testing.T) *apply.Applier {
	t.Helper()
	as := suite.Cluster.AsOperator()
	as.Wrap(suite.Traffic.Wrap)
	writer, err := client.New(as, client.Options{Scheme: suite.Kube.Scheme(), FieldOwner: apply.FieldManager})
	if err != nil {
		t.Fatal(err)
	}
	return &apply.Applier{Reader: cached{suite.Kube}, Live: writer, Writer: writer, Scheme: suite.Kube.Scheme(), Answers: &apply.Answers{Now: time.Now}}
}

// child is one object of a Shop in a test.
type child struct {
	*apply.Applier

	shop     *v1alpha1.Shop
	rendered desired.Object
}

// live returns the object as it is; nil = there is none.
func (c child) live(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(*c.rendered.GetAPIVersion())
	o.SetKind(*c.rendered.GetKind())
	err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: *c.rendered.GetNamespace(), Name: *c.rendered.GetName()}, o)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// apply applies the object, which must work.
func (c child) apply(t *testing.T) (changed bool) {
	t.Helper()
	version, err := c.Apply(t.Context(), c.rendered)
	if err != nil {
		t.Fatal(err)
	}
	return version != ""
}

// foreign returns an object of the same name and kind that another program created. Every field of it is as rendered, so that an
// apply would meet no conflict.
func (c child) foreign(t *testing.T, change func(*unstructured.Unstructured)) *unstructured.Unstructured {
	t.Helper()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(c.rendered)
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{Object: fields}
	o.SetOwnerReferences(nil)
	o.SetLabels(map[string]string{"app": "webshop-db"})
	if change != nil {
		change(o)
	}
	if err := suite.Kube.Create(t.Context(), o, client.FieldOwner("kubectl-create")); err != nil {
		t.Fatal(err)
	}
	return c.live(t)
}

// discard removes the object at once, whatever finalizers it has.
func (c child) discard(t *testing.T) {
	t.Helper()
	o := c.live(t)
	if len(o.GetFinalizers()) > 0 {
		o.SetFinalizers(nil)
		if err := suite.Kube.Update(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if err := suite.Kube.Delete(t.Context(), o); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "it is gone", func() error {
		if o := c.live(t); o != nil {
			o.SetFinalizers(nil)
			return errorsOf(suite.Kube.Update(t.Context(), o))
		}
		return nil
	})
}

var once sync.Once

// each runs the test on every kind of object.
func each(t *testing.T, test func(*testing.T, child)) {
	once.Do(func() { installGatewayAPI(t) })
	shop := suite.MinimalShop(suite.InNamespace(t))
	shop.UID = "3c9e3e0e-3c3c-4c3c-8c3c-3c3c3c3c3c3c"
	done := map[string]bool{}
	for _, shape := range shapes {
		for _, o := range objectsOf(t, shop, shape) {
			name := *o.GetKind() + " " + *o.GetName()
			if done[name] {
				continue
			}
			done[name] = true
			t.Run(name, func(t *testing.T) {
				c := child{operator(t), shop, o}
				test(t, c)
				if c.live(t) != nil {
					c.discard(t)
				}
			})
		}
	}
}

// typed returns the object as the kind that caches hold.
func typed(t *testing.T, o *unstructured.Unstructured) client.Object {
	t.Helper()
	object, err := suite.Kube.Scheme().New(o.GroupVersionKind())
	if err != nil {
		t.Fatal(err)
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, object); err != nil {
		t.Fatal(err)
	}
	return object.(client.Object)
}

// withoutLabel returns the rendered object without one of its labels.
func withoutLabel(o desired.Object, label string) desired.Object {
	labels, _ := reflect.ValueOf(o).Elem().FieldByName("Labels").Interface().(map[string]string)
	delete(labels, label)
	return o
}
