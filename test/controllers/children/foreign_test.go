package children

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// errorsOf returns an error in any case, so that Eventually asks again.
func errorsOf(err error) error { return errors.Join(errors.New("it is there"), err) }

// wantUntouched fails unless the object is as before to the last byte.
func wantUntouched(t *testing.T, c child, before *unstructured.Unstructured) {
	t.Helper()
	if diff := cmp.Diff(before, c.live(t)); diff != "" {
		t.Errorf("it was changed (-before +after):\n%s", diff)
	}
}

// wantRefused fails unless applying the object names the one that has its name, and who made that one.
func wantRefused(t *testing.T, c child, owner string) {
	t.Helper()
	_, err := c.Apply(t.Context(), c.rendered)
	foreign, ok := errors.AsType[*apply.Foreign](err)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	for _, part := range []string{*c.rendered.GetKind(), *c.rendered.GetName(), owner, v1alpha1.AnnotationAdoptableBy + ": " + c.shop.Name} {
		if !strings.Contains(foreign.Error(), part) {
			t.Errorf("the message lacks %q: %v", part, foreign)
		}
	}
}

func TestAForeignObjectIsLeftAloneAndNamedWithItsOwner(t *testing.T) {
	owner := metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: "webshop", UID: "7d0f0f0e-3c3c-4c3c-8c3c-3c3c3c3c3c3c"}
	for name, tc := range map[string]struct {
		change func(*unstructured.Unstructured)
		owner  string
	}{
		"made by hand": {nil, "kubectl-create"},
		"of a Helm chart": {func(o *unstructured.Unstructured) {
			o.SetLabels(map[string]string{"app.kubernetes.io/managed-by": "Helm"})
		}, "Helm"},
		"with an owner":   {func(o *unstructured.Unstructured) { o.SetOwnerReferences([]metav1.OwnerReference{owner}) }, "ConfigMap webshop"},
		"of another Shop": {func(o *unstructured.Unstructured) { o.SetLabels(map[string]string{v1alpha1.LabelShop: "birch"}) }, "Shop birch"},
		"for another Shop": {func(o *unstructured.Unstructured) {
			o.SetAnnotations(map[string]string{v1alpha1.AnnotationAdoptableBy: "birch"})
		}, "kubectl-create"},
		"of another Shop, as its cache shows": {func(o *unstructured.Unstructured) {
			o.SetLabels(map[string]string{"app.kubernetes.io/managed-by": "wismo", v1alpha1.LabelShop: "birch"})
		}, "Shop birch"},
		"of a controller, and permitted all the same": {func(o *unstructured.Unstructured) {
			controlled := owner
			controlled.Controller = new(true)
			o.SetOwnerReferences([]metav1.OwnerReference{controlled})
			o.SetLabels(map[string]string{v1alpha1.LabelShop: "linden"})
			o.SetAnnotations(map[string]string{v1alpha1.AnnotationAdoptableBy: "linden"})
		}, "ConfigMap webshop"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, c child) {
				before := c.foreign(t, tc.change)
				wantRefused(t, c, tc.owner)
				wantUntouched(t, c, before)
			})
		})
	}
}

func TestAForeignObjectThatPermitsItIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, c child) {
		before := c.foreign(t, func(o *unstructured.Unstructured) {
			o.SetAnnotations(map[string]string{v1alpha1.AnnotationAdoptableBy: c.shop.Name})
		})
		if !c.apply(t) {
			t.Fatal("nothing was written")
		}
		after := c.live(t)
		if after.GetUID() != before.GetUID() || after.GetLabels()[v1alpha1.LabelShop] != c.shop.Name || after.GetLabels()["app"] != "webshop-db" {
			t.Errorf("it became %v of the UID %s, before %s", after.GetLabels(), after.GetUID(), before.GetUID())
		}
		if c.apply(t) {
			t.Error("it is written again at rest")
		}
	})
}

// What a restore brings has no owner, and what a user edits may lack a label.
func TestAnObjectOfTheShopIsKnownByItsLabelOrItsOwner(t *testing.T) {
	each(t, func(t *testing.T, c child) {
		c.apply(t)
		owned := len(c.live(t).GetOwnerReferences()) > 0
		for name, change := range map[string]func(*unstructured.Unstructured){
			"restored without its owner": func(o *unstructured.Unstructured) { o.SetOwnerReferences(nil) },
			"without one of its labels":  func(o *unstructured.Unstructured) { o.SetLabels(map[string]string{v1alpha1.LabelShop: "linden"}) },
			"without its labels": func(o *unstructured.Unstructured) {
				if owned { // else nothing is left that shows whose it is
					o.SetLabels(nil)
				}
			},
		} {
			o := c.live(t)
			before := o.DeepCopy()
			change(o)
			if cmp.Equal(before, o) {
				continue
			}
			if err := suite.Kube.Update(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if !c.apply(t) {
				t.Errorf("%s: nothing was restored", name)
			}
			if after := c.live(t); after.GetUID() != before.GetUID() || !cmp.Equal(after.GetLabels(), before.GetLabels()) || !cmp.Equal(after.GetOwnerReferences(), before.GetOwnerReferences()) {
				t.Errorf("%s: it became %v of %v", name, after.GetLabels(), after.GetOwnerReferences())
			}
		}
	})
}

// stale shows an object that is not there any more.
type stale struct {
	client.Reader
	object client.Object
}

func (s stale) Get(_ context.Context, _ client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(s.object).Elem())
	return nil
}

func TestAnObjectThatTookTheNameSinceItWasReadIsNotOverwritten(t *testing.T) {
	each(t, func(t *testing.T, c child) {
		c.apply(t)
		old := c.live(t)
		old.SetLabels(map[string]string{"app.kubernetes.io/managed-by": "wismo", v1alpha1.LabelShop: "linden"}) // so that there is something to apply
		c.discard(t)
		before := c.foreign(t, nil)
		c.Reader = stale{c.Reader, typed(t, old)}
		if _, err := c.Apply(t.Context(), c.rendered); !apierrors.IsConflict(err) {
			t.Errorf("the error is %v", err)
		}
		wantUntouched(t, c, before)
		c.discard(t)
		if _, err := c.Apply(t.Context(), c.rendered); !apierrors.IsConflict(err) {
			t.Errorf("when it was deleted since it was read, the error is %v", err)
		}
	})
}

// A field that the operator created by a POST and does not render any more goes, as one does that it applied.
func TestAFieldThatIsNotRenderedAnyMoreGoes(t *testing.T) {
	each(t, func(t *testing.T, c child) {
		c.apply(t)
		c.rendered = withoutLabel(c.rendered, "app.kubernetes.io/part-of")
		if !c.apply(t) {
			t.Fatal("nothing was written")
		}
		if labels := c.live(t).GetLabels(); labels["app.kubernetes.io/part-of"] != "" {
			t.Errorf("the label stays: %v", labels)
		}
		managers := map[string]bool{}
		for _, entry := range c.live(t).GetManagedFields() {
			if entry.Manager == apply.FieldManager {
				managers[fmt.Sprint(entry.Operation)] = true
			}
		}
		if !managers["Apply"] || managers["Update"] {
			t.Errorf("the operator owns fields by %v", managers)
		}
	})
}
