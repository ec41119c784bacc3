package suite

import (
	"context"
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// Texts returns a ConfigMap of Dutch texts that is watched.
func Texts(namespace, content string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "texts", Labels: map[string]string{v1alpha1.LabelWatch: ""}},
		Data:       map[string]string{"nl.yaml": content},
	}
}

// Easypost returns the carrier of the Shop linden in the namespace.
func Easypost(namespace string) *v1alpha1.CarrierIntegration {
	return &v1alpha1.CarrierIntegration{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "easypost"},
		Spec: v1alpha1.CarrierIntegrationSpec{
			ShopRef:              v1alpha1.ShopReference{Name: "linden"},
			Definition:           v1alpha1.DefinitionReference{Name: "easypost", Source: v1alpha1.DefinitionCatalog},
			CredentialsSecretRef: &v1alpha1.SecretReference{Name: "easypost"},
			Intake:               v1alpha1.Intake{Mode: v1alpha1.IntakeWebhook},
		},
	}
}

// MinimalShop returns the smallest document there is, with a hostname that no other Shop has.
func MinimalShop(namespace string) *v1alpha1.Shop {
	return installed.MinimalShop(namespace, "linden", namespace)
}

// ReadyShop creates the Shop and takes it to Ready.
func ReadyShop(t *testing.T, shop *v1alpha1.Shop) {
	t.Helper()
	Create(t, shop)
	WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, "")
	RollOut(t, shop.Namespace)
	WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonReady)
}

// InNamespace makes a namespace of the test's own. Its Shops go with the test: what never serves would hold up releases.
func InNamespace(t *testing.T) string {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
	Create(t, ns)
	t.Cleanup(func() { abandon(t, ns.Name) })
	return ns.Name
}

// abandon deletes the Shops of a namespace and, as garbage collection does, their routes: until the operator sees that they
// are gone, it keeps the hostnames and looks again every few seconds. One that had read a Shop before may make its route
// anew.
func abandon(t *testing.T, namespace string) {
	t.Helper()
	if err := Kube.DeleteAllOf(context.Background(), &v1alpha1.Shop{}, client.InNamespace(namespace)); err != nil {
		t.Error(err)
	}
	Eventually(t, "the hostnames of "+namespace+" are free", func() error {
		held := Claims(t, namespace)
		if len(held) == 0 {
			return nil
		}
		return errors.Join(fmt.Errorf("held are %v", held), Kube.DeleteAllOf(context.Background(), &networkingv1.Ingress{}, client.InNamespace(namespace)))
	})
}

// Create creates the objects as the user.
func Create(t *testing.T, objects ...client.Object) {
	t.Helper()
	Cluster.Add(t, objects...)
}

// Edit changes an object as kubectl edit does.
func Edit[T client.Object](t *testing.T, object T, change func(T)) {
	t.Helper()
	Eventually(t, "the edit is accepted", func() error {
		if err := Kube.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		change(object)
		return Kube.Update(t.Context(), object)
	})
}
