package suite

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// patience is how long anything that a test waits for may take.
const patience = 30 * time.Second

// WantCondition waits until the object's condition has the status and, if one is given, the reason; it returns it.
func WantCondition(t *testing.T, object client.Object, kind string, value metav1.ConditionStatus, reason string) metav1.Condition {
	t.Helper()
	var got metav1.Condition
	Eventually(t, fmt.Sprintf("%s is %s %s", kind, value, reason), func() error {
		if err := Kube.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		conditions, observed := statusOf(object)
		c := meta.FindStatusCondition(conditions, kind)
		if c == nil || c.Status != value || (reason != "" && c.Reason != reason) || observed != object.GetGeneration() {
			return fmt.Errorf("generation %d, observed %d, conditions:\n%s", object.GetGeneration(), observed, Summary(conditions))
		}
		got = *c
		return nil
	})
	return got
}

// Summary returns the conditions in words, one a line.
func Summary(conditions []metav1.Condition) string {
	var b strings.Builder
	for _, c := range conditions {
		fmt.Fprintf(&b, "  %s=%s %s: %.200s\n", c.Type, c.Status, c.Reason, c.Message)
	}
	return b.String()
}

// Resync makes the operator look at the Shop n times, by touching an object beside it that it only reads.
func Resync(t *testing.T, shop *v1alpha1.Shop, n int) {
	t.Helper()
	list := &discoveryv1.EndpointSliceList{}
	if err := Kube.List(t.Context(), list, client.InNamespace(shop.Namespace)); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) == 0 {
		Pods.Start(t, shop, "page", Healthy(bundle.PageComponent))
		Settled(t)
		Resync(t, shop, n)
		return
	}
	slice := &list.Items[0]
	for i := range n {
		before := Reconciliations(t, "shop")
		Edit(t, slice, func(s *discoveryv1.EndpointSlice) {
			s.Annotations = map[string]string{"touched": fmt.Sprint(time.Now().UnixNano(), i)}
		})
		Eventually(t, "the Shop is looked at again", func() error {
			if Reconciliations(t, "shop") == before {
				return fmt.Errorf("still %d reconciliations", before)
			}
			return nil
		})
	}
}

// Eventually asks again until check has no error.
func Eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	installed.Eventually(t, patience, what, check)
}

// Reconciliations returns how often the controllers have looked, errors included.
func Reconciliations(t *testing.T, controllers ...string) int {
	t.Helper()
	return total(t, "controller_runtime_reconcile_total", controllers)
}

// total returns the sum of a metric over these controllers.
func total(t *testing.T, metric string, controllers []string) int {
	t.Helper()
	families, err := metrics.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, family := range families {
		if family.GetName() != metric {
			continue
		}
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetName() == "controller" && slices.Contains(controllers, label.GetValue()) {
					sum += int(m.GetCounter().GetValue() + m.GetGauge().GetValue()) // it is one of the two
				}
			}
		}
	}
	return sum
}

// Settled waits until the operator has nothing more to do for a while.
func Settled(t *testing.T) {
	t.Helper()
	Rested(t, 500*time.Millisecond, "shop", "carrierintegration", "notificationpolicy")
}

// Rested waits until the controllers have not looked for so long, and none of them does: a look may take longer than that.
func Rested(t *testing.T, long time.Duration, controllers ...string) {
	t.Helper()
	const step, longest = 100 * time.Millisecond, 5 * time.Minute
	began, before := time.Now(), -1
	for quiet := time.Duration(0); quiet < long; time.Sleep(step) {
		looks, underWay := Reconciliations(t, controllers...), total(t, "controller_runtime_active_workers", controllers)
		quiet += step
		if looks != before || underWay > 0 {
			before, quiet = looks, 0
		}
		if time.Since(began) > longest {
			t.Fatalf("%v: not at rest within %s: %d looks so far, %d under way", controllers, longest, looks, underWay)
		}
	}
}

func statusOf(object client.Object) ([]metav1.Condition, int64) {
	switch o := object.(type) {
	case *v1alpha1.Shop:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.CarrierIntegration:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.NotificationPolicy:
		return o.Status.Conditions, o.Status.ObservedGeneration
	default:
		return nil, 0
	}
}
