package status

import (
	"context"
	"time"

	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// Reconciler reconciles a kind whose objects are only checked: it writes their status and creates no objects.
type Reconciler struct {
	Client     client.Client // reads come from the cache
	Vocabulary Vocabulary
	Writes     *WriteTracker
	Recorder   events.EventRecorder
	Now        func() time.Time
}

// Reconcile reads the target's object, calls check for it and writes the status that check set. It does not call check for an object
// that is being deleted. While the cache still has the object without the last write of its status, it requeues instead.
func (k Reconciler) Reconcile(ctx context.Context, key client.ObjectKey, target Target, check func(w *Writer, now time.Time) outcome.Outcome) (reconcile.Result, error) {
	if err := k.Client.Get(ctx, key, target.Object); err != nil || target.Object.GetDeletionTimestamp() != nil {
		k.Writes.Forget(key)
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if k.Writes.IsStale(target.Object) {
		return reconcile.Result{RequeueAfter: StaleRequeue}, nil
	}
	now := k.Now()
	w := Begin(target, k.Vocabulary, now)
	out := check(w, now)
	if err := w.Commit(ctx, k.Client.Status(), k.Writes, k.Recorder, out); err != nil {
		out = out.And(outcome.Retry(err))
	}
	return out.Result()
}
