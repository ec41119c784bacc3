package metrics

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/keyring"
)

var overdueKeys = desc("wismo_key_rotation_overdue_seconds",
	"Seconds by which the most overdue key rotation of all Shops is late, by what the key signs (links, webhooks).", "signs")

// What keys sign, as the label says it.
const (
	signsLinks    = "links"
	signsWebhooks = "webhooks"
)

// ring is the keys of one purpose of one Shop.
type ring struct {
	shop    types.NamespacedName
	purpose string
}

// keys sends how late the rotation of generated keys is. Records whose Shop is gone wait for its return, and are not late.
func (f *Fleet) keys(ctx context.Context, out chan<- prometheus.Metric, shops []v1alpha1.Shop) {
	records := &corev1.ConfigMapList{}
	if err := f.Cached.List(ctx, records, client.HasLabels{v1alpha1.LabelKeyPurpose}, client.UnsafeDisableDeepCopy); err != nil {
		out <- prometheus.NewInvalidMetric(overdueKeys, err)
		return
	}
	there := map[types.NamespacedName]bool{}
	for i := range shops {
		there[client.ObjectKeyFromObject(&shops[i])] = true
	}
	rings := map[ring][]keyring.Key{}
	for i := range records.Items {
		cm := &records.Items[i]
		shop := types.NamespacedName{Namespace: cm.Namespace, Name: cm.Labels[v1alpha1.LabelShop]}
		record, err := desired.ParseKeyRecord(shop.Name, cm)
		if err != nil || !there[shop] {
			continue // an invalid one is reported on its Shop
		}
		record.Removing = cm.DeletionTimestamp != nil
		of := ring{shop, record.Purpose}
		rings[of] = append(rings[of], record.Key)
	}
	worst, now := map[string]time.Duration{signsLinks: 0, signsWebhooks: 0}, f.Now()
	for of, keys := range rings {
		signs, most := signsWebhooks, keyring.LiveOfSource
		if of.purpose == bundle.LinkKeys {
			signs, most = signsLinks, keyring.LiveOfLinks
		}
		worst[signs] = max(worst[signs], keyring.Overdue(now, keys, most))
	}
	for signs, late := range worst {
		out <- prometheus.MustNewConstMetric(overdueKeys, prometheus.GaugeValue, late.Seconds(), signs)
	}
}
