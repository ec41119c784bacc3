package health

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

func TestEventsTellTransitionsAndNothingElse(t *testing.T) {
	first := suite.MinimalShop(suite.InNamespace(t))
	suite.ReadyShop(t, first)
	told := func(shop *v1alpha1.Shop) map[string]int {
		reasons := map[string]int{}
		for _, e := range suite.EventsOf(t, shop) {
			reasons[e.Type+" "+e.Reason+" "+e.Action]++
			if e.Series != nil {
				t.Errorf("the event %s is told again and again", e.Reason)
			}
		}
		return reasons
	}
	wantEvents := func(shop *v1alpha1.Shop, want ...string) {
		t.Helper()
		suite.Eventually(t, fmt.Sprintf("exactly the events %q are told", want), func() error {
			got := told(shop)
			if len(got) != len(want) {
				return fmt.Errorf("told are %v", got)
			}
			for _, w := range want {
				if got[w] != 1 {
					return fmt.Errorf("told are %v", got)
				}
			}
			return nil
		})
	}
	wantEvents(first, "Normal Ready Ready")
	suite.Resync(t, first, 50)
	suite.Settled(t)
	wantEvents(first, "Normal Ready Ready")

	second := suite.MinimalShop(suite.InNamespace(t))
	second.Spec.Hostname = first.Spec.Hostname
	suite.Create(t, second)
	suite.WantCondition(t, second, v1alpha1.ConditionStalled, metav1.ConditionTrue, v1alpha1.ReasonHostnameConflict)
	wantEvents(second, "Warning HostnameConflict HostnameAccepted", "Warning HostnameConflict Stalled")
}
