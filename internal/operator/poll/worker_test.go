package poll

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// counted is how often an object was looked at, and how long it pauses.
type counted struct {
	looks int
	pause time.Duration
}

func counting(_ context.Context, _ counted) Update[counted] {
	return func(c *counted) (bool, time.Duration) {
		c.looks++
		return c.looks == 1, c.pause
	}
}

func TestAWorkerLooksAtWhatIsTrackedAtItsOwnPaceUntilItIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWorker(2, counting)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Start(ctx) }()
		defer func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}()
		news := w.Subscribe()
		object := types.NamespacedName{Namespace: "linden", Name: "linden"}
		track := func(atOnce bool) {
			w.Track(object, func(c *counted, first bool) bool {
				c.pause = time.Minute
				return first || atOnce
			})
		}
		track(false)
		time.Sleep(time.Hour)
		known, tracked := w.Get(object)
		if !tracked || known.looks < 50 || known.looks > 75 {
			t.Errorf("%d looks in an hour with a pause of a minute", known.looks)
		}
		if len(news) != 1 {
			t.Errorf("%d pieces of news", len(news))
		}
		track(true)
		synctest.Wait()
		if again, _ := w.Get(object); again.looks != known.looks+1 {
			t.Errorf("it was not looked at at once: %d after %d", again.looks, known.looks)
		}
		w.Enqueue(object, func(c *counted) { c.looks = 0 })
		synctest.Wait()
		if again, _ := w.Get(object); again.looks != 1 {
			t.Errorf("it was not looked at at once after a change: %d", again.looks)
		}
		w.Forget(object)
		w.Enqueue(object, func(*counted) { t.Error("what is forgotten was changed") })
		time.Sleep(time.Hour)
		if _, tracked := w.Get(object); tracked {
			t.Error("it came back")
		}
	})
}

func TestWhatWasForgottenDuringALookStaysForgotten(t *testing.T) {
	object := types.NamespacedName{Name: "linden"}
	var w *Worker[counted]
	w = NewWorker(1, func(context.Context, counted) Update[counted] {
		w.Forget(object)
		return func(*counted) (bool, time.Duration) { t.Error("a conclusion was drawn"); return true, time.Second }
	})
	w.Track(object, func(*counted, bool) bool { return false })
	if news, pause := w.Visit(t.Context(), object); news || pause != 0 {
		t.Errorf("%t, again after %s", news, pause)
	}
}

func TestALookThatOurLeavingCutsShortSaysNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := NewWorker(1, func(context.Context, counted) Update[counted] {
		cancel()
		return func(*counted) (bool, time.Duration) { t.Error("a conclusion was drawn"); return true, time.Second }
	})
	object := types.NamespacedName{Name: "linden"}
	w.Track(object, func(*counted, bool) bool { return false })
	if news, pause := w.Visit(ctx, object); news || pause != 0 {
		t.Errorf("%t, again after %s", news, pause)
	}
}
