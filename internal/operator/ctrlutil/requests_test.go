package ctrlutil

import (
	"context"
	"errors"
	"testing"

	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

func shopAt(namespace, name string) *v1alpha1.Shop {
	return &v1alpha1.Shop{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

func shops(t *testing.T) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(shopAt("a", "linden"), shopAt("a", "fjallro"), shopAt("b", "linden")).Build()
}

func called(name string) func(*v1alpha1.Shop) bool {
	return func(shop *v1alpha1.Shop) bool { return shop.Name == name }
}

func TestOnlyThoseThatAChangeConcernsAreWoken(t *testing.T) {
	got := RequestsFor(t.Context(), shops(t), &v1alpha1.ShopList{}, called("linden"), client.InNamespace("a"))
	want := []ctrl.Request{{NamespacedName: types.NamespacedName{Namespace: "a", Name: "linden"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAListThatFailsWakesNobodyAndIsLogged(t *testing.T) {
	broken := interceptor.NewClient(shops(t), interceptor.Funcs{
		List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error {
			return errors.New("the cache is not there")
		},
	})
	lines := 0
	ctx := ctrl.LoggerInto(t.Context(), funcr.New(func(string, string) { lines++ }, funcr.Options{}))
	if got := RequestsFor(ctx, broken, &v1alpha1.ShopList{}, called("linden")); len(got) != 0 || lines != 1 {
		t.Errorf("%v, %d lines", got, lines)
	}
}
