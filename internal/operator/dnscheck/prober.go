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

// How often a Shop is looked at: soon after a change, then ever more seldom while it is not reachable, and calmly once
// it is.
const (
	firstPause = 5 * time.Second
	calmPause  = 5 * time.Minute
	workers    = 4
	// checkTimeout bounds all hostnames of a Shop together: no Shop may block the prober for the others.
	checkTimeout = 30 * time.Second
)

// Prober looks at the hostnames of all Shops, again and again, and has news of a Shop of which it saw something else
// than before.
type Prober struct{ *poll.Worker[watched] }

// watched is one Shop.
type watched struct {
	target   Target
	interval time.Duration
	results  []Result
}

// New returns a Prober that looks by the function.
func New(look func(context.Context, Target) []Result) *Prober {
	return &Prober{poll.NewWorker(workers, func(ctx context.Context, w watched) poll.Update[watched] {
		bounded, cancel := context.WithTimeout(ctx, checkTimeout)
		defer cancel()
		return conclude(w.target, look(bounded, w.target))
	})}
}

// Track returns where the Shop's hostnames should lead now. Another target than before is looked at at once.
func (p *Prober) Track(shop types.NamespacedName, t Target) {
	p.Worker.Track(shop, func(w *watched, first bool) (atOnce bool) {
		if !first && reflect.DeepEqual(w.target, t) {
			return false
		}
		*w = watched{target: t, interval: firstPause}
		return true
	})
}

// Latest returns what was seen last of the Shop's present target; none if it has not been checked yet. Do not change it.
func (p *Prober) Latest(shop types.NamespacedName) []Result {
	w, _ := p.Get(shop)
	return w.results
}

// conclude keeps what was seen of a target, unless the target has changed meanwhile: then that is looked at already.
func conclude(target Target, looks []Result) poll.Update[watched] {
	return func(w *watched) (changed bool, pause time.Duration) {
		if !reflect.DeepEqual(w.target, target) {
			return false, firstPause
		}
		changed = !slices.EqualFunc(w.results, looks, same)
		w.results = looks
		bad := slices.ContainsFunc(looks, func(l Result) bool { return !l.reachable(target.Port) })
		if bad {
			pause, w.interval = w.interval, min(2*w.interval, calmPause)
		} else {
			pause, w.interval = calmPause, firstPause
		}
		return changed, pause
	}
}

// same leaves out which of its addresses a load balancer named this time.
func same(a, b Result) bool {
	return a.Hostname == b.Hostname && a.DNS == b.DNS && a.Certificate == b.Certificate &&
		(a.DNS == v1alpha1.DNSRecordFound || slices.Equal(a.Answers, b.Answers))
}
