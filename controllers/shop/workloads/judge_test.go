package workloads

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
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
