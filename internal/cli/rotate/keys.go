package rotate

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/kit"
	"github.com/wismo-dev/wismo/internal/desired"
)

// record is a key record and the ConfigMap that holds it.
type record struct {
	desired.KeyRecord
	configMap corev1.ConfigMap
}

// records are the keys of one purpose that exist, the newest first. They say when, and never what.
func records(ctx context.Context, c client.Client, namespace, shop, purpose string) ([]record, error) {
	list := &corev1.ConfigMapList{}
	if err := c.List(ctx, list, client.InNamespace(namespace), client.MatchingLabels{v1alpha1.LabelShop: shop}, client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
		return nil, fmt.Errorf("reading the key records of Shop %s/%s: %w", namespace, shop, err)
	}
	var all []record
	for _, cm := range list.Items {
		r, err := desired.ParseKeyRecord(&cm)
		if err == nil && r.Purpose == purpose && cm.DeletionTimestamp == nil && !r.CreatedAt.IsZero() {
			all = append(all, record{r, cm})
		}
	}
	slices.SortFunc(all, func(a, b record) int { return b.Number - a.Number })
	return all, nil
}

// wait says how the rotation goes on until the new key is there.
func wait(ctx context.Context, k *kit.Kit, c client.Client, t target, before int, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		now, err := records(ctx, c, t.object.GetNamespace(), t.shop, t.purpose)
		switch {
		case ctx.Err() != nil:
			return kit.Refuse("%s: no new key within %s; kubectl wismo status %s -n %s says why", t.title, timeout, t.shop, t.object.GetNamespace())
		case err != nil:
			return err
		case len(now) > 0 && now[0].Number > before:
			tell(k, t, now)
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// tell says which key counts now, until when the others do, and how to read the new one.
func tell(k *kit.Kit, t target, now []record) {
	k.Printf("%s: key %d is live, in the Secret %s\n", t.title, now[0].Number, now[0].SecretName)
	for _, old := range now[1:] {
		switch {
		case old.NotAfter.IsZero():
			k.Printf("%s: key %d still verifies\n", t.title, old.Number)
		case old.NotAfter.After(k.Now()):
			k.Printf("%s: key %d verifies until %s\n", t.title, old.Number, old.NotAfter.UTC().Format(time.RFC3339))
		default:
			k.Printf("%s: key %d verifies no more\n", t.title, old.Number)
		}
	}
	k.Printf("Where the provider is told by hand, give it the new secret:\n  kubectl get secret %s -n %s -o go-template='{{.data.key|base64decode}}'\n", now[0].SecretName, t.object.GetNamespace())
}
