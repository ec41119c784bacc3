package shop

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// autoscalers finds the Shop's Deployments that somebody else's autoscaler acts on.
func (r *Reconciler) autoscalers(ctx context.Context, s *scope) outcome.Outcome {
	list := &autoscalingv2.HorizontalPodAutoscalerList{}
	if err := r.Client.List(ctx, list, client.InNamespace(s.shop.Namespace)); err != nil {
		return outcome.Retry(fmt.Errorf("listing the autoscalers of the namespace: %w", err))
	}
	s.scaled = map[string]bool{}
	for i := range list.Items {
		if name := targetOf(&list.Items[i]); name != "" && !metav1.IsControlledBy(&list.Items[i], s.shop) {
			s.scaled[name] = true
		}
	}
	return outcome.Done()
}

// availabilityKinds are what a Shop has only while its page is several pods.
func availabilityKinds() []client.ObjectList {
	return []client.ObjectList{&policyv1.PodDisruptionBudgetList{}, &autoscalingv2.HorizontalPodAutoscalerList{}}
}

// targetOf is the Deployment that an autoscaler acts on, or "".
func targetOf(o client.Object) string {
	autoscaler, ok := o.(*autoscalingv2.HorizontalPodAutoscaler)
	if !ok || autoscaler.Spec.ScaleTargetRef.Kind != "Deployment" || autoscaler.DeletionTimestamp != nil {
		return ""
	}
	return autoscaler.Spec.ScaleTargetRef.Name
}

// byAutoscaler wakes the Shop whose Deployment an autoscaler acts on.
func (r *Reconciler) byAutoscaler(ctx context.Context, o client.Object) []reconcile.Request {
	autoscaler, ok := o.(*autoscalingv2.HorizontalPodAutoscaler)
	if !ok {
		return nil
	}
	deployment := &appsv1.Deployment{}
	key := client.ObjectKey{Namespace: o.GetNamespace(), Name: autoscaler.Spec.ScaleTargetRef.Name}
	if err := r.Client.Get(ctx, key, deployment); err != nil {
		return byLabel(ctx, o) // ours whose Deployment is gone, or one that is none of our business
	}
	return byLabel(ctx, deployment)
}

// respecified leaves out what an autoscaler notes of its own work, every few seconds.
func respecified() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, wasOne := e.ObjectOld.(*autoscalingv2.HorizontalPodAutoscaler)
		after, isOne := e.ObjectNew.(*autoscalingv2.HorizontalPodAutoscaler)
		return !wasOne || !isOne || (before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
			!equality.Semantic.DeepEqual(before.Spec, after.Spec) || !equality.Semantic.DeepEqual(before.Labels, after.Labels)
	}}
}

// wanted is how many pods make a roll complete. Where an autoscaler owns the number, one does: pods that it adds are no
// news about the Shop.
func wanted(d *appsv1.Deployment, s *scope) int32 {
	page := s.shop.Spec.Page
	own := page != nil && page.Autoscaling != nil && d.Name == desired.WorkloadName(s.shop.Name, bundle.PageComponent)
	if own || s.scaled[d.Name] || d.Spec.Replicas == nil {
		return 1
	}
	return *d.Spec.Replicas
}
