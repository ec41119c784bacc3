package controllers_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// The platform adds a text for one merchant, who asks for it: nobody else is concerned, so there is nothing to wait for.
func TestAShopThatWaitsForItsWaveUsesWhatIsNewInTheLibraryAtOnce(t *testing.T) {
	withoutOthers(t)
	shop := minimalShop(inNamespace(t))
	before := readyOn(t, shop)
	next := ship(t, "2")
	wantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonWaitingForApproval)
	old := runningBundle(t, shop)
	shared := texts(v1alpha1.LibraryNamespace, "mail.OutForDelivery.subject: Onderweg\n")
	shared.Name, shared.Labels[v1alpha1.LabelLibrary] = "new-"+shop.Namespace, ""
	create(t, shared)
	nextRelease(t, next)
	edit(t, shop, func(s *v1alpha1.Shop) {
		s.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: v1alpha1.ObjectName(shared.Name)}, Source: v1alpha1.SourceLibrary}}
	})
	rollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	wantRuns(t, shop, before, "image:1")
	if runningBundle(t, shop) == old {
		t.Error("it is Ready without what it asks for")
	}
}
