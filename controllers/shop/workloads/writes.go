package workloads

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

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
)

// catchUp is how long the cache is given to show what was written. A reconciliation that does not wait would see the Deployment
// as it was, and record a second start of its move.
const catchUp = 10 * time.Second

// Writes remembers of each Shop which versions of its Deployments were written just now. Its zero value is ready to use.
type Writes struct{ shops sync.Map }

// reconcileWrites are the versions that one reconciliation of a Shop wrote.
type reconcileWrites struct {
	at          time.Time
	deployments map[bundle.Component]write
}

type write struct {
	version string // that the Deployment has since
	made    bool   // there was none before
}

// Note remembers that a reconciliation wrote the Deployment of the component, and the version that it has since.
func (w *Writes) Note(s State, component bundle.Component, version string) {
	key := client.ObjectKeyFromObject(s.Shop)
	last := reconcileWrites{at: s.Now, deployments: map[bundle.Component]write{}}
	if known, _ := w.shops.Load(key); known != nil {
		if before, _ := known.(reconcileWrites); before.at.Equal(s.Now) {
			last = before
		}
	}
	last.deployments[component] = write{version: version, made: s.Deployments[component] == nil}
	w.shops.Store(key, last)
}

// Forget drops a Shop.
func (w *Writes) Forget(shop types.NamespacedName) { w.shops.Delete(shop) }

// Visible reports whether the cache shows what was last written of the Deployments, or something later.
func (w *Writes) Visible(ctx context.Context, cached client.Reader, shop types.NamespacedName, now time.Time) (bool, error) {
	known, _ := w.shops.Load(shop)
	last, _ := known.(reconcileWrites)
	if elapsed := now.Sub(last.at); elapsed < 0 || elapsed >= catchUp {
		w.shops.Delete(shop)
		return true, nil
	}
	for component, write := range last.deployments {
		deployment := &appsv1.Deployment{}
		err := cached.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: desired.WorkloadName(shop.Name, component)}, deployment)
		switch {
		case apierrors.IsNotFound(err):
			if write.made {
				return false, nil
			}
		case err != nil:
			return false, fmt.Errorf("reading a Deployment after writing it: %w", err)
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
