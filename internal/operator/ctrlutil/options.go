// Package ctrlutil holds what all controllers share: options, backoff, logging, predicates, and the events that wake them.
// It knows no condition.
package ctrlutil

import (
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// What a failing object waits, doubling from try to try.
const (
	minBackoff = 200 * time.Millisecond
	maxBackoff = 5 * time.Minute
)

// Options returns the options of every controller. How many objects it works on at once is the manager's to say.
func Options(name string) controller.Options {
	return controller.Options{
		LogConstructor: logs(name),
		RateLimiter:    workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](minBackoff, maxBackoff),
	}
}
