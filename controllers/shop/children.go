package shop

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// bundlesKept are the current bundle and the one before, to which a roll can go back.
const bundlesKept = 2

// applyObjects makes the Shop's objects as rendered.
func (r *Reconciler) applyObjects(ctx context.Context, s *scope) outcome.Outcome {
	platform, err := r.platform(ctx, s.shop)
	if err != nil {
		return outcome.Retry(err)
	}
	s.objects = desired.Objects(desired.Input{Shop: s.shop, Bundle: s.output, Keys: s.keys, Platform: platform})
	for _, object := range s.objects {
		changed, err := r.Applier.Apply(ctx, object)
		if err = r.tolerate(ctx, s, object, err); err != nil {
			return outcome.Retry(err)
		}
		s.rolled = s.rolled || (changed && *object.GetKind() == "Deployment")
	}
	return outcome.Done()
}

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

// tolerate notes that a volume which is there may not change as asked, most often because its storage class cannot grow
// volumes. It serves on as it is, so this must not hold up everything else that the Shop asks for. Every other error
// of applying an object is returned.
func (r *Reconciler) tolerate(ctx context.Context, s *scope, object desired.Object, err error) error {
	if *object.GetKind() != "PersistentVolumeClaim" || (!apierrors.IsForbidden(err) && !apierrors.IsInvalid(err)) {
		return err
	}
	volume, readErr := r.volume(ctx, s.shop)
	if readErr != nil {
		return readErr
	}
	if volume == nil {
		return err
	}
	s.refusal = err.Error()
	return nil
}

// prune removes what an earlier spec needed: a route after the exposure changed, bundles older than the one before.
func (r *Reconciler) prune(ctx context.Context, s *scope) outcome.Outcome {
	kept := map[apply.Identity]bool{}
	for _, object := range s.objects {
		kept[apply.Identity{Kind: *object.GetKind(), Name: *object.GetName()}] = true
	}
	ours := []client.ListOption{client.InNamespace(s.shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: s.shop.Name}}
	old, err := r.Applier.Superseded(ctx, s.shop, kept, []client.ObjectList{&networkingv1.IngressList{}}, ours...)
	if err != nil {
		return outcome.Retry(err)
	}
	oldBundles, err := r.Applier.Superseded(ctx, s.shop, kept, []client.ObjectList{&corev1.ConfigMapList{}}, append(ours, client.HasLabels{v1alpha1.LabelBundle})...)
	if err != nil {
		return outcome.Retry(err)
	}
	slices.SortFunc(oldBundles, func(a, b client.Object) int {
		return cmp.Or(b.GetCreationTimestamp().Compare(a.GetCreationTimestamp().Time), strings.Compare(a.GetName(), b.GetName()))
	})
	old = append(old, oldBundles[min(len(oldBundles), bundlesKept-1):]...)
	for _, object := range old {
		if err := r.Applier.Delete(ctx, object); err != nil {
			return outcome.Retry(err)
		}
	}
	return outcome.Done()
}

// guard keeps the finalizer on Shops whose data goes with them, and on no other: an operator that is away must not
// keep anybody from deleting a Shop.
func (r *Reconciler) guard(ctx context.Context, shop *v1alpha1.Shop) error {
	needed := shop.Spec.Storage != nil && shop.Spec.Storage.DeletionPolicy == v1alpha1.DeletionDelete
	if needed == controllerutil.ContainsFinalizer(shop, v1alpha1.FinalizerShop) {
		return nil
	}
	return r.setFinalizer(ctx, shop, needed)
}

// setFinalizer patches nothing but the finalizers, under a lock, and leaves the object in hand otherwise as it is.
func (r *Reconciler) setFinalizer(ctx context.Context, shop *v1alpha1.Shop, present bool) error {
	changed := shop.DeepCopy()
	if present {
		controllerutil.AddFinalizer(changed, v1alpha1.FinalizerShop)
	} else {
		controllerutil.RemoveFinalizer(changed, v1alpha1.FinalizerShop)
	}
	err := r.Client.Patch(ctx, changed, client.MergeFromWithOptions(shop, client.MergeFromWithOptimisticLock{}))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("setting the finalizer: %w", err)
	}
	shop.SetFinalizers(changed.GetFinalizers())
	shop.SetResourceVersion(changed.GetResourceVersion())
	return nil
}

// finalize removes the data of a Shop that is being deleted and whose deletionPolicy says so: the volume and the link
// keys; garbage collection takes everything else. It renders nothing and needs no Secret, so it always comes to an end.
func (r *Reconciler) finalize(ctx context.Context, shop *v1alpha1.Shop) outcome.Outcome {
	if !controllerutil.ContainsFinalizer(shop, v1alpha1.FinalizerShop) {
		return outcome.Done()
	}
	ours := []client.ListOption{client.InNamespace(shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: shop.Name}}
	volumes, records := &corev1.PersistentVolumeClaimList{}, &corev1.ConfigMapList{}
	if err := r.Live.List(ctx, volumes, ours...); err != nil {
		return outcome.Retry(fmt.Errorf("listing the volumes of the Shop: %w", err))
	}
	if err := r.Live.List(ctx, records, append(ours, client.HasLabels{v1alpha1.LabelKeyPurpose})...); err != nil {
		return outcome.Retry(fmt.Errorf("listing the key records of the Shop: %w", err))
	}
	for i := range volumes.Items {
		if volumes.Items[i].Name != desired.VolumeName(shop.Name) {
			continue // a copy of it, labels included
		}
		if err := r.Applier.Delete(ctx, &volumes.Items[i]); err != nil {
			return outcome.Retry(err)
		}
	}
	for i := range records.Items {
		if err := r.Applier.Delete(ctx, &records.Items[i]); err != nil {
			return outcome.Retry(err)
		}
	}
	if err := r.setFinalizer(ctx, shop, false); err != nil {
		return outcome.Retry(err)
	}
	return outcome.Done()
}
