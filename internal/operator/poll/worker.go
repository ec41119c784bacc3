package poll

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// Worker keeps what is known of objects and checks each of them again and again, at an interval that depends on its state. It is a
// Runnable of the manager, and notifies subscribers of an object that changed.
type Worker[T any] struct {
	*loop
	look Look[T]

	mu    sync.Mutex
	known map[types.NamespacedName]*T
}

// Look checks one object, given what is known of it when the check begins. It may take long; the Update is made afterwards.
type Look[T any] func(context.Context, T) Update[T]

// Update stores the result of a check in what is known of an object, which may have changed since the check began. It reports whether to
// notify the subscribers, and after which pause the object is checked again; 0 = only when it is requested.
type Update[T any] func(*T) (news bool, pause time.Duration)

// NewWorker returns a Worker with so many checks at a time.
func NewWorker[T any](workers int, look Look[T]) *Worker[T] {
	w := &Worker[T]{look: look, known: map[types.NamespacedName]*T{}}
	w.loop = newLoop(workers, w.Visit)
	return w
}

// Track starts checking the object, if it is not tracked yet. Change is called with what is known of it, at first the zero value, and
// reports whether to check the object at once.
func (w *Worker[T]) Track(object types.NamespacedName, change func(known *T, first bool) (atOnce bool)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t, tracked := w.known[object]
	if !tracked {
		t = new(T)
		w.known[object] = t
	}
	if change(t, !tracked) {
		w.enqueue(object)
	}
}

// Enqueue changes what is known of the object and looks at it at once, if it is tracked.
func (w *Worker[T]) Enqueue(object types.NamespacedName, change func(known *T)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t, tracked := w.known[object]; tracked {
		change(t)
		w.enqueue(object)
	}
}

// Forget stops looking.
func (w *Worker[T]) Forget(object types.NamespacedName) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.known, object)
}

// Get returns what is known of the object; false = it is not tracked.
func (w *Worker[T]) Get(object types.NamespacedName) (T, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t, tracked := w.known[object]; tracked {
		return *t, true
	}
	var none T
	return none, false
}

// Visit checks the object once. It returns whether something changed, and the pause before the next check; 0 = none until requested.
func (w *Worker[T]) Visit(ctx context.Context, object types.NamespacedName) (news bool, pause time.Duration) {
	began, tracked := w.Get(object)
	if !tracked {
		return false, 0
	}
	conclude := w.look(ctx, began)
	if ctx.Err() != nil {
		return false, 0 // what failed because we leave says nothing of the object
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t, tracked := w.known[object]
	if !tracked {
		return false, 0
	}
	return conclude(t)
}
