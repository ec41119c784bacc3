package status

import (
	"context"
	"time"

	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// Keeper reconciles a kind for which nothing is made: its objects are judged, and have a status.
type Keeper struct {
	Client     client.Client // reads come from the cache
	Vocabulary Vocabulary
	Ledger     *Ledger
	Recorder   events.EventRecorder
	Now        func() time.Time
}

// Keep reads the target's object, has it judged, and writes its status. An object that is going is not judged, nor one that
// the cache shows as it was before its status was last written.
func (k Keeper) Keep(ctx context.Context, key client.ObjectKey, target Target, judge func(w *Writer, now time.Time) outcome.Outcome) (reconcile.Result, error) {
	if err := k.Client.Get(ctx, key, target.Object); err != nil || target.Object.GetDeletionTimestamp() != nil {
		k.Ledger.Forget(key)
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	if k.Ledger.Behind(target.Object) {
		return reconcile.Result{RequeueAfter: CatchUp}, nil
	}
	now := k.Now()
	w := Begin(target, k.Vocabulary, now)
	out := judge(w, now)
	if err := w.Commit(ctx, k.Client.Status(), k.Ledger, k.Recorder, out); err != nil {
		out = out.And(outcome.Retry(err))
	}
	return out.Result()
}
