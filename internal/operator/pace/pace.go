// Package pace says how controllers and their scouts work: what wakes them, how many objects at once, how long a failing
// one waits, how often that is logged, and when an object is looked at again. It knows no kind and no condition.
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

// Options are the options of every controller. How many objects it works on at once is the manager's to say.
func Options(name string) controller.Options {
	return controller.Options{
		LogConstructor: logs(name),
		RateLimiter:    workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstPause, longestPause),
	}
}
