package ctrlutil

import (
	"context"
	"regexp"
	"sync"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// LogErrorsOnce returns the reconciler with fewer log lines: an error is logged when it is new for its object, and not again with
// every retry that fails for the same cause. Errors are counted and retried as usual.
func LogErrorsOnce(inner reconcile.Reconciler) reconcile.Reconciler { return &logOnce{inner: inner} }

type logOnce struct {
	inner  reconcile.Reconciler
	causes sync.Map // of each object that fails: what for
}

// varying is what differs between two errors of one cause: ports, times and resource versions.
var varying = regexp.MustCompile(`[0-9]+`)

// Reconcile looks at one object.
func (o *logOnce) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	result, err := o.inner.Reconcile(ctx, request)
	if err == nil {
		o.causes.Delete(request)
		return result, nil
	}
	cause := varying.ReplaceAllString(err.Error(), "#")
	before, _ := o.causes.Swap(request, cause)
	if before != cause && ctx.Err() == nil {
		ctrl.LoggerFrom(ctx).Error(err, "Reconciliation failed; retrying with backoff")
	}
	return result, err
}

// logs makes the loggers of one controller, which leave out the line that the library adds to every error.
func logs(controller string) func(*reconcile.Request) logr.Logger {
	return func(request *reconcile.Request) logr.Logger {
		log := ctrl.Log.WithValues("controller", controller)
		if request != nil {
			log = log.WithValues("namespace", request.Namespace, controller, request.Name)
		}
		return log.WithSink(quiet{log.GetSink()})
	}
}

// repeatedError is the line that controller-runtime logs with each error that a reconciler returns.
const repeatedError = "Reconciler error"

type quiet struct{ logr.LogSink }

func (q quiet) Error(err error, message string, keysAndValues ...any) {
	if message != repeatedError {
		q.LogSink.Error(err, message, keysAndValues...)
	}
}

func (q quiet) WithValues(keysAndValues ...any) logr.LogSink {
	return quiet{q.LogSink.WithValues(keysAndValues...)}
}

func (q quiet) WithName(name string) logr.LogSink { return quiet{q.LogSink.WithName(name)} }
