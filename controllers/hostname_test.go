package controllers_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	coordinationv1 "k8s.io/api/coordination/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// claims are the hostnames that somebody in the namespace holds.
func claims(t *testing.T, namespace string) []string {
	t.Helper()
	list := &coordinationv1.LeaseList{}
	if err := kube.List(context.WithoutCancel(t.Context()), list, client.InNamespace(operatorNamespace)); err != nil { // also at the end of a test
		t.Fatal(err)
	}
	var held []string
	for _, lease := range list.Items {
		if lease.Spec.HolderIdentity != nil && strings.HasPrefix(*lease.Spec.HolderIdentity, namespace+"/") {
			held = append(held, lease.Annotations["tracking.wismo.dev/hostname"])
		}
	}
	return held
}

func TestAHostnameBelongsToOneShopUntilItIsFreed(t *testing.T) {
	first := minimalShop(inNamespace(t))
	readyShop(t, first)
	second := minimalShop(inNamespace(t))
	second.Spec.Hostname = first.Spec.Hostname
	create(t, second)
	c := wantCondition(t, second, v1alpha1.ConditionHostnameAccepted, metav1.ConditionFalse, v1alpha1.ReasonHostnameConflict)
	wantCondition(t, second, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
	if strings.Contains(c.Message, first.Namespace+"/") || strings.Contains(c.Message, first.Spec.DisplayName) {
		t.Errorf("the message names the other tenant: %s", c.Message)
	}

	hostname := string(first.Spec.Hostname)
	edit(t, first, func(s *v1alpha1.Shop) { s.Spec.Hostname = "new." + s.Spec.Hostname })
	rollOut(t, first.Namespace)
	rollOut(t, second.Namespace)
	wantCondition(t, second, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if held := claims(t, first.Namespace); len(held) != 1 || held[0] != "new."+hostname {
		t.Errorf("the first Shop holds %v", held)
	}
}

func TestAShopThatCannotHaveAllItsHostnamesTakesNone(t *testing.T) {
	first := minimalShop(inNamespace(t))
	readyShop(t, first)
	settled(t)
	greedy := minimalShop(inNamespace(t))
	greedy.Spec.Aliases = []v1alpha1.Alias{{Hostname: first.Spec.Hostname}}
	create(t, greedy)
	wantCondition(t, greedy, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
	settled(t)
	if held := claims(t, greedy.Namespace); len(held) != 0 {
		t.Errorf("a Shop that may not serve keeps others from %v", held)
	}
	third := minimalShop(inNamespace(t))
	third.Spec.Hostname = greedy.Spec.Hostname
	readyShop(t, third)

	edit(t, third, func(s *v1alpha1.Shop) {
		s.Spec.Aliases = []v1alpha1.Alias{{Hostname: "old." + s.Spec.Hostname}}
	})
	eventually(t, "the alias is claimed, too", func() error {
		if held := claims(t, third.Namespace); len(held) != 2 {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
	edit(t, third, func(s *v1alpha1.Shop) { s.Spec.Aliases = nil })
	eventually(t, "the alias is free again", func() error {
		if held := claims(t, third.Namespace); len(held) != 1 || held[0] != string(third.Spec.Hostname) {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
}

func TestADeletedShopFreesItsHostnameOnceItsRouteIsGone(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	if err := kube.Delete(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	settled(t)
	if held := claims(t, shop.Namespace); len(held) != 1 {
		t.Errorf("the hostname was freed while its route was there: %v", held)
	}
	// Garbage collection takes the route; there is none here.
	if err := kube.Delete(t.Context(), &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the hostname is free", func() error {
		if held := claims(t, shop.Namespace); len(held) != 0 {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
}

func TestAShopDeletedWhileTheOperatorWasAwayHoldsNobodyUp(t *testing.T) {
	first := minimalShop(inNamespace(t))
	readyShop(t, first)
	operator.stop()
	if err := kube.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := kube.Delete(t.Context(), &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: first.Namespace, Name: first.Name}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the Shop is gone without an operator", func() error {
		err := kube.Get(t.Context(), client.ObjectKeyFromObject(first), &v1alpha1.Shop{})
		if err == nil || client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("the Shop is there (%w)", err)
		}
		return nil
	})
	operator.begin(t)
	second := minimalShop(inNamespace(t))
	second.Spec.Hostname = first.Spec.Hostname
	readyShop(t, second)
}
