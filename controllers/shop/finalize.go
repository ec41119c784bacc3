package shop

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// ensureFinalizer keeps the finalizer on Shops whose data goes with them, and on no other: an operator that is away must not
// keep a user from deleting a Shop.
func (r *Reconciler) ensureFinalizer(ctx context.Context, shop *v1alpha1.Shop) error {
	needed := takesItsData(shop)
	if needed == controllerutil.ContainsFinalizer(shop, v1alpha1.FinalizerShop) {
		return nil
	}
	return r.setFinalizer(ctx, shop, needed)
}

func takesItsData(shop *v1alpha1.Shop) bool {
	return shop.Spec.Storage != nil && shop.Spec.Storage.DeletionPolicy == v1alpha1.DeletionDelete
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

// finalize removes the data of a Shop that is being deleted and whose deletionPolicy says so; garbage collection takes
// everything else. The policy is asked of the API server and at the end, because what is removed cannot be had back: an
// edit to Retain counts even while the deletion is under way. It renders nothing and needs no Secret and no pod, so it
// always comes to an end.
func (r *Reconciler) finalize(ctx context.Context, cached *v1alpha1.Shop) outcome.Outcome {
	if !controllerutil.ContainsFinalizer(cached, v1alpha1.FinalizerShop) {
		return outcome.Done()
	}
	shop := &v1alpha1.Shop{}
	err := r.Live.Get(ctx, client.ObjectKeyFromObject(cached), shop)
	switch {
	case apierrors.IsNotFound(err):
		return outcome.Done()
	case err != nil:
		return outcome.Retry(fmt.Errorf("reading the Shop once more before its data is removed: %w", err))
	case shop.DeletionTimestamp == nil || !controllerutil.ContainsFinalizer(shop, v1alpha1.FinalizerShop):
		return outcome.Done() // another Shop of the same name, or done already
	}
	orphaned, err := r.orphaned(ctx, shop)
	if err != nil {
		return outcome.Retry(err)
	}
	if orphaned {
		ctrl.LoggerFrom(ctx).Info("Kept the volume and the keys of the Shop, because it was deleted with --cascade=orphan")
	} else if takesItsData(shop) {
		if err := r.removeData(ctx, shop); err != nil {
			return outcome.Retry(err)
		}
		ctrl.LoggerFrom(ctx).Info("Deleted the volume and the keys of the Shop, as its deletionPolicy says")
	}
	if err := r.setFinalizer(ctx, shop, false); err != nil {
		return outcome.Retry(err)
	}
	return outcome.Done()
}

// orphaned reports whether the Shop was deleted with --cascade=orphan, which keeps everything that it has. Garbage collection may have
// done its part already: then its finalizer is gone, and what the Shop had has no owner any more. Without owners is also what a backup
// was restored to; it is kept as well.
func (r *Reconciler) orphaned(ctx context.Context, shop *v1alpha1.Shop) (bool, error) {
	if controllerutil.ContainsFinalizer(shop, metav1.FinalizerOrphanDependents) {
		return true, nil
	}
	names := map[string]client.Object{desired.ServiceAccountName(shop.Name): &corev1.ServiceAccount{}}
	for _, component := range workloads.Components {
		names[desired.WorkloadName(shop.Name, component)] = &appsv1.Deployment{}
	}
	for name, child := range names {
		err := r.Live.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: name}, child)
		if client.IgnoreNotFound(err) != nil {
			return false, fmt.Errorf("reading what is left of the Shop: %w", err)
		}
		if err == nil && child.GetDeletionTimestamp() == nil && child.GetLabels()[v1alpha1.LabelShop] == shop.Name && len(child.GetOwnerReferences()) == 0 {
			return true, nil
		}
	}
	return false, nil
}

// removeData deletes the volume and every key record of the Shop; the Secrets go with their records.
func (r *Reconciler) removeData(ctx context.Context, shop *v1alpha1.Shop) error {
	ours := []client.ListOption{client.InNamespace(shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: shop.Name}}
	volumes, records := &corev1.PersistentVolumeClaimList{}, &corev1.ConfigMapList{}
	if err := r.Live.List(ctx, volumes, ours...); err != nil {
		return fmt.Errorf("listing the volumes of the Shop: %w", err)
	}
	if err := r.Live.List(ctx, records, append(ours, client.HasLabels{v1alpha1.LabelKeyPurpose})...); err != nil {
		return fmt.Errorf("listing the key records of the Shop: %w", err)
	}
	for i := range volumes.Items {
		if volumes.Items[i].Name != desired.VolumeName(shop.Name) || !apply.Belongs(&volumes.Items[i], shop.Name) {
			continue // a copy of it, labels included, or another controller's
		}
		if err := r.objects.Applier.Delete(ctx, &volumes.Items[i]); err != nil {
			return err
		}
	}
	for i := range records.Items {
		if !desired.IsKeyRecordName(shop.Name, records.Items[i].Name) {
			continue // the same
		}
		if err := r.objects.Applier.Delete(ctx, &records.Items[i]); err != nil {
			return err
		}
	}
	return nil
}
