package lifecycle

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// Kubernetes sets no deadline to a rollout that is paused.
func TestARolloutThatIsPausedIsNamedAndStalledAfterTenMinutes(t *testing.T) {
	shop := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, shop)
	page := suite.DeploymentOf(t, shop, "page")
	suite.Edit(t, page, func(d *appsv1.Deployment) { d.Spec.Paused = true })
	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.DisplayName = "Linden & Co" })
	suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonRolloutPaused)
	suite.Settled(t)
	page = suite.DeploymentOf(t, shop, "page")
	page.Status.ObservedGeneration, page.Status.UpdatedReplicas = page.Generation, 0 // as its controller reports: no pod has the new template
	if err := suite.Kube.Status().Update(t.Context(), page); err != nil {
		t.Fatal(err)
	}
	c := suite.WantCondition(t, shop, v1alpha1.ConditionReconciling, metav1.ConditionTrue, v1alpha1.ReasonRolloutPaused)
	if !strings.Contains(c.Message, "kubectl rollout resume -n "+shop.Namespace+" deployment/linden-page") {
		t.Errorf("the message does not tell the way out: %s", c.Message)
	}
	suite.Clock.Jump(t, shop, 11*time.Minute)
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonRolloutPaused)
	suite.Edit(t, page, func(d *appsv1.Deployment) { d.Spec.Paused = false })
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, v1alpha1.ReasonReady)
}
