// Package metrics counts the fleet for Prometheus: how many objects are in which condition, why, and what the Shops'
// pods report together. No series names a Shop, so their number does not grow with the number of Shops;
// config/prometheus/kube-state-metrics.yaml has series for each Shop. It writes nothing and reads only the cache.
package metrics

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// listTimeout bounds one read of the cache.
const listTimeout = 10 * time.Second

// Replace registers a collector in place of the one of its kind that is registered: a process that starts the operator
// twice, as tests do, shows the numbers of the second.
func Replace(registry prometheus.Registerer, c prometheus.Collector) error {
	registry.Unregister(c)
	if err := registry.Register(c); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	return nil
}

// Fleet is a prometheus.Collector.
type Fleet struct {
	// Cached reads Shops, CarrierIntegrations, NotificationPolicies and the records of keys.
	Cached client.Reader
	// Reports returns what the pods of a Shop said last.
	Reports func(types.NamespacedName) []bundle.Report
	// Leads is closed when this replica leads; others count nothing, so that a sum over replicas is right.
	Leads <-chan struct{}
	Now   func() time.Time
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	shopConditions = desc("wismo_shops_by_condition", "Shops by condition and its status (True, False, Unknown).", "condition", "status")
	shopFaults     = desc("wismo_shops_by_fault", "Shops with a False condition, by condition and reason. See docs/conditions.md.", "condition", "reason")
	shopActivities = desc("wismo_shops_by_activity", "Shops by activity in force (Live, Rehearsal, Suspended; Unknown where a pod does not answer or none runs).", "activity")
	integrations   = desc("wismo_carrier_integrations_by_condition", "CarrierIntegrations by condition and its status (True, False, Unknown).", "condition", "status")
	carrierFaults  = desc("wismo_carrier_integrations_by_fault", "CarrierIntegrations with a False condition, by condition and reason. See docs/conditions.md.", "condition", "reason")
	policies       = desc("wismo_notification_policies_by_condition", "NotificationPolicies by condition and its status (True, False, Unknown).", "condition", "status")
	pods           = desc("wismo_shop_pods_reporting", "Pods of Shops that answered the last request for their report, by component.", "component")
	waiting        = desc("wismo_fleet_receipts_waiting", "Received webhooks of all Shops that wait to be processed.")
	quarantined    = desc("wismo_fleet_receipts_quarantined", "Received webhooks of all Shops that could not be read with their definition. They are kept, and can be replayed.")
	messages       = desc("wismo_fleet_messages_waiting", "Messages of all Shops that wait for their send time or for their channel.")
	failed         = desc("wismo_fleet_messages_failed", "Messages of all Shops that could not be sent and were given up.")
	unmapped       = desc("wismo_fleet_sources_with_unmapped_codes", "Order sources and carriers of all Shops that sent status codes which their definition does not map.")
)

// Describe implements prometheus.Collector.
func (f *Fleet) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		shopConditions, shopFaults, shopActivities, integrations, carrierFaults, policies, pods, waiting, quarantined, messages, failed, unmapped,
		overdueKeys,
	} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (f *Fleet) Collect(out chan<- prometheus.Metric) {
	select {
	case <-f.Leads:
	default:
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), listTimeout)
	defer cancel()
	f.shops(ctx, out)
	carriers := &v1alpha1.CarrierIntegrationList{}
	counted := f.conditions(ctx, out, integrations, carriers, func(c *counts) {
		for i := range carriers.Items {
			c.add(carriers.Items[i].Status.Conditions)
		}
	})
	send(out, carrierFaults, counted.faults)
	house := &v1alpha1.NotificationPolicyList{}
	f.conditions(ctx, out, policies, house, func(c *counts) {
		for i := range house.Items {
			c.add(house.Items[i].Status.Conditions)
		}
	})
}

// conditions sends, and returns, what count counted of the listed objects.
func (f *Fleet) conditions(ctx context.Context, out chan<- prometheus.Metric, d *prometheus.Desc, list client.ObjectList, count func(*counts)) *counts {
	c := &counts{statuses: counter{}, faults: counter{}}
	if err := f.Cached.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		out <- prometheus.NewInvalidMetric(d, err)
		return c
	}
	count(c)
	send(out, d, c.statuses)
	return c
}

func (f *Fleet) shops(ctx context.Context, out chan<- prometheus.Metric) {
	list := &v1alpha1.ShopList{}
	activities, reports := counter{}, &totals{pods: counter{}}
	counted := f.conditions(ctx, out, shopConditions, list, func(all *counts) {
		for i := range list.Items {
			shop := &list.Items[i]
			all.add(shop.Status.Conditions)
			activities[pair{activityInForce(shop)}]++
			reports.add(f.Reports(client.ObjectKeyFromObject(shop)))
		}
	})
	send(out, shopFaults, counted.faults)
	send(out, shopActivities, activities)
	reports.send(out)
	f.keys(ctx, out, list.Items)
}

const unknownActivity = string(bundle.UnknownActivity)

func activityInForce(shop *v1alpha1.Shop) string {
	if shop.Status.Effective == nil {
		return unknownActivity
	}
	return cmp.Or(string(shop.Status.Effective.Activity), unknownActivity)
}

// pair is the values of at most two labels.
type pair [2]string

type counter map[pair]int

// counts are conditions counted by status, and those that are False by reason.
type counts struct{ statuses, faults counter }

func (c *counts) add(conditions []metav1.Condition) {
	for _, condition := range conditions {
		c.statuses[pair{condition.Type, string(condition.Status)}]++
		if condition.Status == metav1.ConditionFalse {
			c.faults[pair{condition.Type, condition.Reason}]++
		}
	}
}

func send(out chan<- prometheus.Metric, d *prometheus.Desc, counted counter) {
	for labels, n := range counted {
		values := labels[:]
		if labels[1] == "" {
			values = values[:1]
		}
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n), values...)
	}
}

// totals are the sums of the reports. A Shop's pods read one store, so each number counts once a Shop.
type totals struct {
	pods                                             counter
	waiting, quarantined, messages, failed, unmapped int
}

func (t *totals) add(reports []bundle.Report) {
	var shop totals
	for _, r := range reports {
		t.pods[pair{string(r.Component)}]++
		shop.waiting = max(shop.waiting, r.Inbox.Waiting)
		shop.quarantined = max(shop.quarantined, r.Inbox.Quarantined)
		shop.messages = max(shop.messages, r.Messages.Waiting)
		shop.failed = max(shop.failed, r.Messages.Failed)
		unmapped := 0
		for _, s := range r.Sources {
			if len(s.UnmappedCodes) > 0 {
				unmapped++
			}
		}
		shop.unmapped = max(shop.unmapped, unmapped)
	}
	t.waiting += shop.waiting
	t.quarantined += shop.quarantined
	t.messages += shop.messages
	t.failed += shop.failed
	t.unmapped += shop.unmapped
}

func (t *totals) send(out chan<- prometheus.Metric) {
	send(out, pods, t.pods)
	for d, n := range map[*prometheus.Desc]int{
		waiting: t.waiting, quarantined: t.quarantined, messages: t.messages, failed: t.failed, unmapped: t.unmapped,
	} {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(n))
	}
}
