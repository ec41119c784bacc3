package shop

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// Sizes of what is made by chance, in bytes: keys as Standard Webhooks recommends (24 to 64), and the suffix of a
// Secret's name.
const (
	keyBytes    = 32
	suffixBytes = 8
)

// made remembers the Secrets that this process created or found taken, by the UID of their records: there is no verb
// to look them up with.
type made struct{ records sync.Map }

// makeKeys makes sure that every purpose has its key, and the record of the key after it. A record stands before its
// Secret, and says under which name: so a lost answer, a restart or a cache that is behind never makes a second one.
func (r *Reconciler) makeKeys(ctx context.Context, s *scope) outcome.Outcome {
	var all []desired.KeyRecord
	for _, purpose := range s.output.KeyPurposes {
		records, err := r.recordsOf(ctx, s, purpose)
		if broken, ok := errors.AsType[brokenRecord](err); ok {
			return outcome.Stalled(v1alpha1.ReasonInvalidSpec, broken.Error())
		}
		if err != nil {
			return outcome.Retry(err)
		}
		all = append(all, records...)
	}
	s.keys = all
	return outcome.Done()
}

// recordsOf returns the records of one purpose, after making those that are missing and the Secrets that should exist.
func (r *Reconciler) recordsOf(ctx context.Context, s *scope, purpose string) ([]desired.KeyRecord, error) {
	existing, err := r.listRecords(ctx, s.shop, purpose)
	if err != nil {
		return nil, err
	}
	records := make([]desired.KeyRecord, 0, len(existing)+2)
	highest, active := 0, false
	for i := range existing {
		record, err := readRecord(&existing[i], s.shop, purpose)
		if err != nil {
			return nil, err
		}
		if err := r.makeSecret(ctx, s.shop, record, existing[i].UID); err != nil {
			return nil, err
		}
		records = append(records, record)
		highest, active = max(highest, record.Number), active || !record.CreatedAt.IsZero()
	}
	if !active {
		record, err := r.createRecord(ctx, s.shop, desired.KeyRecord{Purpose: purpose, Number: highest + 1, CreatedAt: s.now})
		if err != nil {
			return nil, err
		}
		records, highest = append(records, record), highest+1
	}
	if last := records[len(records)-1]; !last.CreatedAt.IsZero() {
		record, err := r.createRecord(ctx, s.shop, desired.KeyRecord{Purpose: purpose, Number: highest + 1})
		if err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, nil
}

// brokenRecord is a key record that this operator did not write so.
type brokenRecord struct{ error }

// readRecord reads a record and holds it to its name. Who may write ConfigMaps in a namespace need not be one who may
// use its Secrets, so a record can name none but its own.
func readRecord(cm *corev1.ConfigMap, shop *v1alpha1.Shop, purpose string) (desired.KeyRecord, error) {
	record, err := desired.ParseKeyRecord(cm)
	if err != nil {
		return record, brokenRecord{err}
	}
	ours := record.Purpose == purpose && cm.Name == desired.KeyRecordName(shop.Name, purpose, record.Number)
	if !ours || !strings.HasPrefix(record.SecretName, cm.Name+"-") {
		return record, brokenRecord{fmt.Errorf("the key record %s/%s names another purpose, number or Secret than its own: delete it to have the key made anew", cm.Namespace, cm.Name)}
	}
	return record, nil
}

// listRecords returns the records of one purpose, in the order of their numbers.
func (r *Reconciler) listRecords(ctx context.Context, shop *v1alpha1.Shop, purpose string) ([]corev1.ConfigMap, error) {
	list := &corev1.ConfigMapList{}
	err := r.Client.List(ctx, list, client.InNamespace(shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: shop.Name}, client.HasLabels{v1alpha1.LabelKeyPurpose})
	if err != nil {
		return nil, fmt.Errorf("listing the key records of the Shop: %w", err)
	}
	prefix := strings.TrimSuffix(desired.KeyRecordName(shop.Name, purpose, 0), "0")
	return sortedRecords(list.Items, prefix), nil
}

// createRecord writes a record under a name that only one can have, and makes its Secret if the key is due. If there
// is such a record already, that one counts.
func (r *Reconciler) createRecord(ctx context.Context, shop *v1alpha1.Shop, record desired.KeyRecord) (desired.KeyRecord, error) {
	record.CreatedAt = record.CreatedAt.UTC().Truncate(time.Second) // as it reads when it comes back
	record.SecretName = desired.KeyRecordName(shop.Name, record.Purpose, record.Number) + "-" + randomSuffix()
	cm, err := apply.Typed[corev1.ConfigMap](desired.KeyRecordObject(shop, record))
	if err != nil {
		return record, err
	}
	err = r.Client.Create(ctx, cm)
	if apierrors.IsAlreadyExists(err) {
		if err = r.Live.Get(ctx, client.ObjectKeyFromObject(cm), cm); err == nil {
			record, err = readRecord(cm, shop, record.Purpose)
		}
	}
	if err != nil {
		return record, fmt.Errorf("creating the key record %s/%s: %w", shop.Namespace, desired.KeyRecordName(shop.Name, record.Purpose, record.Number), err)
	}
	return record, r.makeSecret(ctx, shop, record, cm.UID)
}

// makeSecret posts the Secret of a record once. That it exists already is as good: it was posted before, and nothing
// can be read back or changed.
func (r *Reconciler) makeSecret(ctx context.Context, shop *v1alpha1.Shop, record desired.KeyRecord, recordUID types.UID) error {
	if _, done := r.secrets.records.Load(recordUID); done || record.CreatedAt.IsZero() {
		return nil
	}
	err := r.Client.Create(ctx, desired.KeySecret(shop, record, recordUID, newKey(record.Purpose)))
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("creating the Secret %s/%s: %w", shop.Namespace, record.SecretName, err)
	}
	r.secrets.records.Store(recordUID, struct{}{})
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
