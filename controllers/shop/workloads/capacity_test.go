package workloads

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

// rolling returns a workload whose old pods serve while a new one is awaited since a time.
func rolling(since time.Time) *appsv1.Deployment {
	d := inmemory.DeploymentSaying("ReplicaSetUpdated", true)
	d.Namespace, d.Name = "linden", "linden-page"
	d.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"of": "page"}}
	d.Status.UpdatedReplicas = 0
	d.Status.Conditions[0].LastUpdateTime = metav1.NewTime(since)
	return d
}

func TestTheOldPodGoesFirstWhereNoNodeHasHadRoomForOneMoreForAMinute(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	decided := rolling(now)
	decided.Spec.Strategy.RollingUpdate = &appsv1.RollingUpdateDeployment{MaxUnavailable: new(intstr.FromInt32(1))}
	for name, tc := range map[string]struct {
		page    *appsv1.Deployment
		waits   time.Duration // how long a pod has waited for a node; 0 = none does
		tight   bool
		look    time.Duration
		waiting bool // and is named, should the page not serve
	}{
		"all is well":               {page: inmemory.DeploymentSaying("NewReplicaSetAvailable", true)},
		"it has just begun":         {page: rolling(now.Add(-time.Second)), look: pendingTime - time.Second},
		"the pod starts":            {page: rolling(now.Add(-time.Hour))},
		"the pod has waited a bit":  {page: rolling(now.Add(-time.Hour)), waits: 20 * time.Second, look: 40 * time.Second, waiting: true},
		"the pod has waited enough": {page: rolling(now.Add(-time.Hour)), waits: time.Minute, tight: true, waiting: true},
		"it was so decided before":  {page: decided, tight: true},
	} {
		pods := fake.NewClientBuilder()
		if tc.waits > 0 {
			pods.WithObjects(&corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Namespace: "linden", Name: "new", Labels: map[string]string{"of": "page"}},
				Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{
					Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable, Message: "0/3 nodes",
					LastTransitionTime: metav1.NewTime(now.Add(-tc.waits)),
				}}},
			})
		}
		w := Watcher{Live: pods.Build(), Recorder: events.NewFakeRecorder(1)}
		room, out := w.CheckSurge(t.Context(), State{
			Shop: &v1alpha1.Shop{}, Now: now, Settled: true, Deployments: map[bundle.Component]*appsv1.Deployment{bundle.PageComponent: tc.page},
		})
		result, err := out.Result()
		if err != nil || (len(room.NoSurge) == 1) != tc.tight || result.RequeueAfter != tc.look || (room.waiting[bundle.PageComponent] != nil) != tc.waiting {
			t.Errorf("%s: %+v, looks again after %s (%v)", name, room, result.RequeueAfter, err)
		}
	}
}
