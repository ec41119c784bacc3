package desired_test

import (
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/utils/ptr"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile/compiletest"
	"github.com/wismo-dev/wismo/internal/desired"
)

// scaled returns a Shop that outgrew one node: its orders are in a database server, and pages come and go with the visitors.
func scaled(t *testing.T) desired.Input {
	t.Helper()
	return onPostgreSQL(t, "pg-rw.linden.svc", &v1alpha1.Page{Autoscaling: &v1alpha1.Autoscaling{MaxReplicas: 6}})
}

func kinds(in desired.Input) map[string]int {
	count := map[string]int{}
	for _, o := range desired.Objects(in) {
		count[*o.GetKind()]++
	}
	return count
}

func TestOnlyAPageOfSeveralPodsHasABudgetAndIsSpread(t *testing.T) {
	for name, tc := range map[string]struct {
		page                 *v1alpha1.Page
		budgets, autoscalers int
		spread               int
		replicas             int32 // 0 = somebody else's
		cpuMilliOfIt         int64
	}{
		"one page, on a volume": {nil, 0, 0, 0, 1, 10},
		"one page, by number":   {&v1alpha1.Page{Replicas: 1}, 0, 0, 0, 1, 10},
		"three pages":           {&v1alpha1.Page{Replicas: 3}, 1, 0, 2, 3, 10},
		"as many as needed":     {&v1alpha1.Page{Autoscaling: &v1alpha1.Autoscaling{MaxReplicas: 6}}, 1, 1, 2, 0, 100},
	} {
		t.Run(name, func(t *testing.T) {
			in := onPostgreSQL(t, "pg-rw.linden.svc", tc.page)
			count := kinds(in)
			if count["PodDisruptionBudget"] != tc.budgets || count["HorizontalPodAutoscaler"] != tc.autoscalers {
				t.Errorf("objects %v", count)
			}
			page := find[deployment](t, in, "Deployment", "linden-page").Spec
			if len(page.Template.Spec.TopologySpreadConstraints) != tc.spread {
				t.Errorf("spread %v", page.Template.Spec.TopologySpreadConstraints)
			}
			if got := ptr.Deref(page.Replicas, 0); got != tc.replicas {
				t.Errorf("replicas %d, want %d", got, tc.replicas)
			}
			if got := page.Template.Spec.Containers[0].Resources.Requests[corev1.ResourceCPU]; got.MilliValue() != tc.cpuMilliOfIt {
				t.Errorf("CPU request %s", got.String())
			}
			notifier := find[deployment](t, in, "Deployment", "linden-notifier").Spec
			if *notifier.Replicas != 1 || len(notifier.Template.Spec.TopologySpreadConstraints) != 0 {
				t.Errorf("the notifier is scaled: %d", *notifier.Replicas)
			}
		})
	}
}

func TestABudgetNeverBlocksADrainForGood(t *testing.T) {
	for name, page := range map[string]*v1alpha1.Page{
		"by number": {Replicas: 2},
		"scaled":    {Autoscaling: &v1alpha1.Autoscaling{MinReplicas: 1, MaxReplicas: 2}},
	} {
		budget := find[policyv1.PodDisruptionBudget](t, onPostgreSQL(t, "pg-rw.linden.svc", page), "PodDisruptionBudget", "linden-page").Spec
		if budget.MinAvailable != nil || budget.MaxUnavailable.IntValue() != 1 || *budget.UnhealthyPodEvictionPolicy != policyv1.AlwaysAllow {
			t.Errorf("%s: %+v", name, budget)
		}
	}
}

func TestTheAutoscalerActsOnThePageAsTheShopSays(t *testing.T) {
	get := func(a v1alpha1.Autoscaling) (autoscalingv2.HorizontalPodAutoscalerSpec, int32) {
		in := onPostgreSQL(t, "pg-rw.linden.svc", &v1alpha1.Page{Autoscaling: &a})
		spec := find[autoscalingv2.HorizontalPodAutoscaler](t, in, "HorizontalPodAutoscaler", "linden-page").Spec
		return spec, *spec.Metrics[0].Resource.Target.AverageUtilization
	}
	if spec, cpu := get(v1alpha1.Autoscaling{MaxReplicas: 6}); *spec.MinReplicas != 2 || spec.MaxReplicas != 6 || cpu != 70 ||
		spec.ScaleTargetRef != (autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "linden-page"}) {
		t.Errorf("by default %+v", spec)
	}
	if spec, cpu := get(v1alpha1.Autoscaling{MinReplicas: 3, MaxReplicas: 9, TargetCPUUtilizationPercent: 50}); *spec.MinReplicas != 3 || cpu != 50 {
		t.Errorf("as said %+v", spec)
	}
}

// Somebody may put an autoscaler of their own on our Deployments. Then the number is theirs, and ours does not fight it.
func TestAForeignAutoscalerOwnsTheReplicas(t *testing.T) {
	in := input(t, compiletest.Linden(t))
	in.Scaled = map[string]bool{"linden-page": true}
	if d := find[deployment](t, in, "Deployment", "linden-page"); d.Spec.Replicas != nil {
		t.Errorf("replicas %d fight the autoscaler", *d.Spec.Replicas)
	}
	if d := find[deployment](t, in, "Deployment", "linden-notifier"); *d.Spec.Replicas != 1 {
		t.Errorf("replicas of the notifier %d", *d.Spec.Replicas)
	}
	in = scaled(t)
	in.Scaled = map[string]bool{"linden-page": true}
	if count := kinds(in); count["HorizontalPodAutoscaler"] != 0 || count["PodDisruptionBudget"] != 1 {
		t.Errorf("beside a foreign autoscaler: %v", count)
	}
}
