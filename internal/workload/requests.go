package workload

import (
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Measured counts and times the answers of a handler by method and status code: who asked for what is nobody's business.
func Measured(registry prometheus.Registerer, log *slog.Logger, next http.Handler) http.Handler {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wismo_page_requests_total", Help: "Requests of the tracking page, by method and status code.",
	}, []string{"method", "code"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "wismo_page_request_duration_seconds", Help: "Time to answer a request of the tracking page.",
		Buckets: []float64{0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5},
	}, nil)
	registry.MustRegister(requests, duration)
	return promhttp.InstrumentHandlerCounter(requests, promhttp.InstrumentHandlerDuration(duration, Recovered(log, next)))
}

// Recovered answers 500 where a handler panics, and logs the stack. The panic's value is not logged, nor is the path: they may hold
// personal data.
func Recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch reason := recover(); reason {
			case nil:
			case http.ErrAbortHandler: // the handler's way of breaking an answer off
				panic(reason)
			default:
				log.Error("a request could not be answered: its handler panicked", "method", r.Method, "stack", string(debug.Stack()))
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}
