package inmemory

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// DeploymentSaying returns one of which its controller says that reason in Progressing, and whether it is Available.
func DeploymentSaying(progressing string, available bool) *appsv1.Deployment {
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
