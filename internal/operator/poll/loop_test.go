package poll

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
)

// underWay starts rounds in the bubble of time around the test.
func underWay(t *testing.T, workers int, visit visitFunc) *loop {
	t.Helper()
	r := newLoop(workers, visit)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestEveryObjectIsVisitedAgainAfterItsOwnPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var once, often atomic.Int64
		r := underWay(t, 2, func(_ context.Context, object types.NamespacedName) (bool, time.Duration) {
			if object.Name == "once" {
				once.Add(1)
				return false, 0
			}
			often.Add(1)
			return false, time.Minute
		})
		r.enqueue(types.NamespacedName{Name: "once"})
		r.enqueue(types.NamespacedName{Name: "often"})
		time.Sleep(time.Hour)
		if n := once.Load(); n != 1 {
			t.Errorf("an object that wants no second visit had %d", n)
		}
		if n := often.Load(); n < 50 || n > 75 {
			t.Errorf("%d visits in an hour with a pause of a minute", n)
		}
	})
}

func TestNoMoreVisitsRunThanThereAreWorkersAndNoneTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers = 3
		var open, most atomic.Int64
		r := underWay(t, workers, func(context.Context, types.NamespacedName) (bool, time.Duration) {
			if n := open.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			open.Add(-1)
			return false, 0
		})
		for range 3 {
			r.enqueue(types.NamespacedName{Name: "alone"})
			time.Sleep(time.Second / 10)
		}
		if n := most.Load(); n != 1 {
			t.Errorf("one object was visited by %d workers at a time", n)
		}
		for i := range 20 {
			r.enqueue(types.NamespacedName{Name: strconv.Itoa(i)})
		}
		time.Sleep(time.Minute)
		if n := most.Load(); n != workers {
			t.Errorf("%d visits at a time, want %d", n, workers)
		}
	})
}

func TestEverySubscriberHearsTheNewsAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newLoop(1, func(_ context.Context, object types.NamespacedName) (bool, time.Duration) {
			return object.Name == "new", 0
		})
		first, second := r.Subscribe(), r.Subscribe()
		defer r.queue.ShutDown()
		for _, name := range []string{"old", "new"} {
			r.enqueue(types.NamespacedName{Namespace: "linden", Name: name})
			r.next(t.Context())
		}
		for _, news := range []<-chan ctrlutil.Wake{first, second} {
			if len(news) != 1 {
				t.Fatalf("%d pieces of news", len(news))
			}
			if heard := <-news; heard.Object.Namespace != "linden" || heard.Object.Name != "new" {
				t.Errorf("heard of %s/%s", heard.Object.Namespace, heard.Object.Name)
			}
		}
	})
}

func TestAPauseIsJitteredByAFifth(t *testing.T) {
	for range 1000 {
		if got := jittered(time.Minute); got < 48*time.Second || got > 72*time.Second {
			t.Fatalf("a minute became %s", got)
		}
	}
}
