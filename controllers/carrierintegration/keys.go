package carrierintegration

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/keyring"
)

// purposePrefix begins the purposes of the keys that integrations have.
const purposePrefix = bundle.HookKeys + compile.IntegrationPrefix

// keys returns the generated keys of the Shop's integrations, which the Shop's controller makes, each with its end.
func (r *Reconciler) keys(ctx context.Context, shop *v1alpha1.Shop) ([]desired.KeyRecord, error) {
	list := &corev1.ConfigMapList{}
	err := r.Client.List(ctx, list, client.InNamespace(shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: shop.Name}, client.HasLabels{v1alpha1.LabelKeyPurpose})
	if err != nil {
		return nil, fmt.Errorf("listing the key records of the Shop: %w", err)
	}
	byPurpose := map[string][]keyring.Key{}
	for i := range list.Items {
		record, err := desired.ParseKeyRecord(shop.Name, &list.Items[i])
		if err != nil || list.Items[i].DeletionTimestamp != nil || !strings.HasPrefix(record.Purpose, purposePrefix) {
			continue // an invalid one is reported on the Shop
		}
		byPurpose[record.Purpose] = append(byPurpose[record.Purpose], record.Key)
	}
	var live []desired.KeyRecord
	for purpose, keys := range byPurpose {
		for _, key := range keyring.Live(keys) {
			live = append(live, desired.KeyRecord{Key: key, Purpose: purpose})
		}
	}
	slices.SortFunc(live, desired.CompareKeyRecords)
	return live, nil
}

// byKey wakes the integration that a key record is of.
func byKey(_ context.Context, o client.Object) []reconcile.Request {
	cm, ok := o.(*corev1.ConfigMap)
	if !ok || cm.Labels[v1alpha1.LabelKeyPurpose] == "" {
		return nil
	}
	name, ok := strings.CutPrefix(cm.Data["purpose"], purposePrefix)
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: cm.Namespace, Name: name}}}
}
