package status

import (
	"context"
	"time"

	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// StatusReconciler reconciles a kind for which nothing is made: its objects are judged, and have a status.
type StatusReconciler struct {
	Client     client.Client // reads come from the cache
	Vocabulary Vocabulary
	Writes     *WriteTracker
	Recorder   events.EventRecorder
	Now        func() time.Time
}

// Reconcile reads the target's object, has it judged, and writes its status. An object that is going is not judged, nor one that
// the cache shows as it was before its status was last written.
func (k StatusReconciler) Reconcile(ctx context.Context, key client.ObjectKey, target Target, judge func(w *Writer, now time.Time) outcome.Outcome) (reconcile.Result, error) {
	if err := k.Client.Get(ctx, key, target.Object); err != nil || target.Object.GetDeletionTimestamp() != nil {
		k.Writes.Forget(key)
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if k.Writes.IsStale(target.Object) {
		return reconcile.Result{RequeueAfter: StaleRequeue}, nil
	}
	now := k.Now()
	w := Begin(target, k.Vocabulary, now)
	out := judge(w, now)
	if err := w.Commit(ctx, k.Client.Status(), k.Writes, k.Recorder, out); err != nil {
		out = out.And(outcome.Retry(err))
	}
	return out.Result()
}
