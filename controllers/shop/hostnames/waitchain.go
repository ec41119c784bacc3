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

// ringLimit is how many Shops may exchange hostnames in a ring; a longer one takes an edit more.
const maxChain = 8

// canHandOver reports whether the holder, which lives, has given the hostname up in its document and cannot let go by itself:
// every other Shop that it waits for waits in turn, in the end for this Shop. Without this, two Shops that swap their
// hostnames would wait for each other for ever, each serving what the other wants.
func (c Claims) canHandOver(ctx context.Context, shop, holder *v1alpha1.Shop, hostname string) (bool, error) {
	chain := &waitChain{claims: c, first: shop}
	yields, err := chain.yields(ctx, holder, hostname)
	return yields && chain.closed, err
}

// waitChain follows from Shop to Shop who waits for whom.
type waitChain struct {
	claims Claims
	first  *v1alpha1.Shop
	passed []types.UID
	closed bool // somebody waits for the first
}

// yields reports whether the Shop does without the hostname, and everybody it waits for does without what it waits for.
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

// yieldsAll reports whether every hostname that the Shop waits for is given by who holds it.
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

// holderOf returns the Shop that holds a hostname, as the API server knows it now; nil where nobody does who lives.
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
