package shop

import (
	"context"
	"fmt"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// catchUp is how long the cache is given to show what was written. Whoever looked at once would see a Deployment as it
// was, and write another beginning of its move.
const catchUp = 10 * time.Second

// replaced remembers of each Shop which versions of its Deployments were replaced just now. Its zero value is ready to use.
type replaced struct{ shops sync.Map }

// replacement is what one look at a Shop replaced.
type replacement struct {
	at       time.Time
	versions map[bundle.Component]string // "" = there was none
}

// note says that the Deployment of the component was replaced.
func (p *replaced) note(s *scope, component bundle.Component) {
	key := client.ObjectKeyFromObject(s.shop)
	last := replacement{at: s.now, versions: map[bundle.Component]string{}}
	if known, _ := p.shops.Load(key); known != nil {
		if before, _ := known.(replacement); before.at.Equal(s.now) {
			last = before
		}
	}
	last.versions[component] = versionOf(s.deployments[component])
	p.shops.Store(key, last)
}

// behind waits while the cache does not show yet what was written of the Shop.
func (r *Reconciler) behind(ctx context.Context, shop *v1alpha1.Shop, now time.Time) outcome.Outcome {
	behind, err := r.shown(ctx, client.ObjectKeyFromObject(shop), now)
	switch {
	case err != nil:
		return outcome.Retry(err)
	case behind || r.ledger.Behind(shop):
		return outcome.Wait(status.CatchUp, v1alpha1.ReasonProgressing, "the cache is behind")
	default:
		return outcome.Done()
	}
}

// shown says whether the cache still shows a Deployment that was replaced.
func (r *Reconciler) shown(ctx context.Context, shop types.NamespacedName, now time.Time) (bool, error) {
	known, _ := r.replaced.shops.Load(shop)
	last, _ := known.(replacement)
	if elapsed := now.Sub(last.at); elapsed < 0 || elapsed >= catchUp {
		r.replaced.shops.Delete(shop)
		return false, nil
	}
	for component, version := range last.versions {
		deployment := &appsv1.Deployment{}
		err := r.Client.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: desired.WorkloadName(shop.Name, component)}, deployment)
		if client.IgnoreNotFound(err) != nil {
			return false, fmt.Errorf("reading a Deployment that was written just now: %w", err)
		}
		if versionOf(deployment) == version {
			return true, nil
		}
	}
	return false, nil
}

func versionOf(d *appsv1.Deployment) string {
	if d == nil {
		return ""
	}
	return d.ResourceVersion
}
