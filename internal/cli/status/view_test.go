package status

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/conditions"
)

func TestTheStepsAreOfEveryConditionThatIsNoRollUp(t *testing.T) {
	for kind, listed := range detailed {
		var want []string
		for _, c := range conditions.Types() {
			if slices.Contains(c.Kinds, kind) && !c.RollUp {
				want = append(want, c.Name)
			}
		}
		if got := slices.Sorted(slices.Values(listed)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("the steps of a %s are those of %v, want %v", kind, got, want)
		}
	}
}

func TestTheNeedOfAStepIsThatOfTheTable(t *testing.T) {
	for _, c := range []struct {
		condition, reason string
		status            metav1.ConditionStatus
		want              Need
	}{
		{v1alpha1.ConditionDomainReady, v1alpha1.ReasonDNSRecordMissing, metav1.ConditionFalse, NeedsAction},
		{v1alpha1.ConditionDomainReady, v1alpha1.ReasonCertificatePending, metav1.ConditionFalse, NeedsTime},
		{v1alpha1.ConditionReleased, v1alpha1.ReasonWaitingForWave, metav1.ConditionFalse, NeedsTime},
		{v1alpha1.ConditionReleased, v1alpha1.ReasonWaitingForApproval, metav1.ConditionFalse, NeedsAction},
		{v1alpha1.ConditionWebhookRegistered, v1alpha1.ReasonManualRegistration, metav1.ConditionUnknown, NeedsTime},
		// An operator of another version may write what this table does not have.
		{v1alpha1.ConditionReleased, "Elsewhere", metav1.ConditionFalse, NeedsAction},
		{v1alpha1.ConditionReleased, "Elsewhere", metav1.ConditionUnknown, NeedsTime},
	} {
		got := nextStepFor("Shop linden", metav1.Condition{Type: c.condition, Status: c.status, Reason: c.reason})
		if got.Need != c.want {
			t.Errorf("%s %s %s needs %s, want %s", c.condition, c.status, c.reason, got.Need, c.want)
		}
	}
}
