package domain

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// How often a Shop is looked at: soon after a change, then ever more seldom while it is not reachable, and calmly once
// it is; each time 20 % sooner or later, so that a thousand Shops spread out.
const (
	firstPause = 5 * time.Second
	calmPause  = 5 * time.Minute
	jitter     = 0.2
	workers    = 4
	// lookTimeout bounds all hostnames of a Shop together: nobody's may keep the prober from the others.
	lookTimeout  = 30 * time.Second
	changeBuffer = 1024
)

// Event names a Shop of which something else was seen than before.
type Event = event.TypedGenericEvent[*metav1.PartialObjectMetadata]

// Prober looks at the hostnames of all Shops, again and again. It is a Runnable of the manager.
type Prober struct {
	look    func(context.Context, Target) []Look
	queue   workqueue.TypedDelayingInterface[types.NamespacedName]
	changes chan Event

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
	return &Prober{
		look: look, queue: workqueue.NewTypedDelayingQueue[types.NamespacedName](),
		changes: make(chan Event, changeBuffer), shops: map[types.NamespacedName]*watched{},
	}
}

// Changes names every Shop of which something else was seen than before.
func (p *Prober) Changes() <-chan Event { return p.changes }

// Track says where the Shop's hostnames should lead now. Another target than before is looked at at once.
func (p *Prober) Track(shop types.NamespacedName, t Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, known := p.shops[shop]
	if known && reflect.DeepEqual(w.target, t) {
		return
	}
	p.shops[shop] = &watched{target: t, pause: firstPause}
	p.queue.Add(shop)
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

// Start looks until the context ends.
func (p *Prober) Start(ctx context.Context) error {
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for p.next(ctx) {
			}
		})
	}
	<-ctx.Done()
	p.queue.ShutDown()
	running.Wait()
	return nil
}

// NeedLeaderElection keeps a standby from looking.
func (p *Prober) NeedLeaderElection() bool { return true }

func (p *Prober) next(ctx context.Context) bool {
	shop, shutdown := p.queue.Get()
	if shutdown {
		return false
	}
	defer p.queue.Done(shop)
	p.mu.Lock()
	w, tracked := p.shops[shop]
	p.mu.Unlock()
	if !tracked {
		return true
	}
	bounded, cancel := context.WithTimeout(ctx, lookTimeout)
	looks := p.look(bounded, w.target)
	cancel()
	if ctx.Err() != nil {
		return true // what failed because we leave says nothing of the Shop
	}
	changed, pause := p.store(shop, w, looks)
	if changed {
		p.tell(ctx, shop)
	}
	p.queue.AddAfter(shop, pause)
	return true
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
	return changed, time.Duration(float64(pause) * (1 - jitter + 2*jitter*rand.Float64()))
}

// same leaves out which of its addresses a load balancer named this time.
func same(a, b Look) bool {
	return a.Hostname == b.Hostname && a.DNS == b.DNS && a.Certificate == b.Certificate &&
		(a.DNS == v1alpha1.DNSRecordFound || slices.Equal(a.Answers, b.Answers))
}

func (p *Prober) tell(ctx context.Context, shop types.NamespacedName) {
	changed := Event{Object: &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: shop.Namespace, Name: shop.Name}}}
	select {
	case p.changes <- changed:
	case <-ctx.Done():
	}
}
