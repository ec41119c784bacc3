package shop

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/placement"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
)

const (
	// bundlesKept are the current bundle and the one before, to which a roll can go back.
	bundlesKept = 2
	// quotaRetry is when an object that a quota kept out is tried again: no watch covers quotas.
	quotaRetry = 15 * time.Second
)

// objects makes what is rendered of Shops so, and removes what is not any more.
type objects struct {
	Client   client.Reader // reads come from the cache
	Live     client.Reader // the API server itself
	Applier  apply.Applier
	Platform func() desired.Platform // what counts now

	refused refusedChanges
}

func (o *objects) forget(shop types.NamespacedName) {
	o.refused.byShop.Delete(shop)
	o.Applier.Answers.Forget(shop)
}

// apply makes one object as rendered, and returns the version that it then has; "" = it was so already, or is a volume; and
// why a volume that is there may not become so.
func (o *objects) apply(ctx context.Context, shop *v1alpha1.Shop, object desired.Object) (version, refusal string, err error) {
	if err := o.Applier.HandOver(ctx, o.Live, object); err != nil {
		return "", "", err
	}
	if *object.GetKind() != "PersistentVolumeClaim" {
		version, err = o.Applier.Apply(ctx, object)
		return version, "", err
	}
	refusal, err = o.applyVolume(ctx, shop, object)
	return "", refusal, err
}

// refusedOrFailed returns what comes of an object that could not be applied. A quota is waited for, and what was applied before
// serves on.
func refusedOrFailed(err error) outcome.Outcome {
	if rollouthealth.OutOfQuota(err) {
		return outcome.Await(quotaRetry, v1alpha1.ReasonQuotaExceeded, "a ResourceQuota of the namespace is exceeded, so an object cannot be created: "+err.Error())
	}
	return apply.OutcomeOf(err)
}

// availabilityKinds returns what a Shop has only while its page is several pods.
func availabilityKinds() []client.ObjectList {
	return []client.ObjectList{&policyv1.PodDisruptionBudgetList{}, &autoscalingv2.HorizontalPodAutoscalerList{}}
}

// prune removes what an earlier spec needed: a route after the exposure changed, bundles older than the one before. While a
// roll is under way, or one went back, the Shop has not settled, and what served before may be older than the one before.
func (o *objects) prune(ctx context.Context, s placement.Situation, rendered []desired.Object, kinds []client.ObjectList, settled bool) outcome.Outcome {
	kept := map[apply.Identity]bool{}
	for _, object := range rendered {
		kept[apply.Identity{Kind: *object.GetKind(), Name: *object.GetName()}] = true
	}
	ours := []client.ListOption{client.InNamespace(s.Shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: s.Shop.Name}}
	old, err := o.Applier.Superseded(ctx, s.Shop, kept, kinds, ours...)
	if err != nil {
		return outcome.Retry(err)
	}
	if settled {
		oldBundles, err := o.oldBundles(ctx, s, kept, ours)
		if err != nil {
			return outcome.Retry(err)
		}
		old = append(old, oldBundles...)
	}
	for _, object := range old {
		if err := o.Applier.Delete(ctx, object); err != nil {
			return outcome.Retry(err)
		}
	}
	return outcome.Done()
}

// oldBundles returns those that nothing can go back to any more.
func (o *objects) oldBundles(ctx context.Context, s placement.Situation, kept map[apply.Identity]bool, ours []client.ListOption) ([]client.Object, error) {
	for _, d := range s.Workloads.Deployments {
		kept[apply.Identity{Kind: "ConfigMap", Name: placement.BundleOf(d.Spec.Template.Spec)}] = true
	}
	old, err := o.Applier.Superseded(ctx, s.Shop, kept, []client.ObjectList{&corev1.ConfigMapList{}}, append(ours, client.HasLabels{v1alpha1.LabelBundle})...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(old, func(a, b client.Object) int {
		return cmp.Or(b.GetCreationTimestamp().Compare(a.GetCreationTimestamp().Time), strings.Compare(a.GetName(), b.GetName()))
	})
	return old[min(len(old), bundlesKept-1):], nil
}
