package desired

import (
	"crypto/sha256"
	"encoding/hex"

	"k8s.io/apimachinery/pkg/util/validation"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// labels returns on every object of a Shop. The Shop's own labels and annotations are not copied: whatever a pipeline
// writes there would otherwise restart pods.
func labels(shop string) map[string]string {
	return map[string]string{
		nameLabel:          ManagedBy,
		instanceLabel:      shop,
		partOfLabel:        ManagedBy,
		ManagedByLabel:     ManagedBy,
		v1alpha1.LabelShop: shop,
	}
}

// ownerlessLabels returns on the objects that outlive their Shop. Tools that track what they applied by the label
// app.kubernetes.io/instance, as older Argo CDs do, take an object without an owner that bears it for their own: an
// Application that is called like the Shop would prune the Shop's orders.
func ownerlessLabels(shop string) map[string]string {
	l := labels(shop)
	delete(l, instanceLabel)
	return l
}

// workloadLabels returns on the objects of one component.
func workloadLabels(shop string, w workload) map[string]string {
	l := labels(shop)
	l[componentLabel] = w.name
	l[v1alpha1.LabelComponent] = w.name
	return l
}

// selectorLabels identify the pods of one component for as long as the Shop exists; a selector cannot change.
func selectorLabels(shop string, w workload) map[string]string {
	return map[string]string{nameLabel: ManagedBy, instanceLabel: shop, componentLabel: w.name}
}

// ownedBy makes garbage collection remove an object with its Shop.
func ownedBy(shop *v1alpha1.Shop) *metav1ac.OwnerReferenceApplyConfiguration {
	return metav1ac.OwnerReference().
		WithAPIVersion(v1alpha1.GroupVersion.String()).
		WithKind("Shop").
		WithName(shop.Name).
		WithUID(shop.UID).
		WithController(true).
		WithBlockOwnerDeletion(true)
}

// labelValue shortens what does not fit a label; what is cut off lives on in a hash.
func labelValue(s string) string {
	if len(s) <= validation.LabelValueMaxLength {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	suffix := "-" + hex.EncodeToString(sum[:])[:10]
	return s[:validation.LabelValueMaxLength-len(suffix)] + suffix
}
