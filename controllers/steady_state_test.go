package controllers_test

import (
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// resync makes the operator look at the Shop n times, by touching an object beside it that it only reads.
func resync(t *testing.T, shop *v1alpha1.Shop, n int) {
	t.Helper()
	list := &discoveryv1.EndpointSliceList{}
	if err := kube.List(t.Context(), list, client.InNamespace(shop.Namespace)); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) == 0 {
		pods.start(t, shop, "page", healthy(bundle.PageComponent))
		settled(t)
		resync(t, shop, n)
		return
	}
	slice := &list.Items[0]
	for i := range n {
		before := reconciliations(t, "shop")
		edit(t, slice, func(s *discoveryv1.EndpointSlice) {
			s.Annotations = map[string]string{"touched": fmt.Sprint(time.Now().UnixNano(), i)}
		})
		eventually(t, "the Shop is looked at again", func() error {
			if reconciliations(t, "shop") == before {
				return fmt.Errorf("still %d reconciliations", before)
			}
			return nil
		})
	}
}

func TestTwentyResyncsWriteNothing(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	resync(t, shop, 1)
	settled(t)
	before := len(traffic.writes(shop.Namespace))
	resync(t, shop, 20)
	settled(t)
	for _, w := range traffic.writes(shop.Namespace)[before:] {
		t.Errorf("wrote at rest: %s %s -> %d", w.method, w.path, w.status)
	}
}

// An annotation makes a new generation of a Deployment. Until its controller has looked at it, nothing is known to roll.
func TestAnAnnotationOnADeploymentIsNoNews(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	settled(t)
	before := len(traffic.writes(shop.Namespace))
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	edit(t, deployment, func(d *appsv1.Deployment) { d.Annotations["example.com/touched"] = "once" })
	if deployment.Generation == deployment.Status.ObservedGeneration {
		t.Fatal("the annotation made no new generation, so this test proves nothing")
	}
	settled(t)
	for _, w := range traffic.writes(shop.Namespace)[before:] {
		t.Errorf("wrote because of a foreign annotation: %s %s -> %d", w.method, w.path, w.status)
	}
	edit(t, deployment, func(d *appsv1.Deployment) {
		d.Spec.Template.Annotations = map[string]string{"kubectl.kubernetes.io/restartedAt": "2026-01-02T03:04:05Z"}
	})
	deployment.Status.ObservedGeneration, deployment.Status.UpdatedReplicas = deployment.Generation, 0
	if err := kube.Status().Update(t.Context(), deployment); err != nil {
		t.Fatal(err)
	}
	wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
}

func TestAChangeByHandIsTakenBack(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	edit(t, deployment, func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[0].Image = "somebody/else:1" })
	eventually(t, "the image is restored", func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(deployment), deployment); err != nil {
			return err
		}
		if image := deployment.Spec.Template.Spec.Containers[0].Image; image != "image:1" {
			return fmt.Errorf("the image is %s", image)
		}
		return nil
	})
	policy := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	edit(t, policy, func(p *networkingv1.NetworkPolicy) {
		p.Spec.Egress = append(p.Spec.Egress, networkingv1.NetworkPolicyEgressRule{})
	})
	eventually(t, "the wall is closed again", func() error {
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(policy), policy); err != nil {
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
	if err := kube.Delete(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the deleted account is back", func() error {
		return kube.Get(t.Context(), client.ObjectKeyFromObject(account), &corev1.ServiceAccount{})
	})
}

func TestARestartByHandIsLeftAlone(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	const annotation = "kubectl.kubernetes.io/restartedAt"
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "linden-page"}}
	edit(t, deployment, func(d *appsv1.Deployment) {
		d.Spec.Template.Annotations = map[string]string{annotation: "2026-01-02T03:04:05Z"}
	})
	resync(t, shop, 3)
	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden" })
	eventually(t, "the edit reaches the pods", func() error {
		before := deployment.Labels[v1alpha1.LabelBundle]
		if err := kube.Get(t.Context(), client.ObjectKeyFromObject(deployment), deployment); err != nil {
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
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Exposure = &v1alpha1.Exposure{Type: v1alpha1.ExposureNone} })
	eventually(t, "the Ingress is gone", func() error {
		err := kube.Get(t.Context(), client.ObjectKeyFromObject(shop), &networkingv1.Ingress{})
		if client.IgnoreNotFound(err) != nil || err == nil {
			return fmt.Errorf("the Ingress is there (%w)", err)
		}
		return nil
	})
}

func TestOnlyTheCurrentBundleAndTheOneBeforeAreKept(t *testing.T) {
	shop := minimalShop(inNamespace(t))
	readyShop(t, shop)
	for _, name := range []string{"First", "Second", "Third"} {
		edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = name })
		wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
		rollOut(t, shop.Namespace)
		wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
		time.Sleep(time.Second) // creation times have whole seconds
	}
	settled(t)
	bundles := &corev1.ConfigMapList{}
	if err := kube.List(t.Context(), bundles, client.InNamespace(shop.Namespace), client.HasLabels{v1alpha1.LabelBundle}); err != nil {
		t.Fatal(err)
	}
	if len(bundles.Items) != 2 {
		t.Errorf("%d bundles are kept, want 2", len(bundles.Items))
	}
}
