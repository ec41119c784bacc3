package ingest

import (
	"slices"
	"sync"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/store"
)

// A source is reported as SignaturesRejected after minRefusals webhooks in a run that were refused for their signature, over at
// least minRefusalSpan: neither a rotation whose key is not mounted everywhere yet nor a single forged request is reported. The report
// ends maxRefusalAge after the last one.
const (
	minRefusals    = 3
	minRefusalSpan = 5 * time.Minute
	maxRefusalAge  = 7 * 24 * time.Hour
)

// A source is reported as Silent after pausesOfSilence times its longest pause so far, within the bounds; without two receipts to
// measure a pause, after silenceFromStart.
const (
	pausesOfSilence  = 2
	minSilence       = 3 * 24 * time.Hour // a weekend
	maxSilence       = 30 * 24 * time.Hour
	silenceFromStart = 14 * 24 * time.Hour
	builtInSource    = definition.APISource // the name of the source that every Shop has, used or not
)

// Refusals counts by source the webhooks in a run that were refused for their signature. It counts in memory, because anyone who
// knows an endpoint could fill the Shop's volume otherwise; after a restart the count starts again. It is safe for concurrent use.
type Refusals struct {
	mu   sync.Mutex
	runs map[string]refusalRun
}

// refusalRun counts the webhooks of a source that were refused since the last right signature.
type refusalRun struct {
	count       int
	first, last time.Time
}

// note counts the outcome of a webhook. A right signature ends the run, whatever the outcome is otherwise.
func (r *Refusals) note(source string, o outcome, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch o {
	case unsigned, wrongSignature:
		run := r.runs[source]
		if run.count == 0 {
			run.first = now
		}
		run.count, run.last = run.count+1, now
		if r.runs == nil {
			r.runs = map[string]refusalRun{}
		}
		r.runs[source] = run
	case accepted, duplicate, staleSignature, storageUnhealthy:
		delete(r.runs, source)
	case probed, unknown, wrongMethod, tooLarge, overloaded, unreadable, noSecret:
	}
}

// since returns the run of a source, the zero run if another pod has accepted a webhook meanwhile.
func (r *Refusals) since(source string, lastReceived time.Time) refusalRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	run := r.runs[source]
	if run.count > 0 && run.first.Before(lastReceived) {
		delete(r.runs, source)
		return refusalRun{}
	}
	return run
}

// Report adds what is wrong with the webhooks of each source at now. Flows are those of the sources that are expected to send; for
// all other endpoints it adds only refused signatures.
func (r *Refusals) Report(sources []bundle.SourceReport, endpoints []Endpoint, flows []store.Flow, now time.Time) []bundle.SourceReport {
	for _, e := range endpoints {
		i := slices.IndexFunc(sources, func(s bundle.SourceReport) bool { return s.Name == e.Source.Name })
		report := bundle.SourceReport{Name: e.Source.Name}
		if i >= 0 {
			report = sources[i]
		}
		r.judge(&report, flows, now)
		switch {
		case i >= 0:
			sources[i] = report
		case report.Flow != "" || report.RefusedSignatures > 0:
			sources = append(sources, report)
		}
	}
	return sources
}

func (r *Refusals) judge(s *bundle.SourceReport, flows []store.Flow, now time.Time) {
	var received time.Time
	if s.LastReceived != nil {
		received = *s.LastReceived
	}
	run := r.since(s.Name, received)
	s.RefusedSignatures = run.count
	if run.count >= minRefusals && now.Sub(run.first) >= minRefusalSpan && now.Sub(run.last) < maxRefusalAge {
		s.Flow = bundle.SignaturesRejected
		return
	}
	i := slices.IndexFunc(flows, func(f store.Flow) bool { return f.Source == s.Name })
	if i >= 0 && silent(flows[i], now) {
		s.Flow, s.ExpectedSince = bundle.Silent, &flows[i].Since
	}
}

func silent(f store.Flow, now time.Time) bool {
	bound := silenceFromStart
	if f.LongestPause > 0 {
		bound = min(max(pausesOfSilence*f.LongestPause, minSilence), maxSilence)
	}
	last := f.LastReceived
	if f.Since.After(last) {
		last = f.Since // it was removed from the spec for a while, or has never sent anything
	}
	return now.Sub(last) >= bound
}

// Expected returns the names of the sources that are reported if they fall silent. The built-in one is left out if the Shop has
// another source of orders: most of those Shops never use it.
func Expected(endpoints []Endpoint) []string {
	others := slices.ContainsFunc(endpoints, func(e Endpoint) bool {
		return e.Source.Kind == bundle.Orders && e.Source.Name != builtInSource
	})
	var names []string
	for _, e := range endpoints {
		if e.Source.Name != builtInSource || !others {
			names = append(names, e.Source.Name)
		}
	}
	return names
}
