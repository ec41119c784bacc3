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
	// lookTimeout bounds all hostnames of a Shop together: no Shop may block the prober for the others.
	lookTimeout = 30 * time.Second
)

// Prober looks at the hostnames of all Shops, again and again, and has news of a Shop of which it saw something else
// than before.
type Prober struct{ *poll.Worker[watched] }

// watched is one Shop.
type watched struct {
	target Target
	pause  time.Duration
	looks  []Look
}

// New returns a Prober that looks by the function.
func New(look func(context.Context, Target) []Look) *Prober {
	return &Prober{poll.NewWorker(workers, func(ctx context.Context, w watched) poll.Update[watched] {
		bounded, cancel := context.WithTimeout(ctx, lookTimeout)
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
		*w = watched{target: t, pause: firstPause}
		return true
	})
}

// Latest returns what was seen last of the Shop's present target; none if it has not been checked yet. Do not change it.
func (p *Prober) Latest(shop types.NamespacedName) []Look {
	w, _ := p.Get(shop)
	return w.looks
}

// conclude keeps what was seen of a target, unless the target has changed meanwhile: then that is looked at already.
func conclude(target Target, looks []Look) poll.Update[watched] {
	return func(w *watched) (changed bool, pause time.Duration) {
		if !reflect.DeepEqual(w.target, target) {
			return false, firstPause
		}
		changed = !slices.EqualFunc(w.looks, looks, same)
		w.looks = looks
		bad := slices.ContainsFunc(looks, func(l Look) bool { return !l.good(target.Port) })
		if bad {
			pause, w.pause = w.pause, min(2*w.pause, calmPause)
		} else {
			pause, w.pause = calmPause, firstPause
		}
		return changed, pause
	}
}

// same leaves out which of its addresses a load balancer named this time.
func same(a, b Look) bool {
	return a.Hostname == b.Hostname && a.DNS == b.DNS && a.Certificate == b.Certificate &&
		(a.DNS == v1alpha1.DNSRecordFound || slices.Equal(a.Answers, b.Answers))
}
