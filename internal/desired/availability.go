package desired

import (
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	autoscalingv2ac "k8s.io/client-go/applyconfigurations/autoscaling/v2"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	policyv1ac "k8s.io/client-go/applyconfigurations/policy/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// What holds where spec.page.autoscaling says nothing.
const (
	defaultMinReplicas = 2
	defaultCPUPercent  = 70
)

// replicas returns nil where an autoscaler owns the number: ours, or a foreign one. One
// notifier is enough: its work is claimed by lease.
func replicas(in Input, w workload) *int32 {
	one := int32(1)
	page := in.Shop.Spec.Page
	switch {
	case in.Scaled[WorkloadName(in.Shop.Name, w.component)]:
		return nil
	case w.component != bundle.PageComponent || page == nil:
		return &one
	case page.Autoscaling != nil:
		return nil
	case page.Replicas > 0:
		return &page.Replicas
	default:
		return &one
	}
}

// several reports whether the workload is meant to run more than one pod at rest.
func several(in Input, w workload) bool {
	page := in.Shop.Spec.Page
	return w.component == bundle.PageComponent && page != nil && (page.Replicas > 1 || page.Autoscaling != nil)
}

// availability returns what only a workload of several pods needs: a drain takes one at a time, and load adds some. A budget
// for a single pod would keep its node from being drained.
func availability(in Input, w workload) []Object {
	if !several(in, w) {
		return nil
	}
	all := []Object{disruptionBudget(in, w)}
	if a := in.Shop.Spec.Page.Autoscaling; a != nil && !in.Scaled[WorkloadName(in.Shop.Name, w.component)] {
		all = append(all, autoscaler(in, w, a))
	}
	return all
}

// disruptionBudget never blocks a drain for good: one pod may always go, and a broken one goes at once.
func disruptionBudget(in Input, w workload) Object {
	shop := in.Shop
	return policyv1ac.PodDisruptionBudget(WorkloadName(shop.Name, w.component), shop.Namespace).
		WithLabels(workloadLabels(shop.Name, w)).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(policyv1ac.PodDisruptionBudgetSpec().
			WithSelector(metav1ac.LabelSelector().WithMatchLabels(selectorLabels(shop.Name, w))).
			WithMaxUnavailable(intstr.FromInt32(1)).
			WithUnhealthyPodEvictionPolicy(policyv1.AlwaysAllow))
}

func autoscaler(in Input, w workload, a *v1alpha1.Autoscaling) Object {
	shop := in.Shop
	name := WorkloadName(shop.Name, w.component)
	return autoscalingv2ac.HorizontalPodAutoscaler(name, shop.Namespace).
		WithLabels(workloadLabels(shop.Name, w)).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(autoscalingv2ac.HorizontalPodAutoscalerSpec().
			WithScaleTargetRef(autoscalingv2ac.CrossVersionObjectReference().
				WithAPIVersion("apps/v1").WithKind("Deployment").WithName(name)).
			WithMinReplicas(or(a.MinReplicas, defaultMinReplicas)).
			WithMaxReplicas(a.MaxReplicas).
			WithMetrics(autoscalingv2ac.MetricSpec().
				WithType(autoscalingv2.ResourceMetricSourceType).
				WithResource(autoscalingv2ac.ResourceMetricSource().
					WithName(corev1.ResourceCPU).
					WithTarget(autoscalingv2ac.MetricTarget().
						WithType(autoscalingv2.UtilizationMetricType).
						WithAverageUtilization(or(a.TargetCPUUtilizationPercent, defaultCPUPercent))))))
}

// spread puts the pods of one revision on different nodes and in different zones where there are some, and anywhere
// before nowhere.
func spread(in Input, w workload) []*corev1ac.TopologySpreadConstraintApplyConfiguration {
	if !several(in, w) {
		return nil
	}
	var all []*corev1ac.TopologySpreadConstraintApplyConfiguration
	for _, topology := range []string{corev1.LabelHostname, corev1.LabelTopologyZone} {
		all = append(all, corev1ac.TopologySpreadConstraint().
			WithMaxSkew(1).
			WithTopologyKey(topology).
			WithWhenUnsatisfiable(corev1.ScheduleAnyway).
			WithLabelSelector(metav1ac.LabelSelector().WithMatchLabels(selectorLabels(in.Shop.Name, w))).
			WithMatchLabelKeys("pod-template-hash"))
	}
	return all
}

func or(value, otherwise int32) int32 {
	if value == 0 {
		return otherwise
	}
	return value
}
