package hostnames

import (
	"context"
	"slices"
	"strings"

	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
)

// maxChain is how many Shops may exchange hostnames in a cycle; a longer one needs one edit more.
const maxChain = 8

// canHandOver reports whether the holder, which exists, no longer wants the hostname but cannot free it: it waits for another
// Shop's hostname, and so on in a cycle that ends at this Shop. Without this, two Shops that swap hostnames would wait for each
// other forever.
func (c Claims) canHandOver(ctx context.Context, shop, holder *v1alpha1.Shop, hostname string) (bool, error) {
	chain := &waitChain{claims: c, first: shop}
	yields, err := chain.yields(ctx, holder, hostname)
	return yields && chain.closed, err
}

// waitChain follows which Shop waits for a hostname of which other.
type waitChain struct {
	claims Claims
	first  *v1alpha1.Shop
	passed []types.UID
	closed bool // a Shop of the chain waits for the first
}

// yields reports whether the Shop no longer wants the hostname, and the same holds for every Shop that it waits for.
func (g *waitChain) yields(ctx context.Context, shop *v1alpha1.Shop, hostname string) (bool, error) {
	switch {
	case slices.Contains(desired.Hostnames(shop), hostname) || len(g.passed) == maxChain:
		return false, nil
	case shop.UID == g.first.UID:
		g.closed = true
		return true, nil
	case slices.Contains(g.passed, shop.UID):
		return true, nil
	}
	g.passed = append(g.passed, shop.UID)
	return g.yieldsAll(ctx, shop)
}

// yieldsAll reports whether the holder yields every hostname that the Shop waits for.
func (g *waitChain) yieldsAll(ctx context.Context, shop *v1alpha1.Shop) (bool, error) {
	for _, other := range desired.Hostnames(shop) {
		holder, err := g.claims.holderOf(ctx, other)
		if err != nil {
			return false, err
		}
		if holder == nil || holder.UID == shop.UID {
			continue
		}
		if gives, err := g.yields(ctx, holder, other); err != nil || !gives {
			return false, err
		}
	}
	return true, nil
}

// holderOf returns the Shop that holds a hostname, as the API server knows it now; nil where no existing Shop does.
func (c Claims) holderOf(ctx context.Context, hostname string) (*v1alpha1.Shop, error) {
	lease := &coordinationv1.Lease{}
	err := c.Live.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: claimName(hostname)}, lease)
	if err != nil || lease.Spec.HolderIdentity == nil {
		return nil, client.IgnoreNotFound(err)
	}
	parts := strings.Split(*lease.Spec.HolderIdentity, "/")
	if len(parts) != 3 {
		return nil, nil
	}
	shop := &v1alpha1.Shop{}
	err = c.Live.Get(ctx, client.ObjectKey{Namespace: parts[0], Name: parts[1]}, shop)
	if err != nil || string(shop.UID) != parts[2] {
		return nil, client.IgnoreNotFound(err)
	}
	return shop, nil
}
