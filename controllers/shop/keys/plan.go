package keys

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/keyring"
)

// linkSlack is added to the life of a link: its end is rounded up to the minute, and clocks differ.
const linkSlack = time.Hour

// shopKeys is the state of a Shop's generated keys, and the plan for them.
type shopKeys struct {
	shop    *v1alpha1.Shop
	now     time.Time
	whole   bool // every purpose that the Shop needs is known, so that the keys of others may be deleted
	records map[string][]storedKey
	rings   desired.Rings
	plans   map[string]keyring.Plan
}

// storedKey is a key record with the ConfigMap that holds it.
type storedKey struct {
	desired.KeyRecord

	object *corev1.ConfigMap
}

// invalidRecord reports a key record that cannot be read, because another client changed or created it.
type invalidRecord struct{ error }

// load reads the key records and the keyring of the Shop.
func (k *Manager) load(ctx context.Context, from client.Reader, wish Request) (*shopKeys, error) {
	list := &corev1.ConfigMapList{}
	err := from.List(ctx, list, client.InNamespace(wish.Shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: wish.Shop.Name}, client.HasLabels{v1alpha1.LabelKeyPurpose})
	if err != nil {
		return nil, fmt.Errorf("listing the key records of the Shop %s/%s: %w", wish.Shop.Namespace, wish.Shop.Name, err)
	}
	ring := &corev1.ConfigMap{}
	err = from.Get(ctx, client.ObjectKey{Namespace: wish.Shop.Namespace, Name: desired.KeyringName(wish.Shop.Name)}, ring)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("reading the ConfigMap %s/%s, the keyring of the Shop: %w", wish.Shop.Namespace, desired.KeyringName(wish.Shop.Name), err)
	}
	keys := &shopKeys{shop: wish.Shop, now: wish.Now, whole: wish.Complete, records: map[string][]storedKey{}, rings: desired.ParseRings(wish.Shop, ring)}
	for i := range list.Items {
		if err := keys.add(&list.Items[i]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (k *shopKeys) add(cm *corev1.ConfigMap) error {
	removing := cm.DeletionTimestamp != nil || desired.OfAnother(k.shop, cm)
	record, err := desired.ParseKeyRecord(k.shop.Name, cm)
	switch {
	case err != nil && removing:
		return nil
	case err != nil:
		return invalidRecord{err}
	}
	record.Removing = removing
	k.records[record.Purpose] = append(k.records[record.Purpose], storedKey{KeyRecord: record, object: cm})
	return nil
}

// empty reports whether the Shop has never had a key.
func (k *shopKeys) empty() bool {
	for _, ring := range k.rings {
		if ring.Highest > 0 {
			return false
		}
	}
	return len(k.records) == 0
}

// complete reports whether no plan creates a key.
func (k *shopKeys) complete() bool {
	for _, plan := range k.plans {
		if plan.Create != nil {
			return false
		}
	}
	return true
}

// decide sets the plan of every purpose that is wanted, and of those that were wanted before.
func (k *shopKeys) decide(wanted []compile.GeneratedKey) {
	k.plans = map[string]keyring.Plan{}
	for _, w := range wanted {
		policy := policyOf(w)
		ring := k.continueRing(w.Purpose, policy)
		k.plans[w.Purpose] = keyring.Decide(k.now, k.keysOf(w.Purpose), policy, ring.Names(desired.KeyPrefix(k.shop.Name, w.Purpose)), ring.Highest)
	}
	for purpose := range k.records {
		if _, is := k.plans[purpose]; is {
			continue
		}
		k.continueRing(purpose, keyring.Policy{})
		k.plans[purpose] = keyring.Plan{}
		if k.whole {
			k.plans[purpose] = keyring.Abandon(k.now, k.keysOf(purpose))
		}
	}
	for purpose := range k.rings {
		if _, is := k.plans[purpose]; !is && k.whole {
			delete(k.rings, purpose) // abandoned, and all of its keys are gone
		}
	}
}

func (k *shopKeys) continueRing(purpose string, policy keyring.Policy) keyring.Ring {
	var records []keyring.Record
	for _, stored := range k.records[purpose] {
		records = append(records, keyring.Record{Key: stored.Key, UID: string(stored.object.UID), Stored: stored.object.CreationTimestamp.Time})
	}
	ring := k.rings[purpose].Continue(desired.KeyPrefix(k.shop.Name, purpose), records, policy, randomSuffix())
	k.rings[purpose] = ring
	return ring
}

// policyOf returns what the spec asks for, in the words of package keyring.
func policyOf(k compile.GeneratedKey) keyring.Policy {
	const day = 24 * time.Hour
	policy := keyring.Policy{
		Interval: time.Duration(k.IntervalDays) * day, Overlap: time.Duration(k.OverlapHours) * time.Hour,
		Token: k.Token, Live: keyring.LiveOfSource,
	}
	if k.Purpose == bundle.LinkKeys {
		// The keys that still verify, the one that signs, and the one that signs next.
		verifying := int((policy.Overlap + policy.Interval - 1) / policy.Interval)
		policy.Overlap += linkSlack
		policy.Live = min(verifying+2, keyring.LiveOfLinks)
	}
	return policy
}

func (k *shopKeys) keysOf(purpose string) []keyring.Key {
	var keys []keyring.Key
	for _, stored := range k.records[purpose] {
		keys = append(keys, stored.Key)
	}
	return keys
}

// all returns all key records, sorted by purpose and number.
func (k *shopKeys) all() []storedKey {
	var all []storedKey
	for _, records := range k.records {
		all = append(all, records...)
	}
	slices.SortFunc(all, func(a, b storedKey) int { return desired.CompareKeyRecords(a.KeyRecord, b.KeyRecord) })
	return all
}

// live returns the keys in use, each with its end, sorted by purpose and number.
func (k *shopKeys) live() []desired.KeyRecord {
	var live []desired.KeyRecord
	for purpose := range k.records {
		for _, key := range keyring.Live(k.keysOf(purpose)) {
			live = append(live, desired.KeyRecord{Key: key, Purpose: purpose})
		}
	}
	slices.SortFunc(live, desired.CompareKeyRecords)
	return live
}

// ended reports whether a key is no longer valid, or never was.
func (k *shopKeys) ended(stored storedKey, now time.Time) bool {
	live := keyring.Live(k.keysOf(stored.Purpose))
	i := slices.IndexFunc(live, func(key keyring.Key) bool { return key.Number == stored.Number })
	return i < 0 || live[i].Ended(now)
}

// next returns when the plans have to be computed again; zero = not before something changes.
func (k *shopKeys) next() time.Time {
	var next time.Time
	for _, plan := range k.plans {
		if !plan.Next.IsZero() && (next.IsZero() || plan.Next.Before(next)) {
			next = plan.Next
		}
	}
	return next
}
