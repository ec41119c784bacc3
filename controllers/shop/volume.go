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
	"github.com/wismo-dev/wismo/internal/operator/world"
)

// platform is what the platform says for this Shop now. Its word on storage is for new volumes: one that is there keeps
// its class, which can never change, and its size, which can never shrink.
func (r *Reconciler) platform(ctx context.Context, shop *v1alpha1.Shop) (desired.Platform, error) {
	platform := r.Platform()
	volume, err := r.volume(ctx, shop)
	if err != nil || volume == nil {
		return platform, err
	}
	platform.Storage.Size = volume.Spec.Resources.Requests[corev1.ResourceStorage]
	platform.Storage.ClassName = ptr.Deref(volume.Spec.StorageClassName, "")
	return platform, nil
}

// stateOf is what the cluster says of the volume; nil is one that does not exist.
func stateOf(volume *corev1.PersistentVolumeClaim, refusal string) world.Volume {
	state := world.Volume{Refusal: refusal}
	if volume == nil {
		return state
	}
	state.Pending = volume.Status.Phase == corev1.ClaimPending
	for _, c := range volume.Status.Conditions {
		grows := c.Type == corev1.PersistentVolumeClaimResizing || c.Type == corev1.PersistentVolumeClaimFileSystemResizePending
		state.Resizing = state.Resizing || (grows && c.Status == corev1.ConditionTrue)
	}
	return state
}

// refusedWishes remembers what a volume was asked for and may not become, so that the cluster is not asked the same at
// every look. A wish that changed is sent again, and so is every one after a restart or when somebody asks for a look.
type refusedWishes struct{ byShop sync.Map }

type refusedWish struct {
	volume types.UID
	wish   [sha256.Size]byte
	asked  string // the request for a look that it was sent under
	words  string
}

// apply makes one object as rendered, and returns the version that it then has; "" = it was so already, or is a volume.
func (r *Reconciler) apply(ctx context.Context, s *scope, object desired.Object) (string, error) {
	if *object.GetKind() != "PersistentVolumeClaim" {
		return r.Applier.Apply(ctx, object)
	}
	return "", r.applyVolume(ctx, s, object)
}

// applyVolume notes when a volume which is there may not change as asked, most often because its storage class cannot
// grow volumes. It serves on as it is, so this must not hold up everything else that the Shop asks for.
func (r *Reconciler) applyVolume(ctx context.Context, s *scope, object desired.Object) error {
	raw, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("rendering the volume of the Shop: %w", err)
	}
	volume, err := r.volume(ctx, s.shop)
	if err != nil {
		return err
	}
	key := client.ObjectKeyFromObject(s.shop)
	now := refusedWish{wish: sha256.Sum256(raw), asked: s.shop.Annotations[v1alpha1.AnnotationReconcileRequestedAt]}
	if volume != nil {
		now.volume = volume.UID
	}
	if known, ok := r.refused.byShop.Load(key); ok {
		before, _ := known.(refusedWish)
		now.words = before.words
		if before == now {
			s.refusal = before.words
			return nil
		}
	}
	_, err = r.Applier.Apply(ctx, object)
	if volume == nil || (!apierrors.IsForbidden(err) && !apierrors.IsInvalid(err)) {
		r.refused.byShop.Delete(key)
		return err
	}
	now.words, s.refusal = err.Error(), err.Error()
	r.refused.byShop.Store(key, now)
	return nil
}
