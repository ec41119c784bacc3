package releases

import (
	"context"
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/testing/older"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// shippedBefore puts the last version's release among those that there are, as after an upgrade of the operator, and returns
// its name once the operator has made one of its own after it.
func shippedBefore(t *testing.T, like string) string {
	t.Helper()
	kept := &appsv1.ControllerRevision{}
	if err := suite.Kube.Get(t.Context(), client.ObjectKey{Namespace: suite.OperatorNamespace, Name: like}, kept); err != nil {
		t.Fatal(err)
	}
	number, _ := release.Number(latestRelease(t))
	before, err := older.Release(kept, number+1)
	if err != nil {
		t.Fatal(err)
	}
	suite.Operator.Stop()
	suite.Create(t, before)
	t.Cleanup(func() { _ = suite.Kube.Delete(context.Background(), before) })
	if err := suite.Operator.Start(); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "the operator makes a release of its own", func() error {
		if now, _ := release.Number(latestRelease(t)); now < number+2 {
			return errors.New("it says " + release.Name(now))
		}
		return nil
	})
	return before.Name
}

func TestAPinnedShopServesOnWhereItsReleaseCannotDoWhatIsAskedFor(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	older := shippedBefore(t, readyOn(t, shop))
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Release = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: v1alpha1.ReleaseName(older)}
	})
	wantRuns(t, shop, older, "image:1")
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	served := suite.RunningBundle(t, shop)

	suite.Create(t, &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: "quiet"},
		Spec:       v1alpha1.NotificationPolicySpec{QuietHours: &v1alpha1.QuietHours{Start: "22:00", End: "07:00"}},
	})
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.NotificationPolicyRef = &v1alpha1.PolicyReference{Name: "quiet", Source: v1alpha1.SourceLocal}
	})
	c := suite.WantCondition(t, shop, v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonReleaseTooOld)
	if !strings.Contains(c.Message, "spec.quietHours") {
		t.Errorf("it is told %s", c.Message)
	}
	suite.WantCondition(t, shop, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonReleaseTooOld)
	suite.WantCondition(t, shop, v1alpha1.ConditionWorkloadsAvailable, metav1.ConditionTrue, "")
	if now := suite.RunningBundle(t, shop); now != served {
		t.Errorf("it runs %s and ran %s: something of the edit is served without the rest", now, served)
	}

	suite.Edit(t, shop, func(s *v1alpha1.Shop) { s.Spec.Release = nil })
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	if suite.RunningBundle(t, shop) == served {
		t.Error("the quiet hours are not taken up with the later release")
	}
}
