package releases

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestABrokenTemplateIsNamedByFileAndLineAndTheOldOneServesOn(t *testing.T) {
	ns := suite.InNamespace(t)
	content := suite.Texts(ns, "mail.OutForDelivery.subject: Uw pakket is onderweg\n")
	suite.Create(t, content)
	shop := suite.MinimalShop(ns)
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "texts"}, Source: v1alpha1.SourceLocal}}
	suite.ReadyShop(t, shop)
	good := suite.RunningBundle(t, shop)

	suite.Edit(t, content, func(cm *corev1.ConfigMap) {
		cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: Uw pakket is onderweg\nmail.OutForDelivry.subject: Tikfout\n"
	})
	c := suite.WantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidTemplate)
	if !strings.Contains(c.Message, "texts/nl.yaml:2") {
		t.Errorf("the message does not name file and line: %s", c.Message)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonInvalidTemplate)
	suite.WantCondition(t, shop, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionTrue, v1alpha1.ReasonAvailable)
	if now := suite.RunningBundle(t, shop); now != good {
		t.Errorf("the bundle became %s", now)
	}

	suite.Edit(t, content, func(cm *corev1.ConfigMap) { cm.Data["nl.yaml"] = "mail.OutForDelivery.subject: Uw pakket komt eraan\n" })
	suite.Eventually(t, "the corrected template rolls out", func() error {
		if suite.RunningBundle(t, shop) == good {
			return fmt.Errorf("still %s", good)
		}
		return nil
	})
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonProgressing)
	suite.RollOut(t, ns)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
}

func TestAMissingPolicyIsWaitedForAndCountsItsUsersWhenItComes(t *testing.T) {
	ns := suite.InNamespace(t)
	shop := suite.MinimalShop(ns)
	shop.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: "own", Source: v1alpha1.SourceLocal}
	suite.Create(t, shop)
	c := suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonMissingReference)
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
	suite.Create(t, policy)
	suite.WantCondition(t, policy, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonMissingReference)
	base := &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: v1alpha1.LibraryNamespace, Name: "house-" + ns},
		Spec:       v1alpha1.NotificationPolicySpec{Rules: []v1alpha1.Rule{{Occasion: "Delivered", Level: v1alpha1.LevelRoutine}}},
	}
	suite.Create(t, base)
	suite.WantCondition(t, policy, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	suite.RollOut(t, ns)
	suite.WantCondition(t, shop, v1alpha1.ConditionReady, metav1.ConditionTrue, "")
	for _, used := range []*v1alpha1.NotificationPolicy{policy, base} {
		suite.Eventually(t, "the user is counted", func() error {
			if err := suite.Kube.Get(t.Context(), client.ObjectKeyFromObject(used), used); err != nil {
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
	ns := suite.InNamespace(t)
	shared := suite.Texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
	shared.Name = "texts-" + ns
	suite.Create(t, shared)
	shop := suite.MinimalShop(ns)
	shop.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(shared.Name)}, Source: v1alpha1.SourceLibrary}}
	suite.Create(t, shop)
	suite.WantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonMissingReference)
	suite.Edit(t, shared, func(cm *corev1.ConfigMap) { cm.Labels[v1alpha1.LabelLibrary] = "" })
	suite.WantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonValid)
}
