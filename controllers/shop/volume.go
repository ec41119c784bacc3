package shop

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// platform returns the platform's configuration for the Shop. Its storage settings are for new volumes: an existing volume keeps its
// class, which can never change, and its size, which can never shrink.
func (o *objects) platform(ctx context.Context, shop *v1alpha1.Shop) (desired.Platform, error) {
	platform := o.Platform()
	volume, err := volumeOf(ctx, o.Client, shop)
	if err != nil || volume == nil {
		return platform, err
	}
	platform.Storage.Size = volume.Spec.Resources.Requests[corev1.ResourceStorage]
	platform.Storage.ClassName = ptr.Deref(volume.Spec.StorageClassName, "")
	return platform, nil
}

// volumeOf returns the PersistentVolumeClaim for the Shop's orders; nil = there is none.
func volumeOf(ctx context.Context, cached client.Reader, shop *v1alpha1.Shop) (*corev1.PersistentVolumeClaim, error) {
	volume := &corev1.PersistentVolumeClaim{}
	err := cached.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: desired.VolumeName(shop.Name)}, volume)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the PersistentVolumeClaim %s/%s: %w", shop.Namespace, desired.VolumeName(shop.Name), err)
	}
	return volume, nil
}

// volumeDeleted is what to do about a volume that is being deleted. Kubernetes keeps it while pods mount it.
const volumeDeleted = "the PersistentVolumeClaim %s/%s is being deleted, and its orders are lost when the pods that mount it stop. No pod of the Shop is replaced meanwhile: " +
	"do not restart or drain them, and follow \"A volume that is being deleted\" in docs/operations.md"

// checkVolume stops before any pod is replaced while the volume is being deleted: the pods that mount it are all that keeps it.
func (o *objects) checkVolume(ctx context.Context, shop *v1alpha1.Shop) outcome.Outcome {
	volume, err := volumeOf(ctx, o.Client, shop)
	switch {
	case err != nil:
		return outcome.Retry(err)
	case volume == nil || volume.DeletionTimestamp == nil:
		return outcome.Done()
	default:
		return outcome.Stalled(v1alpha1.ReasonVolumeBeingDeleted, fmt.Sprintf(volumeDeleted, volume.Namespace, volume.Name))
	}
}

// keepSize asks for no less than the volume asks for already: no volume can shrink, and one that something else has grown, such as
// pvc-autoresizer, has more than the Shop asks for.
func keepSize(object desired.Object, volume *corev1.PersistentVolumeClaim) {
	rendered, ok := object.(*corev1ac.PersistentVolumeClaimApplyConfiguration)
	if !ok || volume == nil {
		return
	}
	requests := *rendered.Spec.Resources.Requests
	want := requests[corev1.ResourceStorage]
	if there := volume.Spec.Resources.Requests[corev1.ResourceStorage]; there.Cmp(want) > 0 {
		requests[corev1.ResourceStorage] = there
	}
}

// refusedChanges remembers, by Shop, the last change of a volume that the API server refused, so that it is not sent again with every
// reconciliation. Another change is sent, and so is every change after a restart or a requested reconciliation.
type refusedChanges struct{ byShop sync.Map }

// refusedChange is a change of a volume that the API server refused.
type refusedChange struct {
	volume      types.UID
	change      [sha256.Size]byte // hash of the rendered PersistentVolumeClaim
	requestedAt string            // value of the annotation reconcile-requested-at when it was sent
	message     string            // of the API server
}

// applyVolume applies the PersistentVolumeClaim. If the API server refuses a change of an existing one, in most cases because its
// storage class does not allow expansion, it returns why and no error: the Shop serves on the volume as it is, and its other changes
// must not wait.
func (o *objects) applyVolume(ctx context.Context, shop *v1alpha1.Shop, object desired.Object) (refusal string, err error) {
	volume, err := volumeOf(ctx, o.Client, shop)
	if err != nil {
		return "", err
	}
	keepSize(object, volume)
	raw, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("rendering the volume of the Shop: %w", err)
	}
	key := client.ObjectKeyFromObject(shop)
	now := refusedChange{change: sha256.Sum256(raw), requestedAt: shop.Annotations[v1alpha1.AnnotationReconcileRequestedAt]}
	if volume != nil {
		now.volume = volume.UID
	}
	if known, ok := o.refused.byShop.Load(key); ok {
		before, _ := known.(refusedChange)
		now.message = before.message
		if before == now {
			return before.message, nil
		}
	}
	_, err = o.Applier.Apply(ctx, object)
	if volume == nil || (!apierrors.IsForbidden(err) && !apierrors.IsInvalid(err)) {
		o.refused.byShop.Delete(key)
		return "", err
	}
	now.message = err.Error()
	o.refused.byShop.Store(key, now)
	return now.message, nil
}
