package releases

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wismo-dev/wismo/internal/rollout"
)

// Metrics is a prometheus.Collector with the state of the latest release. No series names a Shop. Before the first Note, as in a replica
// that does not lead, it has no series.
type Metrics struct {
	Now func() time.Time

	mu       sync.Mutex
	out      rollout.Output
	faults   int
	last     progress
	progress time.Time // when it last changed
}

// progress changes when a Shop finishes its move or fails.
type progress struct {
	release, wave    string
	state            rollout.State
	upToDate, failed int
}

var (
	releaseInfo     = prometheus.NewDesc("wismo_release_info", "Always 1; the label release has the name of the latest release.", []string{"release"}, nil)
	releaseState    = prometheus.NewDesc("wismo_release_state", "1 for the series whose label state is the current state of the latest release, 0 for all other states.", []string{"state"}, nil)
	releaseShops    = prometheus.NewDesc("wismo_release_shops", "Number of Shops by their state on the latest release (UpToDate, Updating, Waiting, Failed, Skipped).", []string{"state"}, nil)
	releaseStalled  = prometheus.NewDesc("wismo_release_wave_stalled_seconds", "Seconds since the rollout of the latest release last progressed, that is, since any Shop finished its move or failed; 0 while no Shops are being moved. A high value means that it is stalled.", nil, nil)
	releaseProblems = prometheus.NewDesc("wismo_release_gate_problems", "Number of problems in the library (texts, policies, carrier definitions) that keep changed content out of releases.", nil, nil)
)

// allStates are the values of the label state.
var allStates = []rollout.State{
	rollout.StateProgressing, rollout.StateBaking, rollout.StateWaitingForApproval, rollout.StatePaused, rollout.StateHalted,
	rollout.StateRollingBack, rollout.StateRolledBack, rollout.StateUnusable, rollout.StateSucceeded,
}

// Note sets the decision to report, and the number of problems in the library.
func (m *Metrics) Note(out rollout.Output, faults int, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	current := progress{out.Latest, out.Wave, out.State, out.Counts.UpToDate, out.Counts.Failed}
	if current != m.last {
		m.last, m.progress = current, now
	}
	m.out, m.faults = rollout.Output{Latest: out.Latest, State: out.State, Counts: out.Counts}, faults
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{releaseInfo, releaseState, releaseShops, releaseStalled, releaseProblems} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(out chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.progress.IsZero() {
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	if m.out.Latest != "" {
		gauge(releaseInfo, 1, m.out.Latest)
	}
	for _, s := range allStates {
		value := 0.0
		if s == m.out.State {
			value = 1
		}
		gauge(releaseState, value, string(s))
	}
	c := m.out.Counts
	for name, n := range map[string]int{"UpToDate": c.UpToDate, "Updating": c.Updating, "Waiting": c.Waiting, "Failed": c.Failed, "Skipped": c.Skipped} {
		gauge(releaseShops, float64(n), name)
	}
	stalled := 0.0
	if m.out.State == rollout.StateProgressing || m.out.State == rollout.StateRollingBack {
		stalled = max(0, m.Now().Sub(m.progress).Seconds())
	}
	gauge(releaseStalled, stalled)
	gauge(releaseProblems, float64(m.faults))
}
