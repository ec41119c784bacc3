package pace

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
)

const (
	// jitter is by which part a pause is longer or shorter each time, so that a thousand objects spread out.
	jitter = 0.2
	// newsBuffer is how much news a slow subscriber may leave unread before the rounds wait for it.
	newsBuffer = 1024
)

// News names an object of which something else is known than before.
type News = event.TypedGenericEvent[*metav1.PartialObjectMetadata]

// NewsOf names the object.
func NewsOf(object types.NamespacedName) News {
	return News{Object: &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: object.Namespace, Name: object.Name}}}
}

// visit looks at one object. It says whether there is news of it, and after which pause it wants to look again; 0 = not
// until it is asked to.
type visit func(context.Context, types.NamespacedName) (news bool, pause time.Duration)

// rounds visits objects again and again, some of them at a time and none twice at a time, and tells subscribers the
// news. They run where the controllers run.
type rounds struct {
	visit   visit
	workers int
	queue   workqueue.TypedDelayingInterface[types.NamespacedName]

	mu          sync.Mutex
	subscribers []chan News
}

// newRounds returns rounds with so many visits at a time.
func newRounds(workers int, visit visit) *rounds {
	return &rounds{visit: visit, workers: workers, queue: workqueue.NewTypedDelayingQueue[types.NamespacedName]()}
}

// Subscribe returns a channel that brings all news. Call it before Start.
func (r *rounds) Subscribe() <-chan News {
	r.mu.Lock()
	defer r.mu.Unlock()
	news := make(chan News, newsBuffer)
	r.subscribers = append(r.subscribers, news)
	return news
}

// soon visits the object as soon as there is a worker for it.
func (r *rounds) soon(object types.NamespacedName) { r.queue.Add(object) }

// Start visits until the context ends.
func (r *rounds) Start(ctx context.Context) error {
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
func (r *rounds) NeedLeaderElection() bool { return true }

func (r *rounds) next(ctx context.Context) bool {
	object, shutdown := r.queue.Get()
	if shutdown {
		return false
	}
	defer r.queue.Done(object)
	news, pause := r.visit(ctx, object)
	if news {
		r.tell(ctx, object)
	}
	if pause > 0 {
		r.queue.AddAfter(object, jittered(pause))
	}
	return true
}

func (r *rounds) tell(ctx context.Context, object types.NamespacedName) {
	r.mu.Lock()
	subscribers := r.subscribers
	r.mu.Unlock()
	news := NewsOf(object)
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
