package ingest

import (
	"slices"
	"sync"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/store"
)

// When all that a source sends counts as refused for its signature: so many in a row, over at least so long, so that
// neither a rotation whose key is still under way nor somebody's single guess does. What was refused longer ago than
// refusalsCount is no news any more.
const (
	refusalsInARow = 3
	refusalsLast   = 5 * time.Minute
	refusalsCount  = 7 * 24 * time.Hour
)

// When a source counts as silent: after twice its longest pause so far, at least three days (a weekend) and at most
// thirty; and where no two receipts say how often it sends, after fourteen days.
const (
	pausesOfSilence  = 2
	shortestSilence  = 3 * 24 * time.Hour
	longestSilence   = 30 * 24 * time.Hour
	silenceFromStart = 14 * 24 * time.Hour
	builtInSource    = definition.APISource // the name of the source that every Shop has, used or not
)

// Refusals counts by source, in memory, the webhooks in a row that were refused for their signature. Nothing of them is
// stored: whoever knows an endpoint could fill the Shop's volume otherwise. So a restart forgets, and the next ones tell
// again. It is safe for concurrent use.
type Refusals struct {
	mu   sync.Mutex
	runs map[string]run
}

// run is what was refused since something was right.
type run struct {
	count       int
	first, last time.Time
}

// note counts what became of a webhook. A signature that is right ends the row, whatever became of the rest.
func (r *Refusals) note(source string, o outcome, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch o {
	case unsigned, wrongSignature:
		row := r.runs[source]
		if row.count == 0 {
			row.first = now
		}
		row.count, row.last = row.count+1, now
		if r.runs == nil {
			r.runs = map[string]run{}
		}
		r.runs[source] = row
	case accepted, duplicate, staleSignature, storageUnhealthy:
		delete(r.runs, source)
	case probed, unknown, wrongMethod, tooLarge, overloaded, unreadable, noSecret:
	}
}

// since returns the row of a source, none if another pod has accepted something meanwhile.
func (r *Refusals) since(source string, lastReceived time.Time) run {
	r.mu.Lock()
	defer r.mu.Unlock()
	row := r.runs[source]
	if row.count > 0 && row.first.Before(lastReceived) {
		delete(r.runs, source)
		return run{}
	}
	return row
}

// Report adds to what the sources have sent what is wrong with their streams at now. Flows are those of the sources that
// are expected to send; of all other endpoints only refused signatures are told.
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
	row := r.since(s.Name, received)
	s.RefusedSignatures = row.count
	if row.count >= refusalsInARow && now.Sub(row.first) >= refusalsLast && now.Sub(row.last) < refusalsCount {
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
		bound = min(max(pausesOfSilence*f.LongestPause, shortestSilence), longestSilence)
	}
	last := f.LastReceived
	if f.Since.After(last) {
		last = f.Since // it was taken out of the spec for a while, or never sent anything
	}
	return now.Sub(last) >= bound
}

// Expected are the names of the sources whose silence means something. The one that every Shop has is not among them
// where the Shop has another source of orders: most of those never use it.
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
