package notificationpolicy

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/operator/gather"
)

// A pipeline applies in any order, so a base that is not there yet is no mistake; after ten minutes it is.
func TestAMissingBaseIsWaitedForTenMinutesAndThenAMistakeAndStillTakenUp(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := start
	policy := &v1alpha1.NotificationPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "own", Generation: 1},
		Spec:       v1alpha1.NotificationPolicySpec{BasePolicyRef: &v1alpha1.PolicyReference{Name: "house", Source: v1alpha1.SourceLocal}},
	}
	r := newReconciler(t, &now, policy)
	for _, step := range []struct {
		after time.Duration
		want  string
		again time.Duration // at the latest
	}{
		{0, "Reconciling MissingReference", 10 * time.Second},
		{10*time.Minute - time.Second, "Reconciling MissingReference", 10 * time.Second},
		{10 * time.Minute, "Stalled MissingReference", 10 * time.Minute},
		{20 * time.Minute, "Stalled MissingReference", 10 * time.Minute},
	} {
		now = start.Add(step.after)
		again, got := look(t, r, policy)
		if got != step.want || again == 0 || again > step.again {
			t.Errorf("after %s: %s, looked at again after %s, want %s within %s", step.after, got, again, step.want, step.again)
		}
	}
	house := &v1alpha1.NotificationPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "house"}}
	if err := r.Client.Create(t.Context(), house); err != nil {
		t.Fatal(err)
	}
	if _, got := look(t, r, policy); got != "Ready Ready" {
		t.Errorf("with its base the policy is %s", got)
	}
}

// look reconciles once, and says when again and which of the conditions that pipelines read is True.
func look(t *testing.T, r *Reconciler, policy *v1alpha1.NotificationPolicy) (again time.Duration, state string) {
	t.Helper()
	result, err := r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(policy)})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Client.Get(t.Context(), client.ObjectKeyFromObject(policy), policy); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled, v1alpha1.ConditionReady} {
		if c := meta.FindStatusCondition(policy.Status.Conditions, kind); c != nil && c.Status == metav1.ConditionTrue {
			return result.RequeueAfter, c.Type + " " + c.Reason
		}
	}
	return result.RequeueAfter, "nothing is True"
}

func newReconciler(t *testing.T, now *time.Time, policy *v1alpha1.NotificationPolicy) *Reconciler {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	kube := fake.NewClientBuilder().WithScheme(scheme).WithObjects(policy).WithStatusSubresource(policy).Build()
	platform := compile.Platform{InstallationID: "an installation", LibraryNamespace: v1alpha1.LibraryNamespace, LinkScheme: "https"}
	return &Reconciler{
		Client: kube,
		Gatherer: &gather.Gatherer{
			Cached: kube, Live: kube, Watched: kube, Platform: func() compile.Platform { return platform },
		},
		Recorder: events.NewFakeRecorder(100),
		Now:      func() time.Time { return *now },
	}
}
