package ctrlutil

import (
	"context"
	"regexp"
	"sync"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// LogErrorsOnce wraps a reconciler so that an error is logged once for each object and cause, and not with every retry. Errors are still
// returned, so that controller-runtime counts and retries them.
func LogErrorsOnce(inner reconcile.Reconciler) reconcile.Reconciler { return &logOnce{inner: inner} }

type logOnce struct {
	inner  reconcile.Reconciler
	causes sync.Map // by reconcile.Request: the cause of its last error
}

// varying matches what differs between two errors of one cause: ports, times and resource versions.
var varying = regexp.MustCompile(`[0-9]+`)

// Reconcile reconciles one object, and logs an error whose cause is new for it.
func (o *logOnce) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	result, err := o.inner.Reconcile(ctx, request)
	if err == nil {
		o.causes.Delete(request)
		return result, nil
	}
	cause := varying.ReplaceAllString(err.Error(), "#")
	before, _ := o.causes.Swap(request, cause)
	if before != cause && ctx.Err() == nil {
		ctrl.LoggerFrom(ctx).Error(err, "Reconciliation failed; retrying with backoff, and not logging the same cause again")
	}
	return result, err
}

// logs returns the loggers of one controller. They leave out the line that controller-runtime logs for every error.
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

// quiet drops repeatedError from the log.
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
