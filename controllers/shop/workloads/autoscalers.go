package workloads

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

// scaledBy returns the Deployment that an autoscaler acts on, or "".
func scaledBy(o client.Object) string {
	autoscaler, ok := o.(*autoscalingv2.HorizontalPodAutoscaler)
	if !ok || autoscaler.Spec.ScaleTargetRef.Kind != "Deployment" || autoscaler.DeletionTimestamp != nil {
		return ""
	}
	return autoscaler.Spec.ScaleTargetRef.Name
}

// DeploymentOf returns the Deployment that an autoscaler acts on, as the cache shows it; the autoscaler itself where there is none.
func DeploymentOf(ctx context.Context, cached client.Reader, o client.Object) client.Object {
	autoscaler, ok := o.(*autoscalingv2.HorizontalPodAutoscaler)
	if !ok {
		return o
	}
	deployment := &appsv1.Deployment{}
	if cached.Get(ctx, client.ObjectKey{Namespace: o.GetNamespace(), Name: autoscaler.Spec.ScaleTargetRef.Name}, deployment) != nil {
		return o // ours whose Deployment is gone, or one that is none of our business
	}
	return deployment
}

// Respecified leaves out what an autoscaler notes of its own work, every few seconds.
func Respecified() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, wasOne := e.ObjectOld.(*autoscalingv2.HorizontalPodAutoscaler)
		after, isOne := e.ObjectNew.(*autoscalingv2.HorizontalPodAutoscaler)
		return !wasOne || !isOne || (before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
			!equality.Semantic.DeepEqual(before.Spec, after.Spec) || !equality.Semantic.DeepEqual(before.Labels, after.Labels)
	}}
}
