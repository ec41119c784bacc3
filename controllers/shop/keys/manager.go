// Package keys makes, rotates and removes the generated keys of Shops, as package keyring decides. It creates Secrets and can
// read none: only the Shop's pods and the merchant see their content.
package keys

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
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/keyring"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// Sizes of random values, in bytes: keys as Standard Webhooks recommends (24 to 64), and the suffix of a
// Secret's name.
const (
	keyBytes    = 32
	suffixBytes = 8
)

// Manager keeps the keys of all Shops. Its zero value with all exported fields set is ready to use.
type Manager struct {
	Client   client.Client // reads come from the cache
	Live     client.Reader // the API server itself
	Applier  apply.Applier
	Recorder events.EventRecorder

	posted posted
}

// Request is what a Shop asks for.
type Request struct {
	Shop   *v1alpha1.Shop
	Now    time.Time
	Wanted []compile.GeneratedKey
	// Complete reports that Wanted is all that the Shop asks for, so that other keys can go.
	Complete bool
}

// Result are the keys that there are, and the names under which pods mount them.
type Result struct {
	Keys  []desired.KeyRecord
	Rings desired.Rings
}

// Keep brings the generated keys to what package keyring decides, in an order in which the operator may be killed
// after any write: a record first, which says under which name its Secret goes; the Secret; the keyring, from when on
// pods let the key count; and last what has ended goes.
func (k *Manager) Keep(ctx context.Context, wish Request) (Result, outcome.Outcome) {
	keys, err := k.rotate(ctx, wish)
	if broken, ok := errors.AsType[invalidRecord](err); ok {
		return Result{}, outcome.Stalled(v1alpha1.ReasonInvalidSpec, broken.Error()).LookAfter(outcome.MissingTimeout)
	}
	if err == nil {
		err = k.apply(ctx, wish, keys)
	}
	if err != nil {
		return Result{}, apply.OutcomeOf(err)
	}
	kept := Result{Keys: keys.live(), Rings: keys.rings}
	if next := keys.next(); !next.IsZero() {
		return kept, outcome.Look(max(next.Sub(wish.Now), time.Second))
	}
	return kept, outcome.Done()
}

// KeepExisting goes on with the keys of a Shop whose spec cannot be used as it is: a leak is answered all the same.
func (k *Manager) KeepExisting(ctx context.Context, wish Request) outcome.Outcome {
	wish.Complete = false
	known, err := k.load(ctx, k.Client, wish)
	if err == nil && known.empty() {
		return outcome.Done()
	}
	_, out := k.Keep(ctx, wish)
	return out
}

// Forget drops what is remembered of a Shop that is no more.
func (k *Manager) Forget(shop types.NamespacedName) { k.posted.forget(shop) }

// rotate makes the records of the keys that are due. What is in the cache decides whether there is anything to make;
// what is to be made, only the API server's own answer does, so that a cache that is behind rotates nothing twice.
func (k *Manager) rotate(ctx context.Context, wish Request) (*shopKeys, error) {
	keys, err := k.load(ctx, k.Client, wish)
	if err != nil {
		return nil, err
	}
	keys.decide(wish.Wanted)
	if keys.complete() {
		return keys, nil
	}
	if !keys.empty() {
		if keys, err = k.load(ctx, k.Live, wish); err != nil {
			return nil, err
		}
		keys.decide(wish.Wanted)
	}
	for _, purpose := range slices.Sorted(maps.Keys(keys.plans)) {
		if err := k.createRecords(ctx, wish, keys, purpose); err != nil {
			return nil, err
		}
	}
	keys.decide(wish.Wanted)
	return keys, nil
}

// createRecords writes the records that the plan of a purpose asks for, under names that only one can have.
func (k *Manager) createRecords(ctx context.Context, wish Request, keys *shopKeys, purpose string) error {
	next := keys.plans[purpose].Create
	if next == nil {
		return nil
	}
	record := desired.KeyRecord{Key: *next, Purpose: purpose}
	cm, err := apply.Typed[corev1.ConfigMap](desired.KeyRecordObject(wish.Shop, record))
	if err != nil {
		return err
	}
	if err := k.Client.Create(ctx, cm); err != nil {
		return k.notCreated(ctx, wish.Shop, record, err)
	}
	log := ctrl.LoggerFrom(ctx).WithValues("purpose", purpose, "number", record.Number, "secret", record.Secret)
	if keys.rings[purpose].Highest > 0 {
		log.Info("Rotated a key")
		k.recordRotation(wish.Shop, record)
	} else {
		log.Info("Created a key")
	}
	keys.records[purpose] = append(keys.records[purpose], storedKey{KeyRecord: record, object: cm})
	return nil
}

// notCreated tells a stale cache, for which a retry helps, from a record name that another object has, such as a record of another
// Shop: names of Shops and sources may contain the separator of a record's name.
func (k *Manager) notCreated(ctx context.Context, shop *v1alpha1.Shop, record desired.KeyRecord, err error) error {
	name := desired.KeyRecordName(shop.Name, record.Purpose, record.Number)
	if apierrors.IsAlreadyExists(err) {
		there := &corev1.ConfigMap{}
		found := k.Live.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: name}, there) == nil
		if found && (!apply.Belongs(there, shop.Name) || there.Labels[v1alpha1.LabelKeyPurpose] == "") {
			foreign := apply.NewForeign(there, "ConfigMap", shop.Name)
			foreign.NoUse = true
			return foreign
		}
	}
	return fmt.Errorf("creating the key record %s/%s: %w", shop.Namespace, name, err)
}

// recordRotation sends the event for a rotated key: the sender has to be given the new secret.
func (k *Manager) recordRotation(shop *v1alpha1.Shop, record desired.KeyRecord) {
	note := fmt.Sprintf("Rotated the key of links: key %d signs links from %s", record.Number, record.SignFrom.UTC().Format(time.RFC3339))
	if source, ok := strings.CutPrefix(record.Purpose, bundle.HookKeys); ok {
		note = fmt.Sprintf("Rotated the key of the source %s: key %d is in the Secret %s; the previous key is accepted until %s",
			source, record.Number, record.Secret, record.EndsOthers.UTC().Format(time.RFC3339))
	}
	k.Recorder.Eventf(shop, nil, corev1.EventTypeNormal, v1alpha1.EventKeyRotated, "Rotate", "%s", note)
}

// apply posts the Secrets that are missing, writes down what changed, and removes what has ended.
func (k *Manager) apply(ctx context.Context, wish Request, keys *shopKeys) error {
	if err := k.postSecrets(ctx, wish, keys); err != nil {
		return err
	}
	for _, stored := range keys.all() {
		if err := k.writeRecord(ctx, wish.Shop, stored, keys.plans[stored.Purpose]); err != nil {
			return err
		}
	}
	object, err := desired.KeyringObject(wish.Shop, keys.rings, keys.live())
	if err != nil {
		return err
	}
	if _, err := k.Applier.Apply(ctx, object); err != nil {
		return err
	}
	for _, stored := range keys.all() {
		if has(keys.plans[stored.Purpose].Delete, stored.Number) {
			if err := k.removeRecord(ctx, stored.object); err != nil {
				return err
			}
		}
	}
	return nil
}

// postSecrets posts each Secret once. That it exists already is as good: its name is only used again when the Secret
// before is gone, so it was posted for this record, and the answer was lost.
func (k *Manager) postSecrets(ctx context.Context, wish Request, keys *shopKeys) error {
	shop, news := client.ObjectKeyFromObject(wish.Shop), false
	for _, stored := range keys.all() {
		made := keys.rings[stored.Purpose].Made
		uid := stored.object.UID
		if stored.Removing || made[stored.Number] == string(uid) || keys.ended(stored, wish.Now) {
			continue
		}
		news = true
		if !k.posted.has(shop, uid) {
			err := k.Client.Create(ctx, desired.KeySecret(wish.Shop, stored.KeyRecord, uid, newKey(stored.Purpose)))
			if err != nil && !apierrors.IsAlreadyExists(err) {
				return fmt.Errorf("creating the Secret %s/%s: %w", wish.Shop.Namespace, stored.Secret, err)
			}
			k.posted.add(shop, uid)
		}
		made[stored.Number] = string(uid)
	}
	if !news {
		k.posted.forget(shop)
	}
	return nil
}

// writeRecord brings a record to what is decided, where it says something else, and gives it back to its Shop where a
// backup was restored without owners.
func (k *Manager) writeRecord(ctx context.Context, shop *v1alpha1.Shop, stored storedKey, plan keyring.Plan) error {
	if stored.Removing || has(plan.Delete, stored.Number) {
		return nil
	}
	record := stored.KeyRecord
	if i := slices.IndexFunc(plan.Write, func(key keyring.Key) bool { return key.Number == stored.Number }); i >= 0 {
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
	err := k.Client.Patch(ctx, changed, client.MergeFromWithOptions(stored.object, client.MergeFromWithOptimisticLock{}))
	if err != nil {
		return fmt.Errorf("writing the key record %s/%s: %w", changed.Namespace, changed.Name, err)
	}
	return nil
}

// removeRecord deletes in the foreground: the record is gone when garbage collection has removed its Secret, and not
// before, so that the Secret's name is free when no record bears it.
func (k *Manager) removeRecord(ctx context.Context, record *corev1.ConfigMap) error {
	if record.DeletionTimestamp != nil {
		return nil
	}
	err := k.Client.Delete(ctx, record, client.Preconditions{UID: &record.UID}, client.PropagationPolicy(metav1.DeletePropagationForeground))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting the key record %s/%s: %w", record.Namespace, record.Name, err)
	}
	ctrl.LoggerFrom(ctx).Info("Deleted an expired key", "keyRecord", record.Name)
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

// randomSuffix makes a Secret's name unguessable, so that it cannot be the name of a user's Secret.
func randomSuffix() string {
	return strings.ToLower(rand.Text())[:suffixBytes]
}

func has(keys []keyring.Key, number int) bool {
	return slices.ContainsFunc(keys, func(key keyring.Key) bool { return key.Number == number })
}
