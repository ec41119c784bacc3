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

// shop is a Shop with its Deployments; nil = it has none.
type shop struct {
	shop           *v1alpha1.Shop
	page, notifier *appsv1.Deployment
}

func (s shop) key() types.NamespacedName { return client.ObjectKeyFromObject(s.shop) }

// list reads all Shops. What it returns is shared with the cache: nobody changes it.
func (r *Reconciler) list(ctx context.Context) ([]shop, error) {
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

func (s *round) deployments() []appsv1.Deployment {
	var all []appsv1.Deployment
	for _, one := range s.shops {
		for _, d := range []*appsv1.Deployment{one.page, one.notifier} {
			if d != nil {
				all = append(all, *d)
			}
		}
	}
	return all
}

// unlabelled says whether something runs that is older than releases are.
func (s *round) unlabelled() bool {
	for _, one := range s.shops {
		for _, d := range []*appsv1.Deployment{one.page, one.notifier} {
			if d != nil && d.Labels[v1alpha1.LabelRelease] == "" {
				return true
			}
		}
	}
	return false
}

// input is what the planner reads.
func (r *Reconciler) input(ctx context.Context, s *round) (rollout.Input, error) {
	in := rollout.Input{Now: s.now, Policy: r.Policy(), Permitted: r.permitted}
	for _, revision := range s.shelf.Releases {
		in.Releases = append(in.Releases, revision.Release)
	}
	latest := s.shelf.Latest()
	if latest == nil {
		return in, nil
	}
	uses := releases.NewUses(ctx, r.Client, s.shelf, s.latest)
	first, stable := s.first(), s.stable()
	runs := map[string]bool{}
	in.Shops = make([]rollout.Shop, 0, len(s.shops))
	for _, one := range s.shops {
		seen := r.observer.Observe(releases.Snapshot{Shop: one.shop, Page: one.page, Notifier: one.notifier, First: first, Now: in.Now})
		if err := compare(uses, one.shop, &seen, latest.Release, stable); err != nil {
			return in, err
		}
		seen.Invalid = r.Assignments.Invalid(one.key(), latest.Release.Name)
		seen.NeedsLatest = seen.NeedsLatest || (seen.Running == "" && r.Assignments.TooOld(one.key(), stable))
		in.Shops = append(in.Shops, seen)
		runs[seen.Running], runs[seen.Moving] = true, true
	}
	s.running = slices.Collect(maps.Keys(runs))
	return in, nil
}

// compare adds what the content of the latest release means for the Shop.
func compare(uses *releases.Uses, one *v1alpha1.Shop, seen *rollout.Shop, latest rollout.Release, stable string) error {
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
	if !same && !seen.Begun.After(latest.Created) {
		// Clocks differ, and times have whole seconds: it began after there was something to begin with.
		seen.Begun = latest.Created.Add(time.Second)
	}
	return err
}

// assign turns steps into assignments, and returns the editions that this build can render and that are in use.
func (r *Reconciler) assign(ctx context.Context, s *round) (map[types.NamespacedName]releases.Assignment, map[string]*releases.Edition, error) {
	used := map[string]*releases.Edition{}
	for _, name := range append(s.running, s.out.Latest) {
		if _, err := r.renderable(ctx, s, name, used); err != nil {
			return nil, nil, err
		}
	}
	assigned := make(map[types.NamespacedName]releases.Assignment, len(s.shops))
	for _, one := range s.shops {
		key := one.key()
		step, decided := s.out.Steps[key.String()]
		if !decided {
			continue
		}
		edition, err := r.renderable(ctx, s, step.Release, used)
		if err != nil {
			return nil, nil, err
		}
		assigned[key] = releases.Assignment{Edition: edition, Step: step, Latest: s.out.Latest, Attempt: s.out.Latches.Attempt}
	}
	return assigned, used, nil
}

// renderable is the edition of the release; nil = there is none that this build can render. It is noted in used.
func (r *Reconciler) renderable(ctx context.Context, s *round, name string, used map[string]*releases.Edition) (*releases.Edition, error) {
	revision := s.shelf.Of(name)
	if revision == nil || revision.Release.Unusable {
		return nil, nil
	}
	if edition := used[name]; edition != nil {
		return edition, nil
	}
	edition, err := r.edition(ctx, s, revision)
	if edition != nil {
		used[name] = edition
	}
	return edition, err
}
