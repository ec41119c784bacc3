package releases

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/release"
)

// Uses answers what of the library a Shop uses, for one decision. Differences of releases are worked out once, and
// Shops are looked at only where a difference could concern some of them.
type Uses struct {
	ctx          context.Context
	cached       client.Reader
	latest       *Edition                     // nil = it cannot be rendered
	documents    map[string]release.Document  // of the releases, by name, with the library as Shops on them find it
	libraries    map[string]map[string]string // the releases' own, by name
	differences  map[[2]string]release.Difference
	added        map[[2]string][]string
	integrations map[types.NamespacedName][]v1alpha1.CarrierIntegration // by Shop; nil = not listed yet
}

// NewUses is for one decision, in which latest is the latest release; nil = it cannot be rendered.
func NewUses(ctx context.Context, cached client.Reader, inventory Inventory, latest *Edition) *Uses {
	u := &Uses{ctx: ctx, cached: cached, latest: latest, documents: map[string]release.Document{}, libraries: map[string]map[string]string{}, added: map[[2]string][]string{}, differences: map[[2]string]release.Difference{}}
	for _, r := range inventory.Releases {
		document := r.Document
		document.Library = inventory.Library(r)
		u.documents[r.Release.Name], u.libraries[r.Release.Name] = document, r.Document.Library
	}
	return u
}

func (u *Uses) difference(from, to string) release.Difference {
	pair := [2]string{from, to}
	d, known := u.differences[pair]
	if !known {
		a, there := u.documents[from]
		if d = release.Compare(a, u.documents[to]); !there {
			d.Everywhere = true
		}
		u.differences[pair] = d
	}
	return d
}

// Unchanged reports whether the second release makes no difference to the Shop against the first.
func (u *Uses) Unchanged(shop *v1alpha1.Shop, from, to string) (bool, error) {
	if from == to {
		return true, nil
	}
	difference := u.difference(from, to)
	if difference.Everywhere || len(difference.Library) == 0 {
		return !difference.Everywhere, nil
	}
	used, err := u.keys(shop)
	return !slices.ContainsFunc(used, func(key string) bool { return slices.Contains(difference.Library, key) }), err
}

// Needs reports whether the Shop uses something that the first release does not have and the second does.
func (u *Uses) Needs(shop *v1alpha1.Shop, stable, latest string) (bool, error) {
	if stable == "" || stable == latest {
		return false, nil
	}
	added := u.addedBetween(stable, latest)
	if len(added) == 0 {
		return false, nil
	}
	used, err := u.keys(shop)
	return slices.ContainsFunc(used, func(key string) bool { return slices.Contains(added, key) }), err
}

// addedBetween returns the keys that the second release has and the first has not.
func (u *Uses) addedBetween(from, to string) []string {
	pair := [2]string{from, to}
	added, known := u.added[pair]
	if !known {
		for key := range u.libraries[to] {
			if u.libraries[from][key] == "" {
				added = append(added, key)
			}
		}
		u.added[pair] = added
	}
	return added
}

// keys returns those of the library's objects that the Shop refers to, directly or through its policy.
func (u *Uses) keys(shop *v1alpha1.Shop) ([]string, error) {
	integrations, err := u.of(shop)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, ref := range compile.Refs(shop, integrations, v1alpha1.LibraryNamespace) {
		if ref.Namespace == v1alpha1.LibraryNamespace {
			keys = append(keys, release.Key(release.ConfigMap, ref.Name))
		}
	}
	return u.policies(shop, keys)
}

// policies adds the policies. One of the library has the base that the latest release names: where an earlier one
// says something else, the policy itself differs.
func (u *Uses) policies(shop *v1alpha1.Shop, keys []string) ([]string, error) {
	ref := shop.Spec.NotificationPolicyRef
	if ref == nil {
		return keys, nil
	}
	base, fromLibrary, err := u.base(shop, ref)
	if err != nil {
		return nil, err
	}
	if ref.Source == v1alpha1.SourceLibrary {
		keys = append(keys, release.Key(release.NotificationPolicy, string(ref.Name)))
	}
	if base != nil && fromLibrary {
		keys = append(keys, release.Key(release.NotificationPolicy, string(base.Name)))
	}
	return keys, nil
}

// base returns the base of a Shop's policy, or nil, and whether that is of the library.
func (u *Uses) base(shop *v1alpha1.Shop, ref *v1alpha1.PolicyReference) (*v1alpha1.PolicyReference, bool, error) {
	if ref.Source == v1alpha1.SourceLibrary {
		if u.latest == nil || u.latest.Policies[string(ref.Name)] == nil {
			return nil, false, nil
		}
		return u.latest.Policies[string(ref.Name)].Spec.BasePolicyRef, true, nil
	}
	policy := &v1alpha1.NotificationPolicy{}
	err := u.cached.Get(u.ctx, client.ObjectKey{Namespace: shop.Namespace, Name: string(ref.Name)}, policy)
	if client.IgnoreNotFound(err) != nil {
		return nil, false, fmt.Errorf("reading the policy of the Shop %s/%s: %w", shop.Namespace, shop.Name, err)
	}
	base := policy.Spec.BasePolicyRef
	return base, base != nil && base.Source == v1alpha1.SourceLibrary, nil
}

// of lists all CarrierIntegrations once.
func (u *Uses) of(shop *v1alpha1.Shop) ([]v1alpha1.CarrierIntegration, error) {
	if u.integrations == nil {
		list := &v1alpha1.CarrierIntegrationList{}
		if err := u.cached.List(u.ctx, list, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("listing the CarrierIntegrations: %w", err)
		}
		u.integrations = map[types.NamespacedName][]v1alpha1.CarrierIntegration{}
		for _, ci := range list.Items {
			key := types.NamespacedName{Namespace: ci.Namespace, Name: ci.Spec.ShopRef.Name}
			u.integrations[key] = append(u.integrations[key], ci)
		}
	}
	return u.integrations[types.NamespacedName{Namespace: shop.Namespace, Name: shop.Name}], nil
}
