package domain

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/pace"
)

// How often a Shop is looked at: soon after a change, then ever more seldom while it is not reachable, and calmly once
// it is.
const (
	firstPause = 5 * time.Second
	calmPause  = 5 * time.Minute
	workers    = 4
	// lookTimeout bounds all hostnames of a Shop together: nobody's may keep the prober from the others.
	lookTimeout = 30 * time.Second
)

// Prober looks at the hostnames of all Shops, again and again, and has news of a Shop of which it saw something else
// than before.
type Prober struct {
	*pace.Rounds
	look func(context.Context, Target) []Look

	mu    sync.Mutex
	shops map[types.NamespacedName]*watched
}

type watched struct {
	target Target
	pause  time.Duration
	looks  []Look
}

// New returns a Prober that looks by the function.
func New(look func(context.Context, Target) []Look) *Prober {
	p := &Prober{look: look, shops: map[types.NamespacedName]*watched{}}
	p.Rounds = pace.NewRounds(workers, p.visit)
	return p
}

// Track says where the Shop's hostnames should lead now. Another target than before is looked at at once.
func (p *Prober) Track(shop types.NamespacedName, t Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, known := p.shops[shop]
	if known && reflect.DeepEqual(w.target, t) {
		return
	}
	p.shops[shop] = &watched{target: t, pause: firstPause}
	p.Soon(shop)
}

// Forget stops looking.
func (p *Prober) Forget(shop types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.shops, shop)
}

// Latest is what was seen last of the Shop's present target; none if nobody has looked yet. Do not change it.
func (p *Prober) Latest(shop types.NamespacedName) []Look {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w, ok := p.shops[shop]; ok {
		return w.looks
	}
	return nil
}

func (p *Prober) visit(ctx context.Context, shop types.NamespacedName) (changed bool, pause time.Duration) {
	p.mu.Lock()
	w, tracked := p.shops[shop]
	p.mu.Unlock()
	if !tracked {
		return false, 0
	}
	bounded, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	looks := p.look(bounded, w.target)
	if ctx.Err() != nil {
		return false, 0 // what failed because we leave says nothing of the Shop
	}
	return p.store(shop, w, looks)
}

// store keeps the looks, unless the target has changed meanwhile: then that is looked at already.
func (p *Prober) store(shop types.NamespacedName, w *watched, looks []Look) (changed bool, pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shops[shop] != w {
		return false, firstPause
	}
	changed = !slices.EqualFunc(w.looks, looks, same)
	w.looks = looks
	bad := slices.ContainsFunc(looks, func(l Look) bool { return !l.good(w.target.Port) })
	if bad {
		pause, w.pause = w.pause, min(2*w.pause, calmPause)
	} else {
		pause, w.pause = calmPause, firstPause
	}
	return changed, pause
}

// same leaves out which of its addresses a load balancer named this time.
func same(a, b Look) bool {
	return a.Hostname == b.Hostname && a.DNS == b.DNS && a.Certificate == b.Certificate &&
		(a.DNS == v1alpha1.DNSRecordFound || slices.Equal(a.Answers, b.Answers))
}
