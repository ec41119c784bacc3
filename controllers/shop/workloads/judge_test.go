package workloads

import (
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
	"github.com/wismo-dev/wismo/internal/testing/inmemory"
)

func TestWhatHoldsTheWorkloadsUpIsNamed(t *testing.T) {
	good := inmemory.DeploymentSaying("NewReplicaSetAvailable", true)
	replacing := inmemory.DeploymentSaying("ReplicaSetUpdated", true)
	replacing.Status.UpdatedReplicas = 0
	for name, tc := range map[string]struct {
		page   *appsv1.Deployment
		reason string
	}{
		"all is well":               {good, v1alpha1.ReasonAvailable},
		"the first pods start":      {inmemory.DeploymentSaying("NewReplicaSetCreated", false), v1alpha1.ReasonProgressing},
		"old pods make way":         {replacing, v1alpha1.ReasonAvailable},
		"the first pods never come": {inmemory.DeploymentSaying("ProgressDeadlineExceeded", false), v1alpha1.ReasonPodsFailing},
		"the new pods never come":   {inmemory.DeploymentSaying("ProgressDeadlineExceeded", true), v1alpha1.ReasonProgressDeadlineExceeded},
		"a pod that served crashes": {inmemory.DeploymentSaying("NewReplicaSetAvailable", false), v1alpha1.ReasonPodsFailing},
	} {
		s := State{Shop: &v1alpha1.Shop{}, Settled: true, Deployments: map[bundle.Component]*appsv1.Deployment{
			bundle.PageComponent: tc.page, bundle.NotifierComponent: good,
		}}
		var rolls []deploymentState
		for _, c := range Components {
			rolls = append(rolls, deploymentStateOf(s.settledHealth(c), s.podsForCompleteRollout(c), false))
		}
		if reason, _ := obstacle(rolls, "linden"); reason != tc.reason {
			t.Errorf("%s: %s, want %s", name, reason, tc.reason)
		}
	}
}

// blockedBy returns a pod that cannot start.
func blockedBy(reason string) *blockedPod { return &blockedPod{reason: reason, message: "because"} }

func TestEveryWaitHasACauseAndAnEnd(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	good := deploymentState{Health: rollouthealth.Health{Exists: true, Observed: true, Available: true, RolledOut: true}, complete: true}
	replacing := deploymentState{Health: rollouthealth.Health{Exists: true, Observed: true, Available: true, LastProgress: now.Add(-time.Minute)}, name: "linden deployment/linden-page"}
	with := func(s deploymentState, change func(*deploymentState)) deploymentState {
		change(&s)
		return s
	}
	down := with(replacing, func(s *deploymentState) { s.Available = false })
	for name, tc := range map[string]struct {
		page    deploymentState
		reason  string
		bounded bool
		within  time.Duration // at the latest it is looked at again
		words   string
	}{
		"pods are being replaced": {replacing, v1alpha1.ReasonProgressing, false, 9 * time.Minute, "being replaced"},
		"without progress":        {with(replacing, func(s *deploymentState) { s.LastProgress = now.Add(-time.Hour) }), v1alpha1.ReasonProgressing, true, 0, "being replaced"},
		"paused":                  {with(replacing, func(s *deploymentState) { s.Paused = true }), v1alpha1.ReasonRolloutPaused, true, 0, "kubectl rollout resume -n linden deployment/linden-page"},
		"paused while none serve": {with(down, func(s *deploymentState) { s.Paused = true }), v1alpha1.ReasonRolloutPaused, true, 0, "kubectl rollout resume"},
		"scaled to zero":          {with(replacing, func(s *deploymentState) { s.zero = true }), v1alpha1.ReasonScaledToZero, true, 0, "linden-page"},
		"no node has room":        {with(replacing, func(s *deploymentState) { s.blocked = blockedBy(v1alpha1.ReasonPodsUnschedulable) }), v1alpha1.ReasonPodsUnschedulable, true, 0, "because"},
		"no image":                {with(replacing, func(s *deploymentState) { s.blocked = blockedBy(v1alpha1.ReasonImageUnavailable) }), v1alpha1.ReasonImageUnavailable, true, 0, "because"},
		"no image for the first":  {with(down, func(s *deploymentState) { s.blocked = blockedBy(v1alpha1.ReasonImageUnavailable) }), v1alpha1.ReasonImageUnavailable, true, 0, "because"},
		"a quota is exceeded": {with(replacing, func(s *deploymentState) {
			s.Refusal = rollouthealth.Refusal{Reason: v1alpha1.ReasonQuotaExceeded, Quote: "because"}
		}), v1alpha1.ReasonQuotaExceeded, true, 0, "because"},
		"the first pods start": {down, v1alpha1.ReasonProgressing, true, 0, "starting"},
	} {
		_, out := judge([]deploymentState{tc.page, good}, State{Shop: &v1alpha1.Shop{}, Now: now}, Change{})
		if out.Kind() != outcome.KindWait || out.Reason() != tc.reason || out.Bounded() != tc.bounded || !strings.Contains(out.Message(), tc.words) {
			t.Errorf("%s: %v %s %q, bounded %t", name, out.Kind(), out.Reason(), out.Message(), out.Bounded())
		}
		result, err := out.Result()
		if err != nil || result.RequeueAfter == 0 || (tc.within > 0 && result.RequeueAfter > tc.within) {
			t.Errorf("%s: looked at again after %s (%v)", name, result.RequeueAfter, err)
		}
	}
}

func TestAPodWithoutAnImageIsFoundWhereNoneWaitsForANode(t *testing.T) {
	waiting := func(reason string) corev1.Pod {
		return corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{
			Image: "registry.example/page:9", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: "not found"}},
		}}}}
	}
	leaving := waiting("ImagePullBackOff")
	leaving.DeletionTimestamp = &metav1.Time{}
	for name, tc := range map[string]struct {
		pod    corev1.Pod
		reason string
	}{
		"no such image": {waiting("ImagePullBackOff"), v1alpha1.ReasonImageUnavailable},
		"no valid name": {waiting("InvalidImageName"), v1alpha1.ReasonImageUnavailable},
		"it starts":     {waiting("ContainerCreating"), ""},
		"it goes":       {leaving, ""},
	} {
		found := blocked([]corev1.Pod{{}, tc.pod})
		switch {
		case found == nil && tc.reason != "", found != nil && found.reason != tc.reason:
			t.Errorf("%s: %+v", name, found)
		case found != nil && (!strings.Contains(found.message, "registry.example/page:9") || !strings.Contains(found.message, "not found")):
			t.Errorf("%s: %s", name, found.message)
		}
	}
}
