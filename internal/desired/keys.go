package desired

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/keyring"
)

// KeyRecord says of one generated key all that may be known of it: never its bytes.
type KeyRecord struct {
	keyring.Key

	Purpose string // bundle.LinkKeys, or bundle.HookKeys + a source's name
}

// CompareKeyRecords sorts by purpose and number.
func CompareKeyRecords(a, b KeyRecord) int {
	return cmp.Or(cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Number, b.Number))
}

// Keys in the data of the ConfigMap of a key record.
const (
	recordPurposeField    = "purpose"
	recordNumberField     = "number"
	recordSecretNameField = "secretName"
	recordTokenField      = "token" // the previous version did not write it
	recordCreatedAtField  = "createdAt"
	recordSignFromField   = "signFrom"
	recordRotateAtField   = "rotateAt"
	recordNotAfterField   = "notAfter"
	recordEndsOthersField = "endsOthers"
	recordUnwantedField   = "unwanted"
)

// times returns the fields that hold a time.
func (r *KeyRecord) times() map[string]*time.Time {
	return map[string]*time.Time{
		recordCreatedAtField: &r.CreatedAt, recordSignFromField: &r.SignFrom, recordRotateAtField: &r.RotateAt,
		recordNotAfterField: &r.NotAfter, recordEndsOthersField: &r.EndsOthers, recordUnwantedField: &r.Unwanted,
	}
}

// KeyRecordData returns what the record's ConfigMap holds.
func KeyRecordData(r KeyRecord) map[string]string {
	data := map[string]string{
		recordPurposeField: r.Purpose, recordNumberField: strconv.Itoa(r.Number), recordSecretNameField: r.Secret, recordTokenField: r.Token,
	}
	if r.Adopted {
		delete(data, recordTokenField)
	}
	for field, at := range r.times() {
		if !at.IsZero() {
			data[field] = at.UTC().Format(time.RFC3339)
		}
	}
	return data
}

// KeyRecordObject returns the ConfigMap that holds the record. A record of link keys has no owner: old mails must open
// after a Shop was deleted and created again. All others go with the Shop.
func KeyRecordObject(shop *v1alpha1.Shop, r KeyRecord) *corev1ac.ConfigMapApplyConfiguration {
	cm := corev1ac.ConfigMap(KeyRecordName(shop.Name, r.Purpose, r.Number), shop.Namespace).
		WithLabels(ownerlessLabels(shop.Name)).
		WithLabels(map[string]string{v1alpha1.LabelKeyPurpose: labelValue(r.Purpose)}).
		WithData(KeyRecordData(r))
	if r.Purpose != bundle.LinkKeys {
		cm.WithOwnerReferences(ownedBy(shop))
	}
	return cm
}

// ParseKeyRecord reads what KeyRecordObject wrote, and checks the record against its name: a user who may write ConfigMaps in a
// namespace may not be allowed to use its Secrets, so a record can name only its own.
func ParseKeyRecord(shop string, cm *corev1.ConfigMap) (KeyRecord, error) {
	r, err := parseKeyRecord(cm)
	if err != nil {
		return KeyRecord{}, fmt.Errorf("key record %s/%s: %w; delete the record, and a new key is created", cm.Namespace, cm.Name, err)
	}
	if cm.Name != KeyRecordName(shop, r.Purpose, r.Number) || !keyring.Valid(KeyPrefix(shop, r.Purpose), r.Secret) {
		return KeyRecord{}, fmt.Errorf("the key record %s/%s does not match its own name in purpose, number or Secret: delete it, and a new key is created", cm.Namespace, cm.Name)
	}
	return r, nil
}

func parseKeyRecord(cm *corev1.ConfigMap) (KeyRecord, error) {
	r := KeyRecord{Purpose: cm.Data[recordPurposeField]}
	r.Secret, r.Token = cm.Data[recordSecretNameField], cm.Data[recordTokenField]
	_, knowsTokens := cm.Data[recordTokenField]
	r.Adopted = !knowsTokens
	if r.Purpose == "" || r.Secret == "" {
		return r, fmt.Errorf("%s and %s must be set", recordPurposeField, recordSecretNameField)
	}
	n, err := strconv.Atoi(cm.Data[recordNumberField])
	if err != nil || n < 1 {
		return r, fmt.Errorf("%s %q is not a number from 1", recordNumberField, cm.Data[recordNumberField])
	}
	r.Number = n
	for field, at := range r.times() {
		text := cm.Data[field]
		if text == "" {
			continue
		}
		if *at, err = time.Parse(time.RFC3339, text); err != nil {
			return r, fmt.Errorf("%s %q is not an RFC 3339 time", field, text)
		}
	}
	return r, nil
}

// KeySecret wraps a fresh key in the Secret that the record names; garbage collection removes it with its record, whose
// UID is recordUID, and a record that is deleted in the foreground is there until it has. It is for one create call: the
// operator has no verb to read it back. It is not immutable: the kubelet never looks again at one that is, and the
// same name is used for a later key.
func KeySecret(shop *v1alpha1.Shop, r KeyRecord, recordUID types.UID, key []byte) *corev1.Secret {
	blocks := true
	meta := metav1.ObjectMeta{
		Name: r.Secret, Namespace: shop.Namespace, Labels: labels(shop.Name),
		OwnerReferences: []metav1.OwnerReference{{
			APIVersion: "v1", Kind: "ConfigMap", Name: KeyRecordName(shop.Name, r.Purpose, r.Number), UID: recordUID,
			BlockOwnerDeletion: &blocks,
		}},
	}
	meta.Labels[v1alpha1.LabelKeyPurpose] = labelValue(r.Purpose)
	return &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: meta,
		Type:       corev1.SecretTypeOpaque,
		Data:       map[string][]byte{bundle.KeyFile: key, bundle.KeyNumberFile: []byte(strconv.Itoa(r.Number))},
	}
}

// ringsFile is the field of the keyring's ConfigMap that the operator keeps for itself.
const ringsFile = "rings.json"

// Rings are the names under which pods mount keys, by purpose.
type Rings map[string]keyring.Ring

// KeyringObject returns the ConfigMap that tells the pods which of the mounted keys count, and remembers the names that
// they mount.
func KeyringObject(shop *v1alpha1.Shop, rings Rings, keys []KeyRecord) (*corev1ac.ConfigMapApplyConfiguration, error) {
	told := bundle.Keyring{}
	for _, k := range keys {
		told[k.Purpose] = append(told[k.Purpose], bundle.KeyTimes{
			Number: k.Number, CreatedAt: k.CreatedAt, SignFrom: k.SignFrom, NotAfter: k.NotAfter,
		})
	}
	data := map[string]string{}
	for file, content := range map[string]any{bundle.KeyringFile: told, ringsFile: rings} {
		raw, err := json.Marshal(content)
		if err != nil {
			return nil, fmt.Errorf("writing the keyring's %s: %w", file, err)
		}
		data[file] = string(raw)
	}
	return corev1ac.ConfigMap(KeyringName(shop.Name), shop.Namespace).
		WithLabels(labels(shop.Name)).
		WithOwnerReferences(ownedBy(shop)).
		WithData(data), nil
}

// ParseRings reads what KeyringObject wrote. Nothing that was edited so that it cannot be read is worth an error: the
// records tell the same. Neither is the keyring of an earlier Shop of the name. One without an owner was restored from
// a backup, and tells so by the UIDs that it holds.
func ParseRings(shop *v1alpha1.Shop, cm *corev1.ConfigMap) Rings {
	rings := Rings{}
	if OfAnother(shop, cm) || json.Unmarshal([]byte(cm.Data[ringsFile]), &rings) != nil {
		return Rings{}
	}
	return rings
}

// OfAnother reports whether a record belongs to an earlier Shop of the same name, and so goes with it.
func OfAnother(shop *v1alpha1.Shop, cm *corev1.ConfigMap) bool {
	owned := false
	for _, owner := range cm.OwnerReferences {
		if owner.Kind == "Shop" && strings.HasPrefix(owner.APIVersion, v1alpha1.GroupName+"/") {
			if owner.UID == shop.UID {
				return false
			}
			owned = true
		}
	}
	return owned
}
