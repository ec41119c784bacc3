package shop

import (
	"cmp"
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

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
	s.objects = desired.Objects(desired.Input{Shop: s.shop, Bundle: s.output, Rings: s.rings, Platform: platform, Tight: s.tight, Scaled: s.scaled})
	for _, object := range s.objects {
		if err := r.Applier.HandOver(ctx, r.Live, object); err != nil {
			return outcome.Retry(err)
		}
		changed, err := r.apply(ctx, s, object)
		if err != nil {
			return refusedOrFailed(err)
		}
		s.rolled = s.rolled || (changed && *object.GetKind() == "Deployment")
	}
	return outcome.Done()
}

// prune removes what an earlier spec needed: a route after the exposure changed, bundles older than the one before.
func (r *Reconciler) prune(ctx context.Context, s *scope) outcome.Outcome {
	kept := map[apply.Identity]bool{}
	for _, object := range s.objects {
		kept[apply.Identity{Kind: *object.GetKind(), Name: *object.GetName()}] = true
	}
	ours := []client.ListOption{client.InNamespace(s.shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: s.shop.Name}}
	old, err := r.Applier.Superseded(ctx, s.shop, kept, append(r.routeKinds(), availabilityKinds()...), ours...)
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
