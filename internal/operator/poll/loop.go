// Package poll checks objects again and again, each at its own interval, and notifies subscribers of what changed. It knows
// no kind and no condition.
package poll

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"

	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
)

const (
	// jitter is the part by which a pause is longer or shorter each time, so that a thousand objects spread out.
	jitter = 0.2
	// wakeBuffer is how much news a slow subscriber may leave unread before the rounds wait for it.
	wakeBuffer = 1024
)

// visitFunc checks one object. It returns whether something changed, and the pause before the next check; 0 = none until it is
// requested.
type visitFunc func(context.Context, types.NamespacedName) (news bool, pause time.Duration)

// loop checks objects again and again, several at a time and each once at a time, and notifies subscribers of changes. It runs on
// the leader.
type loop struct {
	visit   visitFunc
	workers int
	queue   workqueue.TypedDelayingInterface[types.NamespacedName]

	mu          sync.Mutex
	subscribers []chan ctrlutil.Wake
}

// newLoop returns a loop with so many visits at a time.
func newLoop(workers int, visit visitFunc) *loop {
	return &loop{visit: visit, workers: workers, queue: workqueue.NewTypedDelayingQueue[types.NamespacedName]()}
}

// Subscribe returns a channel with all changed objects. Call it before Start.
func (r *loop) Subscribe() <-chan ctrlutil.Wake {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := make(chan ctrlutil.Wake, wakeBuffer)
	r.subscribers = append(r.subscribers, news)
	return news
}

// enqueue visits the object as soon as there is a worker for it.
func (r *loop) enqueue(object types.NamespacedName) { r.queue.Add(object) }

// Start visits until the context ends.
func (r *loop) Start(ctx context.Context) error {
	var running sync.WaitGroup
	for range r.workers {
		running.Go(func() {
			for r.next(ctx) {
			}
		})
	}
	<-ctx.Done()
	r.queue.ShutDown()
	running.Wait()
	return nil
}

// NeedLeaderElection keeps a standby from visiting.
func (r *loop) NeedLeaderElection() bool { return true }

func (r *loop) next(ctx context.Context) bool {
	object, shutdown := r.queue.Get()
	if shutdown {
		return false
	}
	defer r.queue.Done(object)
	news, pause := r.visit(ctx, object)
	if news {
		r.notify(ctx, object)
	}
	if pause > 0 {
		r.queue.AddAfter(object, jittered(pause))
	}
	return true
}

func (r *loop) notify(ctx context.Context, object types.NamespacedName) {
	r.mu.Lock()
	subscribers := r.subscribers
	r.mu.Unlock()
	news := ctrlutil.WakeFor(object)
	for _, s := range subscribers {
		select {
		case s <- news:
		case <-ctx.Done():
			return
		}
	}
}

func jittered(pause time.Duration) time.Duration {
	return time.Duration(float64(pause) * (1 - jitter + 2*jitter*rand.Float64()))
}
