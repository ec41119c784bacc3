package workload

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Measured counts and times the answers of a handler by method and status code. Paths are no label: they hold personal data.
func Measured(registry prometheus.Registerer, log *slog.Logger, next http.Handler) http.Handler {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wismo_page_requests_total", Help: "Requests to the tracking page that were answered, by HTTP method and status code. Webhooks are not among them.",
	}, []string{"method", "code"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "wismo_page_request_duration_seconds", Help: "Time from a request to the tracking page to the end of its answer, in seconds.",
		Buckets: []float64{0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5},
	}, nil)
	registry.MustRegister(requests, duration)
	return promhttp.InstrumentHandlerCounter(requests, promhttp.InstrumentHandlerDuration(duration, Recovered(log, next)))
}

// Recovered answers 500 when a handler panics, and logs the stack. It logs neither the panic's value nor the path: they may hold
// personal data.
func Recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch reason := recover(); reason {
			case nil:
			case http.ErrAbortHandler: // the handler aborts its answer
				panic(reason)
			default:
				log.Error("recovered from a panic in a handler; answered 500", "method", r.Method, "stack", string(debug.Stack()))
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
