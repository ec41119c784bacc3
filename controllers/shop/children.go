package shop

import (
	"cmp"
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/fleet"
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
	if err := r.hold(ctx, s, platform); err != nil {
		return outcome.Retry(err)
	}
	s.objects = render(s, platform, s.edition, s.output)
	if err := r.mark(ctx, s); err != nil {
		return outcome.Retry(err)
	}
	r.hear(ctx, s)
	for _, object := range s.objects {
		if err := r.Applier.HandOver(ctx, r.Live, object); err != nil {
			return outcome.Retry(err)
		}
		version, err := r.apply(ctx, s, object)
		if err != nil {
			return refusedOrFailed(err)
		}
		if d, is := object.(*appsv1ac.DeploymentApplyConfiguration); is && version != "" {
			s.rolled = true
			r.written.note(s, componentOf(d), version)
		}
	}
	return outcome.Done()
}

// render makes the objects that the Shop needs on the release.
func render(s *scope, platform desired.Platform, edition *fleet.Edition, output compile.Output) []desired.Object {
	return desired.Objects(desired.Input{
		Shop: s.shop, Bundle: output, Render: edition.Document.Render, Images: edition.Document.Images,
		Rings: s.rings, Platform: platform, Tight: s.tight, Scaled: s.scaled,
	})
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
	oldBundles, err := r.oldBundles(ctx, s, kept, ours)
	if err != nil {
		return outcome.Retry(err)
	}
	for _, object := range append(old, oldBundles...) {
		if err := r.Applier.Delete(ctx, object); err != nil {
			return outcome.Retry(err)
		}
	}
	return outcome.Done()
}

// oldBundles are those that nothing can go back to any more. While a roll is under way, or one went back, what served
// before may be older than the one before.
func (r *Reconciler) oldBundles(ctx context.Context, s *scope, kept map[apply.Identity]bool, ours []client.ListOption) ([]client.Object, error) {
	if s.rolled || !s.serves() {
		return nil, nil
	}
	for _, d := range s.deployments {
		kept[apply.Identity{Kind: "ConfigMap", Name: bundleOf(d.Spec.Template.Spec)}] = true
	}
	old, err := r.Applier.Superseded(ctx, s.shop, kept, []client.ObjectList{&corev1.ConfigMapList{}}, append(ours, client.HasLabels{v1alpha1.LabelBundle})...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(old, func(a, b client.Object) int {
		return cmp.Or(b.GetCreationTimestamp().Compare(a.GetCreationTimestamp().Time), strings.Compare(a.GetName(), b.GetName()))
	})
	return old[min(len(old), bundlesKept-1):], nil
}
