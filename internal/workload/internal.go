package workload

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// checkTimeout bounds one readiness check; the kubelet asks again anyway.
const checkTimeout = 2 * time.Second

// Check is one named readiness check; nil is ready. Its error is logged and sent to the kubelet, so it must hold no secret.
type Check struct {
	Name string
	Test func(ctx context.Context) error
}

// Internal is the state behind the internal server: readiness, metrics, report.
type Internal struct {
	Registry *prometheus.Registry // the process's own; Go and process collectors are in it

	log      *slog.Logger
	checks   []Check
	report   func(ctx context.Context) (bundle.Report, error)
	draining atomic.Bool

	mu     sync.Mutex
	failed string // the last failing checks, so that only changes are logged
}

// NewInternal prepares the internal server of one workload.
func NewInternal(log *slog.Logger, report func(ctx context.Context) (bundle.Report, error), checks ...Check) *Internal {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return &Internal{Registry: registry, log: log, checks: checks, report: report}
}

// AddCheck adds a readiness check; call it before the server starts.
func (i *Internal) AddCheck(c Check) { i.checks = append(i.checks, c) }

// Drain makes the process unready until it ends.
func (i *Internal) Drain() { i.draining.Store(true) }

// Handler serves /healthz, /readyz, /metrics and /report.
func (i *Internal) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", i.readyz)
	mux.HandleFunc("GET /report", i.serveReport)
	mux.Handle("GET /metrics", promhttp.HandlerFor(i.Registry, promhttp.HandlerOpts{Registry: i.Registry}))
	return mux
}

func (i *Internal) readyz(w http.ResponseWriter, r *http.Request) {
	if i.draining.Load() {
		http.Error(w, "draining", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	var failures []string
	for _, c := range i.checks {
		if err := c.Test(ctx); err != nil {
			failures = append(failures, c.Name+": "+err.Error())
		}
	}
	i.logChange(failures)
	if len(failures) > 0 {
		http.Error(w, strings.Join(failures, "\n"), http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ok")
}

// logChange logs when readiness changes, not at every probe.
func (i *Internal) logChange(failures []string) {
	slices.Sort(failures)
	now := strings.Join(failures, "; ")
	i.mu.Lock()
	before := i.failed
	i.failed = now
	i.mu.Unlock()
	switch now {
	case before:
	case "":
		i.log.Info("/readyz succeeds again; the pod gets traffic")
	default:
		i.log.Warn("/readyz fails; the pod gets no traffic until these checks pass", "checks", now)
	}
}

func (i *Internal) serveReport(w http.ResponseWriter, r *http.Request) {
	report, err := i.report(r.Context())
	if err != nil {
		i.log.Error("failed to collect the report for the operator; answered 500", "error", err)
		http.Error(w, "failed to collect the report; the log of this pod has the error", http.StatusInternalServerError)
		return
	}
	data, err := json.Marshal(report)
	if err == nil && len(data) > bundle.MaxReportBytes {
		err = fmt.Errorf("the report has %d bytes, at most %d are allowed", len(data), bundle.MaxReportBytes)
	}
	if err != nil {
		i.log.Error("failed to encode the report for the operator; answered 500", "error", err)
		http.Error(w, "failed to encode the report; the log of this pod has the error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data)
}
