package desired

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// KeyRecord says of one generated key all that may be known of it: never its bytes.
type KeyRecord struct {
	Purpose    string // bundle.LinkKeys, or bundle.HookKeys + a source's name
	Number     int    // from 1, never reused
	SecretName string // with a random suffix, so that nobody else's Secret can be meant
	CreatedAt  time.Time
	RotateAt   time.Time // when the next number takes over; zero = only on demand
	NotAfter   time.Time // until when it still verifies; zero = no end is known yet
}

// Fields of a key record's data.
const (
	recordPurpose    = "purpose"
	recordNumber     = "number"
	recordSecretName = "secretName"
	recordCreatedAt  = "createdAt"
	recordRotateAt   = "rotateAt"
	recordNotAfter   = "notAfter"
	// keyField is the only field of a key's Secret.
	keyField = "key"
)

// sortedKeys is the order in which pods mount keys, so that the same records give the same pod template.
func sortedKeys(keys []KeyRecord) []KeyRecord {
	return slices.SortedFunc(slices.Values(keys), func(a, b KeyRecord) int {
		return cmp.Or(strings.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Number, b.Number))
	})
}

// KeyRecordObject is the ConfigMap that holds the record. A record of link keys has no owner: old mails must open
// after a Shop was deleted and created again. All others go with the Shop.
func KeyRecordObject(shop *v1alpha1.Shop, r KeyRecord) *corev1ac.ConfigMapApplyConfiguration {
	data := map[string]string{
		recordPurpose: r.Purpose, recordNumber: strconv.Itoa(r.Number), recordSecretName: r.SecretName,
	}
	for field, at := range map[string]time.Time{
		recordCreatedAt: r.CreatedAt, recordRotateAt: r.RotateAt, recordNotAfter: r.NotAfter,
	} {
		if !at.IsZero() {
			data[field] = at.UTC().Format(time.RFC3339)
		}
	}
	cm := corev1ac.ConfigMap(KeyRecordName(shop.Name, r.Purpose, r.Number), shop.Namespace).
		WithLabels(labels(shop.Name)).
		WithLabels(map[string]string{v1alpha1.LabelKeyPurpose: labelValue(r.Purpose)}).
		WithData(data)
	if r.Purpose != bundle.LinkKeys {
		cm.WithOwnerReferences(ownedBy(shop))
	}
	return cm
}

// ParseKeyRecord reads what KeyRecordObject wrote.
func ParseKeyRecord(cm *corev1.ConfigMap) (KeyRecord, error) {
	r := KeyRecord{Purpose: cm.Data[recordPurpose], SecretName: cm.Data[recordSecretName]}
	if r.Purpose == "" || r.SecretName == "" {
		return KeyRecord{}, fmt.Errorf("key record %s/%s: %s and %s must be set; delete the record to have the key made anew",
			cm.Namespace, cm.Name, recordPurpose, recordSecretName)
	}
	n, err := strconv.Atoi(cm.Data[recordNumber])
	if err != nil || n < 1 {
		return KeyRecord{}, fmt.Errorf("key record %s/%s: %s %q is not a number from 1", cm.Namespace, cm.Name, recordNumber, cm.Data[recordNumber])
	}
	r.Number = n
	for field, at := range map[string]*time.Time{
		recordCreatedAt: &r.CreatedAt, recordRotateAt: &r.RotateAt, recordNotAfter: &r.NotAfter,
	} {
		text := cm.Data[field]
		if text == "" {
			continue
		}
		if *at, err = time.Parse(time.RFC3339, text); err != nil {
			return KeyRecord{}, fmt.Errorf("key record %s/%s: %s %q is not an RFC 3339 time", cm.Namespace, cm.Name, field, text)
		}
	}
	return r, nil
}

// KeySecret wraps a fresh key in the immutable Secret that the record names; garbage collection removes it with its
// record, whose UID is recordUID. It is for one create call: the operator has no verb to read it back.
func KeySecret(shop *v1alpha1.Shop, r KeyRecord, recordUID types.UID, key []byte) *corev1.Secret {
	immutable := true
	meta := metav1.ObjectMeta{
		Name: r.SecretName, Namespace: shop.Namespace, Labels: labels(shop.Name),
		OwnerReferences: []metav1.OwnerReference{{
			APIVersion: "v1", Kind: "ConfigMap", Name: KeyRecordName(shop.Name, r.Purpose, r.Number), UID: recordUID,
		}},
	}
	meta.Labels[v1alpha1.LabelKeyPurpose] = labelValue(r.Purpose)
	return &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: meta,
		Immutable:  &immutable,
		Type:       corev1.SecretTypeOpaque,
		Data:       map[string][]byte{keyField: key},
	}
}
