package releases

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/suite"
)

// The pods that failed are gone in a moment; what they said must not go with them.
func TestAShopThatGoesBackFromAReleaseSaysWhatItsPodsDiedOf(t *testing.T) {
	withoutOthers(t)
	shop := suite.MinimalShop(suite.InNamespace(t))
	shop.Labels = map[string]string{v1alpha1.LabelRing: "canary"}
	before := readyOn(t, shop)
	for _, component := range []string{"page", "notifier"} {
		revised(t, shop, component, 1, 1)
	}
	next := shipBy(t, strings.Replace(inWaves, "release:\n", "release:\n  progressDeadlineSeconds: 30\n", 1), "2")
	wantRuns(t, shop, next, "image:2")
	revised(t, shop, "page", 2, 0)
	failing(t, shop, "page", 2)
	stuck(t, shop, "page")
	time.Sleep(20 * time.Second) // most of the deadline

	c := suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed)
	for _, words := range []string{next, shop.Name + "-page: ", "OOMKilled"} {
		if !strings.Contains(c.Message, words) {
			t.Errorf("the message does not say %q: %s", words, c.Message)
		}
	}
	wantRuns(t, shop, before, "image:1")
	suite.RollsOutTo(t, shop, v1alpha1.ConditionReady, "")
	suite.Settled(t)
	suite.Resync(t, shop, 2)
	suite.Settled(t)
	if again := suite.WantCondition(t, shop, v1alpha1.ConditionReleased, metav1.ConditionFalse, v1alpha1.ReasonReleaseFailed); again.Message != c.Message {
		t.Errorf("why is forgotten: %s", again.Message)
	}
}
