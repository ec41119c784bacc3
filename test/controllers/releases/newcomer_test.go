package releases

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// The platform adds a text for one merchant, who refers to it: no other Shop is concerned, so there is nothing to wait for.
func TestAShopThatWaitsForItsWaveUsesWhatIsNewInTheLibraryAtOnce(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	before := readyOn(t, shop)
	next := ship(t, "2")
	suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForApproval)
	old := suite.RunningBundle(t, shop)
	shared := suite.Texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
	shared.Name, shared.Labels[v1alpha1.LabelLibrary] = "new-"+shop.Namespace, ""
	suite.Create(t, shared)
	nextRelease(t, next)
	suite.Edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(shared.Name)}, Source: v1alpha1.SourceLibrary}}
	})
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	wantRuns(t, shop, before, "image:1")
	if suite.RunningBundle(t, shop) == old {
		t.Error("it is Ready without what it asks for")
	}
}
