package health

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestTwentyResyncsWriteNothing(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Resync(t, shop, 1)
	suite.Settled(t)
	before := len(suite.Writes(shop.Namespace))
	suite.Resync(t, shop, 20)
	suite.Settled(t)
	for _, w := range suite.Writes(shop.Namespace)[before:] {
		t.Errorf("wrote at rest: %s %s -> %d", w.Method, w.Path, w.Status)
	}
}

// An annotation makes a new generation of a Deployment. Until its controller has looked at it, nothing is known to roll.
func TestAnAnnotationOnADeploymentIsNoNews(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Settled(t)
	before := len(suite.Writes(shop.Namespace))
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	suite.Edit(t, deployment, func(d *appsv1.Deployment) { d.Annotations["example.com/touched"] = "once" })
	if deployment.Generation == deployment.Status.ObservedGeneration {
		t.Fatal("the annotation made no new generation, so this test proves nothing")
	}
	suite.Settled(t)
	for _, w := range suite.Writes(shop.Namespace)[before:] {
		t.Errorf("wrote because of a foreign annotation: %s %s -> %d", w.Method, w.Path, w.Status)
	}
	suite.Edit(t, deployment, func(d *appsv1.Deployment) {
		d.Spec.Template.Annotations = map[string]string{"kubectl.kubernetes.io/restartedAt": "2026-01-02T03:04:05Z"}
	})
	deployment.Status.ObservedGeneration, deployment.Status.UpdatedReplicas = deployment.Generation, 0
	if err := suite.Kube.Status().Update(t.Context(), deployment); err != nil {
		t.Fatal(err)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
}

func TestAChangeByHandIsTakenBack(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	suite.Edit(t, deployment, func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = "somebody/else:1" })
	suite.Eventually(t, "the image is restored", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(deployment), deployment); err != nil {
			return err
		}
		if image := deployment.Spec.Template.Spec.Containers[0].Image; image != "image:1" {
			return fmt.Errorf("the image is %s", image)
		}
		return nil
	})
	policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	suite.Edit(t, policy, func(p *networkingv1.NetworkPolicy) {
		p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{})
	})
	suite.Eventually(t, "the wall is closed again", func() error {
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(policy), policy); err != nil {
			return err
		}
		for _, rule := range policy.Spec.Egress {
			if len(rule.To) == 0 && len(rule.Ports) == 0 {
				return fmt.Errorf("egress is %+v", policy.Spec.Egress)
			}
		}
		return nil
	})
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-workload"}}
	if err := suite.Kube.Delete(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "the deleted account is back", func() error {
		return suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(account), &corev1.ServiceAccount{})
	})
}

func TestARestartByHandIsLeftAlone(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	const annotation = "kubectl.kubernetes.io/restartedAt"
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	suite.Edit(t, deployment, func(d *appsv1.Deployment) {
		d.Spec.Template.Annotations = map[string]string{annotation: "2026-01-02T03:04:05Z"}
	})
	suite.Resync(t, shop, 3)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden" })
	suite.Eventually(t, "the edit reaches the pods", func() error {
		before := deployment.Labels[v1alpha1.LabelBundle]
		if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(deployment), deployment); err != nil {
			return err
		}
		if deployment.Labels[v1alpha1.LabelBundle] == before {
			return fmt.Errorf("still bundle %s", before)
		}
		return nil
	})
	if deployment.Spec.Template.Annotations[annotation] == "" {
		t.Error("the restart by hand was undone")
	}
}

func TestAShopWithoutARouteLosesIt(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Exposure = &v1alpha1.Exposure{Type: v1alpha1.ExposureNone} })
	suite.Eventually(t, "the Ingress is gone", func() error {
		err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), &networkingv1.Ingress{})
		if client.IgnoreNotFound(err) != nil || err == nil {
			return fmt.Errorf("the Ingress is there (%w)", err)
		}
		return nil
	})
}

func TestOnlyTheCurrentBundleAndTheOneBeforeAreKept(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	for _, name := range []string{"First", "Second", "Third"} {
		suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = name })
		suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
		suite.RollOut(t, shop.Namespace)
		suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
		time.Sleep(time.Second) // creation times have whole seconds
	}
	suite.Settled(t)
	bundles := &corev1.ConfigMapList{}
	if err := suite.Kube.List(t.Context(), bundles, client.InNamespace(shop.Namespace), client.HasLabels{v1alpha1.LabelBundle}); err != nil {
		t.Fatal(err)
	}
	if len(bundles.Items) != 2 {
		t.Errorf("%d bundles are kept, want 2", len(bundles.Items))
	}
}
