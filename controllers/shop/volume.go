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
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
)

// platform returns what the platform says for this Shop now. Its word on storage is for new volumes: one that is there keeps
// its class, which can never change, and its size, which can never shrink.
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

// volumeOf returns the claim for the Shop's orders, or nil where there is none.
func volumeOf(ctx context.Context, cached client.Reader, shop *v1alpha1.Shop) (*corev1.PersistentVolumeClaim, error) {
	volume := &corev1.PersistentVolumeClaim{}
	err := cached.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: desired.VolumeName(shop.Name)}, volume)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the volume of the Shop: %w", err)
	}
	return volume, nil
}

// refusedChanges remembers what a volume was asked for and may not become, so that the cluster is not asked the same at
// every look. A change that differs is sent again, and so is every one after a restart or a request to reconcile.
type refusedChanges struct{ byShop sync.Map }

type refusedChange struct {
	volume      types.UID
	change      [sha256.Size]byte
	requestedAt string // the request for a look that it was sent under
	message     string
}

// applyVolume returns why a volume which is there may not change as asked, most often because its storage class cannot grow
// volumes. It serves on as it is, so this must not hold up everything else that the Shop asks for.
func (o *objects) applyVolume(ctx context.Context, shop *v1alpha1.Shop, object desired.Object) (refusal string, err error) {
	raw, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("rendering the volume of the Shop: %w", err)
	}
	volume, err := volumeOf(ctx, o.Client, shop)
	if err != nil {
		return "", err
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
