package hostnames

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestAHostnameBelongsToOneShopUntilItIsFreed(t *testing.T) {
	first := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, first)
	second := suite.MinimalShop(suite.InNamespace(t))
	second.Spec.Hostname = first.Spec.Hostname
	suite.Create(t, second)
	c := suite.WantCondition(t, second, v1alpha1.ConditionHostnameAccepted, metav1.ConditionFalse, v1alpha1.ReasonHostnameConflict)
	suite.WantCondition(t, second, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
	if strings.Contains(c.Message, first.Namespace+"/") || strings.Contains(c.Message, first.Spec.DisplayName) {
		t.Errorf("the message names the other Shop: %s", c.Message)
	}

	hostname := string(first.Spec.Hostname)
	suite.Edit(t, first, func(s *v1alpha1.Shop) { s.Spec.Hostname = "new." + s.Spec.Hostname })
	suite.RollOut(t, first.Namespace)
	suite.RollOut(t, second.Namespace)
	suite.WantCondition(t, second, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	if held := suite.Claims(t, first.Namespace); len(held) != 1 || held[0] != "new."+hostname {
		t.Errorf("the first Shop holds %v", held)
	}
}

func TestAShopThatCannotHaveAllItsHostnamesTakesNone(t *testing.T) {
	first := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, first)
	suite.Settled(t)
	greedy := suite.MinimalShop(suite.InNamespace(t))
	greedy.Spec.Aliases = []v1alpha1.Alias{{Hostname: first.Spec.Hostname}}
	suite.Create(t, greedy)
	suite.WantCondition(t, greedy, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
	suite.Settled(t)
	if held := suite.Claims(t, greedy.Namespace); len(held) != 0 {
		t.Errorf("a Shop that may not serve keeps others from %v", held)
	}
	third := suite.MinimalShop(suite.InNamespace(t))
	third.Spec.Hostname = greedy.Spec.Hostname
	suite.ReadyShop(t, third)

	suite.Edit(t, third, func(s *v1alpha1.Shop) {
		s.Spec.Aliases = []v1alpha1.Alias{{Hostname: "old." + s.Spec.Hostname}}
	})
	suite.Eventually(t, "the alias is claimed, too", func() error {
		if held := suite.Claims(t, third.Namespace); len(held) != 2 {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
	suite.Edit(t, third, func(s *v1alpha1.Shop) { s.Spec.Aliases = nil })
	suite.Eventually(t, "the alias is free again", func() error {
		if held := suite.Claims(t, third.Namespace); len(held) != 1 || held[0] != string(third.Spec.Hostname) {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
}

func TestADeletedShopFreesItsHostnameOnceItsRouteIsGone(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	if err := suite.Kube.Delete(t.Context(), shop); err != nil {
		t.Fatal(err)
	}
	suite.Settled(t)
	if held := suite.Claims(t, shop.Namespace); len(held) != 1 {
		t.Errorf("the hostname was freed while its route was there: %v", held)
	}
	// Garbage collection takes the route; there is none here.
	if err := suite.Kube.Delete(t.Context(), &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name}}); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "the hostname is free", func() error {
		if held := suite.Claims(t, shop.Namespace); len(held) != 0 {
			return fmt.Errorf("held are %v", held)
		}
		return nil
	})
}

func TestAShopDeletedWhileTheOperatorWasDownHoldsUpNoOther(t *testing.T) {
	first := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, first)
	suite.Operator.Stop()
	if err := suite.Kube.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := suite.Kube.Delete(t.Context(), &networkingv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: first.Namespace, Name: first.Name}}); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "the Shop is gone without an operator", func() error {
		err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(first), &v1alpha1.Shop{})
		if err == nil || client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("the Shop is there (%w)", err)
		}
		return nil
	})
	suite.Operator.MustStart(t)
	second := suite.MinimalShop(suite.InNamespace(t))
	second.Spec.Hostname = first.Spec.Hostname
	suite.ReadyShop(t, second)
}

// After a deletion with --cascade=orphan the route stays, without a Shop.
func TestARouteThatADeletedShopLeftIsNamedAndItsHostnameIsFreeWithoutIt(t *testing.T) {
	first := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, first)
	suite.Settled(t)
	route := &networkingv1.Ingress{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(first), route); err != nil {
		t.Fatal(err)
	}
	route.OwnerReferences = nil
	if err := errors.Join(suite.Kube.Delete(t.Context(), first), suite.Kube.Update(t.Context(), route)); err != nil {
		t.Fatal(err)
	}
	second := suite.MinimalShop(suite.InNamespace(t))
	second.Spec.Hostname = first.Spec.Hostname
	suite.Create(t, second)
	suite.Eventually(t, "the route is named", func() error {
		c := suite.WantCondition(t, second, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
		if !strings.Contains(c.Message, "Ingress "+route.Namespace+"/"+route.Name) {
			return errors.New(c.Message)
		}
		return nil
	})
	if err := suite.Kube.Delete(t.Context(), route); err != nil {
		t.Fatal(err)
	}
	suite.WantCondition(t, second, v1alpha1.ConditionHostnameAccepted, metav1.ConditionTrue, v1alpha1.ReasonClaimed)
}
