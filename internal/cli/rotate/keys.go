package rotate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// record is the key record of one key: its times and the name of its Secret. It does not have the key itself.
type record struct {
	number     int
	secret     string
	signFrom   time.Time // when every pod has the key, so that it may sign; zero = immediately
	notAfter   time.Time // zero = no end is set
	endsOthers time.Time // until when the earlier keys verify; zero = not set
	configMap  corev1.ConfigMap
}

// records returns the keys of one purpose, the newest first.
func records(ctx context.Context, c client.Client, namespace, shop, purpose string) ([]record, error) {
	list := &corev1.ConfigMapList{}
	if err := c.List(ctx, list, client.InNamespace(namespace), client.MatchingLabels{v1alpha1.LabelShop: shop}, client.HasLabels{v1alpha1.LabelKeyPurpose}); err != nil {
		return nil, fmt.Errorf("reading the key records of Shop %s/%s: %w", namespace, shop, err)
	}
	var all []record
	for _, cm := range list.Items {
		r, ok := read(cm)
		if ok && cm.Data["purpose"] == purpose && cm.DeletionTimestamp == nil {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b record) int { return cmp.Compare(b.number, a.number) })
	return all, nil
}

// read parses a record. It returns false for one that is malformed or belongs to a future key.
func read(cm corev1.ConfigMap) (record, bool) {
	number, err := strconv.Atoi(cm.Data["number"])
	r := record{number: number, secret: cm.Data["secretName"], configMap: cm}
	r.notAfter, _ = time.Parse(time.RFC3339, cm.Data["notAfter"]) // zero where there is none
	r.signFrom, _ = time.Parse(time.RFC3339, cm.Data["signFrom"])
	r.endsOthers, _ = time.Parse(time.RFC3339, cm.Data["endsOthers"])
	return r, err == nil && r.secret != "" && cm.Data["createdAt"] != ""
}

// wait waits until a key with a higher number than before exists, and prints the keys.
func wait(ctx context.Context, env *cmdutil.Env, c client.Client, t target, before int, timeout time.Duration) error {
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	for {
		now, err := records(limited, c, t.object.GetNamespace(), t.shop, t.purpose)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case limited.Err() != nil:
			return cmdutil.Refuse("%s: no new key within %s; to see why: kubectl wismo status %s -n %s", t.title, timeout, t.shop, t.object.GetNamespace())
		case err != nil:
			return err
		case len(now) > 0 && now[0].number > before:
			printKeys(env, t, now)
			return nil
		}
		select {
		case <-limited.Done():
		case <-time.After(time.Second):
		}
	}
}

// printKeys prints the newest key, until when the earlier ones are valid, and how to read the newest.
func printKeys(env *cmdutil.Env, t target, now []record) {
	newest := now[0]
	when := "is active"
	if newest.signFrom.After(env.Now()) {
		when = "was created, and signs from " + newest.signFrom.UTC().Format(time.RFC3339)
	}
	env.Printf("%s: key %d %s; Secret %s\n", t.title, newest.number, when, newest.secret)
	for _, old := range now[1:] {
		end := old.notAfter
		if end.IsZero() {
			end = newest.endsOthers
		}
		switch {
		case end.IsZero():
			env.Printf("%s: key %d is still valid\n", t.title, old.number)
		case end.After(env.Now()):
			env.Printf("%s: key %d is valid until %s\n", t.title, old.number, end.UTC().Format(time.RFC3339))
		default:
			env.Printf("%s: key %d is no longer valid\n", t.title, old.number)
		}
	}
	if t.purpose != linkKeys {
		env.Printf("If you configured the provider by hand, enter the new secret there:\n  kubectl get secret %s -n %s -o go-template='{{.data.key|base64decode}}'\n", newest.secret, t.object.GetNamespace())
	}
}
