package controllers_test

import (
	"fmt"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

func texts(namespace, content string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "texts", Labels: map[string]string{v1alpha1.LabelWatch: ""}},
		Data:       map[string]string{"nl.yaml": content},
	}
}

// runningBundle is the bundle that the page's Deployment mounts.
func runningBundle(t *testing.T, shop *v1alpha1.Shop) string {
	t.Helper()
	deployment := &appsv1.Deployment{}
	if err := kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-page"}, deployment); err != nil {
		t.Fatal(err)
	}
	for _, v := range deployment.Spec.Template.Spec.Volumes {
		if v.Name == "bundle" {
			return v.ConfigMap.Name
		}
	}
	t.Fatal("the page mounts no bundle")
	return ""
}

func TestABrokenTemplateIsNamedByFileAndLineAndTheOldOneServesOn(t *testing.T) {
	ns := inNamespace(t)
	content := texts(ns, "mail.OutForDelivery.subject: Uw pakket is onderweg\n")
	create(t, content)
	shop := minimalShop(ns)
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "texts"}, Source: v1alpha1.SourceLocal}}
	readyShop(t, shop)
	good := runningBundle(t, shop)

	edit(t, content, func(cm *corev1.ConfigMap) {
		cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: Uw pakket is onderweg\nmail.OutForDelivry.subject: Tikfout\n"
	})
	c := wantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidTemplate)
	if !strings.Contains(c.Message, "texts/nl.yaml:2") {
		t.Errorf("the message does not name file and line: %s", c.Message)
	}
	wantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidTemplate)
	wantCondition(t, shop, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionTrue, v1alpha1.ReasonAvailable)
	if now := runningBundle(t, shop); now != good {
		t.Errorf("the bundle became %s", now)
	}

	edit(t, content, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: Uw pakket komt eraan\n" })
	eventually(t, "the mended template rolls", func() error {
		if runningBundle(t, shop) == good {
			return fmt.Errorf("still %s", good)
		}
		return nil
	})
	wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	rollOut(t, ns)
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
}

func TestAMissingPolicyIsWaitedForAndCountsItsUsersWhenItComes(t *testing.T) {
	ns := inNamespace(t)
	shop := minimalShop(ns)
	shop.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: "own", Source: v1alpha1.SourceLocal}
	create(t, shop)
	c := wantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonMissingReference)
	if !strings.Contains(c.Message, "NotificationPolicy "+ns+"/own") {
		t.Errorf("the message does not name what is missing: %s", c.Message)
	}
	policy := &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "own"},
		Spec: v1alpha1.NotificationPolicySpec{
			BasePolicyRef: &v1alpha1.PolicyReference{Name: v1alpha1.ObjectName("house-" + ns), Source: v1alpha1.SourceLibrary},
			Rules:         []v1alpha1.Rule{{Occasion: v1alpha1.OccasionLastAttempt, Level: v1alpha1.LevelCritical}},
		},
	}
	create(t, policy)
	wantCondition(t, policy, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonMissingReference)
	base := &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.LibraryNamespace, Name: "house-" + ns},
		Spec:       v1alpha1.NotificationPolicySpec{Rules: []v1alpha1.Rule{{Occasion: "Delivered", Level: v1alpha1.LevelRoutine}}},
	}
	create(t, base)
	wantCondition(t, policy, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	rollOut(t, ns)
	wantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	for _, used := range []*v1alpha1.NotificationPolicy{policy, base} {
		eventually(t, "the user is counted", func() error {
			if err := kube.Get(t.Context(), client.ObjectKeyFromObject(used), used); err != nil {
				return err
			}
			if used.Status.Shops == nil || *used.Status.Shops != 1 {
				return fmt.Errorf("%s counts %v Shops", used.Name, used.Status.Shops)
			}
			return nil
		})
	}
}

func TestALibraryConfigMapWithoutItsLabelDoesNotCount(t *testing.T) {
	ns := inNamespace(t)
	shared := texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
	shared.Name = "texts-" + ns
	create(t, shared)
	shop := minimalShop(ns)
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(shared.Name)}, Source: v1alpha1.SourceLibrary}}
	create(t, shop)
	wantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonMissingReference)
	edit(t, shared, func(cm *corev1.ConfigMap) { cm.Labels[v1alpha1.LabelLibrary] = "" })
	wantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonValid)
}
