package rollouthealth

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// deployment returns one of which all pods serve, as its controller says, changed by the test.
func deployment(change func(*appsv1.Deployment)) *appsv1.Deployment {
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Generation: 2, CreationTimestamp: metav1.Unix(100, 0)},
		Spec:       appsv1.DeploymentSpec{ProgressDeadlineSeconds: new(int32(30))},
		Status: appsv1.DeploymentStatus{
			ObservedGeneration: 2, Replicas: 2, UpdatedReplicas: 2, AvailableReplicas: 2,
			Conditions: []appsv1.DeploymentCondition{
				{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, LastTransitionTime: metav1.Unix(110, 0), LastUpdateTime: metav1.Unix(112, 0)},
				{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: newReplicaSetAvailable, LastTransitionTime: metav1.Unix(105, 0), LastUpdateTime: metav1.Unix(120, 0)},
			},
		},
	}
	change(d)
	return d
}

func TestARollIsOverWhenAllThatIsAskedForServes(t *testing.T) {
	for name, tc := range map[string]struct {
		change             func(*appsv1.Deployment)
		complete, replaced bool
	}{
		"all serve":                              {func(*appsv1.Deployment) {}, true, true},
		"its controller has not seen the change": {func(d *appsv1.Deployment) { d.Generation = 3 }, false, false},
		"an old pod is left":                     {func(d *appsv1.Deployment) { d.Status.Replicas = 3 }, false, false},
		"one does not serve":                     {func(d *appsv1.Deployment) { d.Status.AvailableReplicas = 1 }, false, true},
		"it has more than are wanted": {func(d *appsv1.Deployment) {
			d.Status.Replicas, d.Status.UpdatedReplicas, d.Status.AvailableReplicas = 3, 3, 3
		}, true, true},
		"too few serve": {func(d *appsv1.Deployment) { d.Status.Conditions[0].Status = corev1.ConditionFalse }, false, true},
		"its controller says that it is under way": {func(d *appsv1.Deployment) { d.Status.Conditions[1].Reason = "ReplicaSetUpdated" }, true, false},
	} {
		h := Read(deployment(tc.change))
		if h.Complete(2) != tc.complete || h.Replaced() != tc.replaced {
			t.Errorf("%s: complete %t, replaced %t", name, h.Complete(2), h.Replaced())
		}
	}
	if h := Read(nil); h != (Health{}) || h.Complete(0) || h.Replaced() {
		t.Errorf("where there is none: %+v", h)
	}
}

func TestTheTimesOfARollAreItsControllers(t *testing.T) {
	h := Read(deployment(func(*appsv1.Deployment) {}))
	for name, tc := range map[string]struct {
		got  time.Time
		want int64
	}{
		"available since": {h.AvailableSince, 110}, "told of the roll": {h.ProgressReportedAt, 120},
		"last progress": {h.LastProgress, 120}, "last change": {h.LastChange, 120},
		"last progress of one that its controller has not seen": {Read(deployment(func(d *appsv1.Deployment) { d.Status.Conditions = nil })).LastProgress, 100},
		"last progress before the deadline passed":              {Read(deployment(func(d *appsv1.Deployment) { d.Status.Conditions[1].Reason = progressDeadlineExceeded })).LastProgress, 90},
	} {
		if tc.got.Unix() != tc.want {
			t.Errorf("%s: %d, want %d", name, tc.got.Unix(), tc.want)
		}
	}
}
