package release

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// shop is a Shop with its Deployments; nil = it does not exist.
type shop struct {
	shop           *v1alpha1.Shop
	page, notifier *appsv1.Deployment
}

func (s shop) key() types.NamespacedName { return client.ObjectKeyFromObject(s.shop) }

// listShops reads all Shops and their Deployments from the cache. The objects are shared: do not change them.
func (r *Reconciler) listShops(ctx context.Context) ([]shop, error) {
	shops := &v1alpha1.ShopList{}
	if err := r.Client.List(ctx, shops, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing the Shops: %w", err)
	}
	deployments := &appsv1.DeploymentList{}
	if err := r.Client.List(ctx, deployments, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing the Deployments of the Shops: %w", err)
	}
	byOwner := make(map[types.UID][2]*appsv1.Deployment, len(shops.Items))
	for i := range deployments.Items {
		d := &deployments.Items[i]
		owner := metav1.GetControllerOfNoCopy(d)
		if owner == nil {
			continue
		}
		pair := byOwner[owner.UID]
		switch d.Labels[v1alpha1.LabelComponent] {
		case v1alpha1.ComponentPage:
			pair[0] = d
		case v1alpha1.ComponentNotifier:
			pair[1] = d
		}
		byOwner[owner.UID] = pair
	}
	all := make([]shop, 0, len(shops.Items))
	for i := range shops.Items {
		one := &shops.Items[i]
		pair := byOwner[one.UID]
		all = append(all, shop{one, pair[0], pair[1]})
	}
	return all, nil
}

func (o observed) deployments() []appsv1.Deployment {
	var all []appsv1.Deployment
	for _, one := range o.shops {
		for _, d := range []*appsv1.Deployment{one.page, one.notifier} {
			if d != nil {
				all = append(all, *d)
			}
		}
	}
	return all
}

// unlabelled reports whether a Deployment has no release label, because it was created before there were releases.
func (o observed) unlabelled() bool {
	for _, one := range o.shops {
		for _, d := range []*appsv1.Deployment{one.page, one.notifier} {
			if d != nil && d.Labels[v1alpha1.LabelRelease] == "" {
				return true
			}
		}
	}
	return false
}

// plannerInput returns the input of rollout.Decide, and the names of the releases that Shops run or move to.
func (r *Reconciler) plannerInput(ctx context.Context, found observed) (rollout.Input, []string, error) {
	in := rollout.Input{Now: found.now, Policy: r.Policy(), Assigned: r.assigned}
	for _, revision := range found.inventory.Releases {
		in.Releases = append(in.Releases, revision.Release)
	}
	latest := found.inventory.Latest()
	if latest == nil {
		return in, nil, nil
	}
	uses := releases.NewUses(ctx, r.Client, found.inventory, found.latest)
	first, stable := found.first(), found.stable()
	runs := map[string]bool{}
	in.Shops = make([]rollout.Shop, 0, len(found.shops))
	for _, one := range found.shops {
		deleted, err := r.Namespaces.BeingDeleted(ctx, one.shop.Namespace)
		if err != nil {
			return in, nil, err
		}
		shop := r.observer.Observe(releases.Snapshot{Shop: one.shop, Page: one.page, Notifier: one.notifier, First: first, Now: in.Now})
		shop.Deleting = shop.Deleting || deleted
		if err := compareContent(uses, one.shop, &shop, latest.Release, stable); err != nil {
			return in, nil, err
		}
		shop.Invalid = r.Assignments.Invalid(one.key(), latest.Release.Name)
		shop.NeedsLatest = shop.NeedsLatest || (shop.Running == "" && r.Assignments.TooOld(one.key(), stable))
		in.Shops = append(in.Shops, shop)
		runs[shop.Running], runs[shop.Moving] = true, true
	}
	return in, slices.Collect(maps.Keys(runs)), nil
}

// compareContent sets the fields of the Shop that depend on the content of the latest release: NeedsLatest, Unchanged and RolloutStarted.
func compareContent(uses *releases.Uses, one *v1alpha1.Shop, seen *rollout.Shop, latest rollout.Release, stable string) error {
	var err error
	if seen.NeedsLatest, err = uses.Needs(one, stable, latest.Name); err != nil || seen.Running == "" {
		return err
	}
	if seen.Unchanged, err = uses.Unchanged(one, seen.Running, latest.Name); err != nil {
		return err
	}
	if seen.Running != latest.Name && seen.Moving != latest.Name {
		return nil
	}
	same, err := uses.Unchanged(one, seen.LastGood, latest.Name)
	if !same && !seen.RolloutStarted.After(latest.Created) {
		// Clocks differ, and times have whole seconds: a rollout cannot have started before its release was created.
		seen.RolloutStarted = latest.Created.Add(time.Second)
	}
	return err
}

// assign returns the assignments of the decision, the editions in use that this build can render, and the problems of those that it
// cannot.
func (r *Reconciler) assign(ctx context.Context, found observed, decided decision) (assigned map[types.NamespacedName]releases.Assignment, used map[string]*releases.Edition, problems []string, err error) {
	used, assigned = map[string]*releases.Edition{}, make(map[types.NamespacedName]releases.Assignment, len(found.shops))
	use := func(name string) (*releases.Edition, error) {
		if edition := used[name]; edition != nil {
			return edition, nil
		}
		edition, problem, err := r.renderable(ctx, found.inventory, name)
		if problem != "" {
			problems = append(problems, problem)
		}
		if edition != nil {
			used[name] = edition
		}
		return edition, err
	}
	for _, name := range append(decided.running, decided.Latest) {
		if _, err := use(name); err != nil {
			return nil, nil, nil, err
		}
	}
	for _, one := range found.shops {
		key := one.key()
		step, ok := decided.Steps[key.String()]
		if !ok {
			continue
		}
		edition, err := use(step.Release)
		if err != nil {
			return nil, nil, nil, err
		}
		assigned[key] = releases.Assignment{Edition: edition, Step: step, Latest: decided.Latest, Attempt: decided.Progress.Attempt}
	}
	return assigned, used, problems, nil
}

// renderable returns the edition of the release, and its problem; nil = this build cannot render it, or it does not exist.
func (r *Reconciler) renderable(ctx context.Context, inventory releases.Inventory, name string) (*releases.Edition, string, error) {
	revision := inventory.Of(name)
	if revision == nil || revision.Release.Unusable {
		return nil, "", nil
	}
	return r.edition(ctx, inventory, revision)
}
