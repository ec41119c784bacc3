// Package pace says how fast controllers work: how many objects at once, and how long a failing one waits.
package pace

import (
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// What a failing object waits, doubling from try to try.
const (
	firstPause   = 200 * time.Millisecond
	longestPause = 5 * time.Minute
)

// concurrency is how many objects of a kind are worked on at once: reconciliations wait for the API server, not for
// the processor.
const concurrency = 10

// Options are the options of every controller.
func Options() controller.Options {
	return controller.Options{
		MaxConcurrentReconciles: concurrency,
		RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstPause, longestPause),
	}
}
