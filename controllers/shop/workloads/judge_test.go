package workloads

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// deploymentSaying is one whose controller has said what it says in Progressing and Available.
func deploymentSaying(progressing string, available bool) *appsv1.Deployment {
	d := &appsv1.Deployment{Status: appsv1.DeploymentStatus{Conditions: []appsv1.DeploymentCondition{
		{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: progressing},
		{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionFalse},
	}}}
	if available {
		d.Status.Conditions[1].Status = corev1.ConditionTrue
		d.Status.Replicas, d.Status.UpdatedReplicas, d.Status.AvailableReplicas = 1, 1, 1
	}
	return d
}

func TestWhatHoldsTheWorkloadsUpIsNamed(t *testing.T) {
	good := deploymentSaying("NewReplicaSetAvailable", true)
	replacing := deploymentSaying("ReplicaSetUpdated", true)
	replacing.Status.UpdatedReplicas = 0
	for name, tc := range map[string]struct {
		page   *appsv1.Deployment
		reason string
	}{
		"all is well":               {good, v1alpha1.ReasonAvailable},
		"the first pods start":      {deploymentSaying("NewReplicaSetCreated", false), v1alpha1.ReasonProgressing},
		"old pods make way":         {replacing, v1alpha1.ReasonAvailable},
		"the first pods never come": {deploymentSaying("ProgressDeadlineExceeded", false), v1alpha1.ReasonPodsFailing},
		"the new pods never come":   {deploymentSaying("ProgressDeadlineExceeded", true), v1alpha1.ReasonProgressDeadlineExceeded},
		"a pod that served crashes": {deploymentSaying("NewReplicaSetAvailable", false), v1alpha1.ReasonPodsFailing},
	} {
		s := State{Shop: &v1alpha1.Shop{}, Settled: true, Deployments: map[bundle.Component]*appsv1.Deployment{
			bundle.PageComponent: tc.page, bundle.NotifierComponent: good,
		}}
		var rolls []roll
		for _, c := range Components {
			rolls = append(rolls, rollOf(s.settledHealth(c), s.wanted(c), false))
		}
		if reason, _ := obstacle(rolls, "linden"); reason != tc.reason {
			t.Errorf("%s: %s, want %s", name, reason, tc.reason)
		}
	}
}
