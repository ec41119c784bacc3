package shop

import (
	"context"
	"fmt"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
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

// written remembers of each Shop which versions of its Deployments were written just now. Its zero value is ready to use.
type written struct{ shops sync.Map }

// writes are what one look at a Shop wrote.
type writes struct {
	at          time.Time
	deployments map[bundle.Component]write
}

type write struct {
	version string // that the Deployment has since
	made    bool   // there was none before
}

// note says that the Deployment of the component was written, and has the version since.
func (w *written) note(s *scope, component bundle.Component, version string) {
	key := client.ObjectKeyFromObject(s.shop)
	last := writes{at: s.now, deployments: map[bundle.Component]write{}}
	if known, _ := w.shops.Load(key); known != nil {
		if before, _ := known.(writes); before.at.Equal(s.now) {
			last = before
		}
	}
	last.deployments[component] = write{version: version, made: s.deployments[component] == nil}
	w.shops.Store(key, last)
}

// behind waits while the cache does not show yet what was written of the Shop.
func (r *Reconciler) behind(ctx context.Context, shop *v1alpha1.Shop, now time.Time) outcome.Outcome {
	shown, err := r.shown(ctx, client.ObjectKeyFromObject(shop), now)
	switch {
	case err != nil:
		return outcome.Retry(err)
	case !shown || r.ledger.Behind(shop):
		return outcome.Wait(status.CatchUp, v1alpha1.ReasonProgressing, "the cache is behind")
	default:
		return outcome.Done()
	}
}

// shown says whether the cache shows what was last written of the Deployments, or something later.
func (r *Reconciler) shown(ctx context.Context, shop types.NamespacedName, now time.Time) (bool, error) {
	known, _ := r.written.shops.Load(shop)
	last, _ := known.(writes)
	if elapsed := now.Sub(last.at); elapsed < 0 || elapsed >= catchUp {
		r.written.shops.Delete(shop)
		return true, nil
	}
	for component, write := range last.deployments {
		deployment := &appsv1.Deployment{}
		err := r.Client.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: desired.WorkloadName(shop.Name, component)}, deployment)
		switch {
		case apierrors.IsNotFound(err):
			if write.made {
				return false, nil
			}
		case err != nil:
			return false, fmt.Errorf("reading a Deployment that was written just now: %w", err)
		case older(deployment.ResourceVersion, write.version):
			return false, nil
		}
	}
	return true, nil
}

// older compares two resource versions. Those that cannot be compared are not.
func older(shown, written string) bool {
	order, err := resourceversion.CompareResourceVersion(shown, written)
	return err == nil && order < 0
}
