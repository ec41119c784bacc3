package shop

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/keyring"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// Sizes of what is made by chance, in bytes: keys as Standard Webhooks recommends (24 to 64), and the suffix of a
// Secret's name.
const (
	keyBytes    = 32
	suffixBytes = 8
)

// makeKeys brings the generated keys to what package keyring decides, in an order in which the operator may be killed
// after any write: a record first, which says under which name its Secret goes; the Secret; the keyring, from when on
// pods let the key count; and last what has ended goes.
func (r *Reconciler) makeKeys(ctx context.Context, s *scope) outcome.Outcome {
	keys, err := r.rotate(ctx, s, s.wanted)
	if broken, ok := errors.AsType[brokenRecord](err); ok {
		return outcome.Stalled(v1alpha1.ReasonInvalidSpec, broken.Error()).LookAfter(outcome.Patience)
	}
	if err == nil {
		err = r.carryOut(ctx, s, keys)
	}
	if err != nil {
		return outcome.Retry(err)
	}
	s.keys, s.rings = keys.live(), keys.rings
	if next := keys.next(); !next.IsZero() {
		return outcome.Look(max(next.Sub(s.now), time.Second))
	}
	return outcome.Done()
}

// tendKeys goes on with the keys of a Shop whose spec cannot be used as it is: a leak is answered all the same.
func (r *Reconciler) tendKeys(ctx context.Context, s *scope) outcome.Outcome {
	known, err := r.loadKeys(ctx, r.Client, s)
	if err == nil && known.empty() {
		return outcome.Done()
	}
	return r.makeKeys(ctx, s)
}

// rotate makes the records of the keys that are due. What is in the cache decides whether there is anything to make;
// what is to be made, only the API server's own answer does, so that a cache that is behind rotates nothing twice.
func (r *Reconciler) rotate(ctx context.Context, s *scope, wanted []compile.GeneratedKey) (*shopKeys, error) {
	keys, err := r.loadKeys(ctx, r.Client, s)
	if err != nil {
		return nil, err
	}
	keys.decide(wanted)
	if keys.complete() {
		return keys, nil
	}
	if !keys.empty() {
		if keys, err = r.loadKeys(ctx, r.Live, s); err != nil {
			return nil, err
		}
		keys.decide(wanted)
	}
	for _, purpose := range slices.Sorted(maps.Keys(keys.plans)) {
		if err := r.createRecords(ctx, s, keys, purpose); err != nil {
			return nil, err
		}
	}
	keys.decide(wanted)
	return keys, nil
}

// createRecords writes the records that the plan of a purpose asks for, under names that only one can have.
func (r *Reconciler) createRecords(ctx context.Context, s *scope, keys *shopKeys, purpose string) error {
	next := keys.plans[purpose].Create
	if next == nil {
		return nil
	}
	record := desired.KeyRecord{Key: *next, Purpose: purpose}
	cm, err := apply.Typed[corev1.ConfigMap](desired.KeyRecordObject(s.shop, record))
	if err != nil {
		return err
	}
	if err := r.Client.Create(ctx, cm); err != nil {
		return r.notCreated(ctx, s.shop, record, err)
	}
	if keys.rings[purpose].Highest > 0 {
		r.tellRotated(s, record)
	}
	keys.records[purpose] = append(keys.records[purpose], storedKey{KeyRecord: record, object: cm})
	return nil
}

// notCreated tells a name that another Shop's record has, which no retry mends, from a cache that is behind. Names of Shops
// and of sources may hold whatever stands between them in the name of a record.
func (r *Reconciler) notCreated(ctx context.Context, shop *v1alpha1.Shop, record desired.KeyRecord, err error) error {
	name := desired.KeyRecordName(shop.Name, record.Purpose, record.Number)
	if apierrors.IsAlreadyExists(err) {
		there := &corev1.ConfigMap{}
		if r.Live.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: name}, there) == nil && there.Labels[v1alpha1.LabelShop] != shop.Name {
			return brokenRecord{fmt.Errorf("the ConfigMap %s/%s is not of this Shop, and the record of its key %s would have the same name: rename the source or the Shop",
				shop.Namespace, name, record.Purpose)}
		}
	}
	return fmt.Errorf("creating the key record %s/%s: %w", shop.Namespace, name, err)
}

// tellRotated says that somebody has to be given another secret.
func (r *Reconciler) tellRotated(s *scope, record desired.KeyRecord) {
	note := fmt.Sprintf("links are signed with key %d from %s on", record.Number, record.SignFrom.UTC().Format(time.RFC3339))
	if source, ok := strings.CutPrefix(record.Purpose, bundle.HookKeys); ok {
		note = fmt.Sprintf("key %d of the source %s is in the Secret %s; the one before is accepted until %s",
			record.Number, source, record.Secret, record.EndsOthers.UTC().Format(time.RFC3339))
	}
	r.Recorder.Eventf(s.shop, nil, corev1.EventTypeNormal, v1alpha1.EventKeyRotated, "Rotate", "%s", note)
}

// carryOut posts the Secrets that are missing, writes down what changed, and removes what has ended.
func (r *Reconciler) carryOut(ctx context.Context, s *scope, keys *shopKeys) error {
	if err := r.postSecrets(ctx, s, keys); err != nil {
		return err
	}
	for _, stored := range keys.all() {
		if err := r.writeRecord(ctx, s.shop, stored, keys.plans[stored.Purpose]); err != nil {
			return err
		}
	}
	object, err := desired.KeyringObject(s.shop, keys.rings, keys.live())
	if err != nil {
		return err
	}
	if _, err := r.Applier.Apply(ctx, object); err != nil {
		return err
	}
	for _, stored := range keys.all() {
		if has(keys.plans[stored.Purpose].Delete, stored.Number) {
			if err := r.removeRecord(ctx, stored.object); err != nil {
				return err
			}
		}
	}
	return nil
}

// postSecrets posts each Secret once. That it exists already is as good: its name is only used again when the Secret
// before is gone, so it was posted for this record, and the answer was lost.
func (r *Reconciler) postSecrets(ctx context.Context, s *scope, keys *shopKeys) error {
	shop, news := client.ObjectKeyFromObject(s.shop), false
	for _, stored := range keys.all() {
		made := keys.rings[stored.Purpose].Made
		uid := stored.object.UID
		if stored.Removing || made[stored.Number] == string(uid) || keys.ended(stored, s.now) {
			continue
		}
		news = true
		if !r.posted.has(shop, uid) {
			err := r.Client.Create(ctx, desired.KeySecret(s.shop, stored.KeyRecord, uid, newKey(stored.Purpose)))
			if err != nil && !apierrors.IsAlreadyExists(err) {
				return fmt.Errorf("creating the Secret %s/%s: %w", s.shop.Namespace, stored.Secret, err)
			}
			r.posted.add(shop, uid)
		}
		made[stored.Number] = string(uid)
	}
	if !news {
		r.posted.forget(shop)
	}
	return nil
}

// writeRecord brings a record to what is decided, where it says something else, and gives it back to its Shop where a
// backup was restored without owners.
func (r *Reconciler) writeRecord(ctx context.Context, shop *v1alpha1.Shop, stored storedKey, plan keyring.Plan) error {
	if stored.Removing || has(plan.Delete, stored.Number) {
		return nil
	}
	record := stored.KeyRecord
	if i := slices.IndexFunc(plan.Write, func(k keyring.Key) bool { return k.Number == stored.Number }); i >= 0 {
		record.Key = plan.Write[i]
	}
	changed := stored.object.DeepCopy()
	changed.Data = desired.KeyRecordData(record)
	if stored.Purpose != bundle.LinkKeys && !metav1.IsControlledBy(changed, shop) {
		changed.OwnerReferences = append(changed.OwnerReferences, *metav1.NewControllerRef(shop, v1alpha1.GroupVersion.WithKind("Shop")))
	}
	if maps.Equal(changed.Data, stored.object.Data) && len(changed.OwnerReferences) == len(stored.object.OwnerReferences) {
		return nil
	}
	// Under a lock, and never where it was deleted meanwhile: a record that comes back has another UID than its Secret knows.
	err := r.Client.Patch(ctx, changed, client.MergeFromWithOptions(stored.object, client.MergeFromWithOptimisticLock{}))
	if err != nil {
		return fmt.Errorf("writing the key record %s/%s: %w", changed.Namespace, changed.Name, err)
	}
	return nil
}

// removeRecord deletes in the foreground: the record is gone when garbage collection has removed its Secret, and not
// before, so that the Secret's name is free when no record bears it.
func (r *Reconciler) removeRecord(ctx context.Context, record *corev1.ConfigMap) error {
	if record.DeletionTimestamp != nil {
		return nil
	}
	err := r.Client.Delete(ctx, record, client.Preconditions{UID: &record.UID}, client.PropagationPolicy(metav1.DeletePropagationForeground))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting the key record %s/%s: %w", record.Namespace, record.Name, err)
	}
	return nil
}

// newKey returns a fresh key, spelled as Standard Webhooks spells secrets where others have to be given it.
func newKey(purpose string) []byte {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the process rather than return less
	if strings.HasPrefix(purpose, bundle.HookKeys) {
		return []byte("whsec_" + base64.StdEncoding.EncodeToString(key))
	}
	return key
}

// randomSuffix makes a Secret's name unguessable, so that nobody's own Secret can be meant by it.
func randomSuffix() string {
	return strings.ToLower(rand.Text())[:suffixBytes]
}

func has(keys []keyring.Key, number int) bool {
	return slices.ContainsFunc(keys, func(k keyring.Key) bool { return k.Number == number })
}
