package metrics_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/keyring"
	"github.com/wismo-dev/wismo/internal/operator/metrics"
	"github.com/wismo-dev/wismo/internal/testing/series"
)

// fleet is a cache with n Shops, each with an integration and everything that can be wrong.
type fleet struct {
	client.Reader
	n int
}

func (f fleet) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	for i := range f.n {
		meta := metav1.ObjectMeta{Namespace: fmt.Sprintf("ns-%d", i), Name: fmt.Sprintf("shop-%d", i)}
		switch l := list.(type) {
		case *v1alpha1.ShopList:
			shop := v1alpha1.Shop{ObjectMeta: meta, Status: v1alpha1.ShopStatus{Effective: &v1alpha1.EffectiveShop{Activity: v1alpha1.ActivityLive}}}
			shop.Status.Conditions = conditions(i)
			l.Items = append(l.Items, shop)
		case *v1alpha1.CarrierIntegrationList:
			ci := v1alpha1.CarrierIntegration{ObjectMeta: meta}
			ci.Status.Conditions = conditions(i)
			l.Items = append(l.Items, ci)
		case *corev1.ConfigMapList:
			l.Items = append(l.Items, records(meta)...)
		}
	}
	return nil
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// records returns a key of links that is due for an hour, one of a source whose sender still uses the one before, and one of
// a Shop that is gone.
func records(meta metav1.ObjectMeta) []corev1.ConfigMap {
	record := func(shop, purpose string, number int, late time.Duration, notAfter time.Time) corev1.ConfigMap {
		name := desired.KeyRecordName(shop, purpose, number)
		return corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: meta.Namespace, Name: name, Labels: map[string]string{v1alpha1.LabelShop: shop}},
			Data: desired.KeyRecordData(desired.KeyRecord{Purpose: purpose, Key: keyring.Key{
				Number: number, Secret: desired.KeyPrefix(shop, purpose) + "a-k3j4h5l6", CreatedAt: noon.AddDate(0, 0, -91),
				RotateAt: noon.Add(-late), NotAfter: notAfter,
			}}),
		}
	}
	return []corev1.ConfigMap{
		record(meta.Name, bundle.LinkKeys, 1, time.Hour, time.Time{}),
		record(meta.Name, bundle.HookKeys+"api", 1, time.Hour, noon.Add(time.Hour)),
		record(meta.Name, bundle.HookKeys+"api", 2, time.Hour, time.Time{}),
		record("gone", bundle.LinkKeys, 1, 24*time.Hour, time.Time{}),
	}
}

func conditions(i int) []metav1.Condition {
	operational := metav1.ConditionTrue
	if i%100 == 0 {
		operational = metav1.ConditionFalse
	}
	return []metav1.Condition{
		{Type: v1alpha1.ConditionReady, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonReady, Message: fmt.Sprintf("shop %d", i)},
		{Type: v1alpha1.ConditionOperational, Status: operational, Reason: v1alpha1.ReasonSignaturesRejected},
	}
}

func reported(types.NamespacedName) []bundle.Report {
	counts := bundle.Report{Inbox: bundle.InboxReport{Waiting: 2}, Sources: []bundle.SourceReport{{Name: "api", UnmappedCodes: []string{"X1"}}}}
	page, worker := counts, counts
	page.Component, worker.Component = bundle.PageComponent, bundle.NotifierComponent
	return []bundle.Report{page, worker}
}

func gather(t *testing.T, n int) map[string]float64 {
	t.Helper()
	leads := make(chan struct{})
	close(leads)
	registry := prometheus.NewPedanticRegistry()
	for range 2 { // a second start in one process takes the place of the first
		if err := metrics.Replace(registry, &metrics.Fleet{Cached: fleet{n: n}, Reports: reported, Leads: leads, Now: func() time.Time { return noon }}); err != nil {
			t.Fatal(err)
		}
	}
	return series.Of(t, registry)
}

func TestAThousandShopsMakeNoMoreSeriesThanAHundred(t *testing.T) {
	hundred, thousand := gather(t, 100), gather(t, 1000)
	if len(thousand) != len(hundred) || len(thousand) == 0 || len(thousand) > 200 {
		t.Errorf("%d series at 100 Shops, %d at 1,000", len(hundred), len(thousand))
	}
	t.Logf("%d series at 1,000 Shops", len(thousand))
	for name, want := range map[string]float64{
		"wismo_shops_by_condition{condition=Ready}{status=True}":                                        1000,
		"wismo_shops_by_condition{condition=Operational}{status=False}":                                 10,
		"wismo_shops_by_fault{condition=Operational}{reason=" + v1alpha1.ReasonSignaturesRejected + "}": 10,
		"wismo_shops_by_activity{activity=Live}":                                                        1000,
		"wismo_carrier_integrations_by_condition{condition=Ready}{status=True}":                         1000,
		"wismo_shop_pods_reporting{component=Page}":                                                     1000,
		"wismo_key_rotation_overdue_seconds{signs=links}":                                               3600,
		"wismo_key_rotation_overdue_seconds{signs=webhooks}":                                            0,
		"wismo_fleet_receipts_waiting":                                                                  2000,
		"wismo_fleet_sources_with_unmapped_codes":                                                       1000,
	} {
		if thousand[name] != want {
			t.Errorf("%s is %v, want %v", name, thousand[name], want)
		}
	}
}

func TestAStandbyCountsNothing(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(&metrics.Fleet{Cached: fleet{n: 1}, Reports: reported, Leads: make(chan struct{})})
	families, err := registry.Gather()
	if err != nil || len(families) > 0 {
		t.Errorf("gathered %v, %v", families, err)
	}
}
