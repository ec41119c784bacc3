package desired

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// defaultVolumeSize holds some hundred thousand orders with their receipts.
var defaultVolumeSize = resource.MustParse("1Gi")

func bundleConfigMap(in Input) Object {
	shop := in.Shop
	return corev1ac.ConfigMap(BundleName(shop.Name, in.Bundle.Hash), shop.Namespace).
		WithLabels(labels(shop.Name)).
		WithLabels(map[string]string{v1alpha1.LabelBundle: in.Bundle.Hash}).
		WithOwnerReferences(ownedBy(shop)).
		WithBinaryData(map[string][]byte{bundle.DocumentKey: in.Bundle.Data}).
		WithImmutable(true)
}

// volume returns the claim for the Shop's orders, or nil where a database server keeps them. It has no owner: the orders
// outlive the Shop unless its deletionPolicy says otherwise, and then its finalizer removes them.
func volume(in Input) Object {
	if in.Bundle.Document.Storage.Type != bundle.SQLite {
		return nil
	}
	shop := in.Shop
	size, class := in.Platform.Storage.Size, in.Platform.Storage.ClassName
	if size.IsZero() {
		size = defaultVolumeSize
	}
	if s := shop.Spec.Storage; s != nil && s.SQLite != nil {
		if s.SQLite.Size != nil {
			size = *s.SQLite.Size
		}
		if s.SQLite.StorageClassName != "" {
			class = string(s.SQLite.StorageClassName)
		}
	}
	spec := corev1ac.PersistentVolumeClaimSpec().WithAccessModes(corev1.ReadWriteOnce)
	if class != "" {
		spec.WithStorageClassName(class)
	}
	return corev1ac.PersistentVolumeClaim(VolumeName(shop.Name), shop.Namespace).
		WithLabels(ownerlessLabels(shop.Name)).
		WithSpec(spec.WithResources(corev1ac.VolumeResourceRequirements().
			WithRequests(corev1.ResourceList{corev1.ResourceStorage: size})))
}
