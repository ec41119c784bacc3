package notificationpolicy

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

// A pipeline applies in any order, so a base that is not there yet is no mistake; after ten minutes it is.
func TestAMissingBaseIsWaitedForTenMinutesAndThenAMistakeAndStillTakenUp(t *testing.T) {
	policy := &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "own", Generation: 1},
		Spec:       v1alpha1.NotificationPolicySpec{BasePolicyRef: &v1alpha1.PolicyReference{Name: "house", Source: v1alpha1.SourceLocal}},
	}
	w := inmemory.NewFixture(t, policy, nil)
	r := &Reconciler{Client: w.Kube, Gatherer: w.Gatherer, Recorder: events.NewFakeRecorder(100), Now: w.Now}
	w.WaitsTenMinutes(t, r, policy, &policy.Status.Conditions)
	w.Create(t, &v1alpha1.NotificationPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "house"}})
	if _, got := w.Reconcile(t, r, policy, &policy.Status.Conditions); got != "Ready Ready" {
		t.Errorf("with its base the policy is %s", got)
	}
}
