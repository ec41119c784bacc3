package dnscheck

import (
	"context"
	"reflect"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/poll"
)

// How often the hostnames of a Shop are checked: soon after a change, then at intervals that double while they are not reachable, and
// at reachableInterval once they are.
const (
	firstInterval     = 5 * time.Second
	reachableInterval = 5 * time.Minute
	workers           = 4
	// checkTimeout limits the check of all hostnames of a Shop together, so that no Shop blocks the checks of others.
	checkTimeout = 30 * time.Second
)

// Prober checks the hostnames of all tracked Shops periodically, in the background, and notifies its subscribers of a Shop whose
// results changed.
type Prober struct{ *poll.Worker[watched] }

// watched is one Shop.
type watched struct {
	target   Target
	interval time.Duration
	results  []Result
}

// New returns a Prober that checks hostnames with the function.
func New(check func(context.Context, Target) []Result) *Prober {
	return &Prober{poll.NewWorker(workers, func(ctx context.Context, w watched) poll.Update[watched] {
		bounded, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		return conclude(w.target, check(bounded, w.target))
	})}
}

// Track sets where the Shop's hostnames should lead, and starts checking them. A changed target is checked at once.
func (p *Prober) Track(shop types.NamespacedName, t Target) {
	p.Worker.Track(shop, func(w *watched, first bool) (atOnce bool) {
		if !first && reflect.DeepEqual(w.target, t) {
			return false
		}
		*w = watched{target: t, interval: firstInterval}
		return true
	})
}

// Latest returns the last results for the Shop's current target; none if it has not been checked yet. Do not change them.
func (p *Prober) Latest(shop types.NamespacedName) []Result {
	w, _ := p.Get(shop)
	return w.results
}

// conclude returns an Update that stores the results of a target, unless the Shop has another target by now, which is checked already.
func conclude(target Target, results []Result) poll.Update[watched] {
	return func(w *watched) (changed bool, pause time.Duration) {
		if !reflect.DeepEqual(w.target, target) {
			return false, firstInterval
		}
		changed = !slices.EqualFunc(w.results, results, same)
		w.results = results
		bad := slices.ContainsFunc(results, func(r Result) bool { return !r.reachable(target.Port) })
		if bad {
			pause, w.interval = w.interval, min(2*w.interval, reachableInterval)
		} else {
			pause, w.interval = reachableInterval, firstInterval
		}
		return changed, pause
	}
}

// same reports whether two results mean the same. A load balancer may return other addresses with each lookup, and a lookup may
// fail for another cause each time.
func same(a, b Result) bool {
	return a.Hostname == b.Hostname && a.DNS == b.DNS && a.Certificate == b.Certificate &&
		(a.DNS == v1alpha1.DNSRecordFound || slices.Equal(a.Answers, b.Answers))
}
