package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// extras look at what a fleet needs besides being onboarded.
func (w *wismo) extras(ctx context.Context) error {
	series, err := scrape(ctx)
	if err != nil {
		return err
	}
	say("metrics: %d series with %d Shops", series, len(w.namespaces))
	for _, measure := range []func(context.Context) error{w.rest, w.failover, w.neighbour} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

func scrape(ctx context.Context) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:18080/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	n := 0
	for line := range strings.Lines(string(content)) {
		if !strings.HasPrefix(line, "#") {
			n++
		}
	}
	return n, err
}

// rest restarts the operator: it looks at every Shop, and should write nothing.
func (w *wismo) rest(ctx context.Context) error {
	say("a restart, with every Shop at rest")
	w.stop()
	before := w.control.usage()
	var err error
	if w.manager, err = w.start(ctx); err != nil {
		return err
	}
	if err := w.calm(ctx); err != nil {
		return err
	}
	calls := w.control.calls(before, w.user())
	say("restart: %d writes, %d CPU-ms of the manager, RSS %d MiB (peak %d)", writes(calls), processorTime(w.manager.pid()).Milliseconds(),
		memory(w.manager.pid(), "VmRSS"), memory(w.manager.pid(), "VmHWM"))
	for _, call := range most(calls, 6) {
		say("  %s", call)
	}
	return nil
}

// calm waits until the manager has used next to nothing for three seconds.
func (w *wismo) calm(ctx context.Context) error {
	time.Sleep(3 * time.Second)
	for quiet := 0; quiet < 3; {
		before := processorTime(w.manager.pid())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		if quiet++; processorTime(w.manager.pid())-before > 50*time.Millisecond {
			quiet = 0
		}
	}
	return nil
}

// failover kills the leader while a second manager waits, and takes the time until an edit is looked at.
func (w *wismo) failover(ctx context.Context) error {
	say("a failover: the leader is killed and leaves its Lease behind")
	w.metricsOff = true
	standby, err := w.start(ctx)
	if err != nil {
		return err
	}
	time.Sleep(5 * time.Second) // its caches fill
	w.manager.end(syscall.SIGKILL)
	w.manager = standby
	began := time.Now()
	generation, err := w.edit(ctx, w.namespaces[0], "After the failover")
	if err != nil {
		return err
	}
	if err := w.observed(ctx, w.namespaces[0], generation); err != nil {
		return err
	}
	say("failover after kill -9: %.1f s", time.Since(began).Seconds())
	return nil
}

// neighbour applies as many Shops again at once, and meanwhile edits one that is Ready, again and again.
func (w *wismo) neighbour(ctx context.Context) error {
	crowd, err := w.control.namespaces(ctx, "crowd", len(w.namespaces))
	if err != nil {
		return err
	}
	ready, err := w.control.readyShops(ctx)
	if err != nil {
		return err
	}
	defer ready.stop()
	say("a noisy neighbour applies %d Shops, and somebody edits one", len(crowd))
	before := ready.count(1)
	applied := make(chan error, 1)
	go func() { applied <- w.apply(ctx, crowd) }()
	var took []time.Duration
	for i := 0; ready.count(1) < before+len(crowd)-1; i++ { // the one that is edited rolls all the time
		began := time.Now()
		generation, err := w.edit(ctx, w.namespaces[1], fmt.Sprintf("Edit %d", i))
		if err != nil {
			return err
		}
		if err := w.observed(ctx, w.namespaces[1], generation); err != nil {
			return err
		}
		took = append(took, time.Since(began))
		time.Sleep(100 * time.Millisecond)
	}
	slices.Sort(took)
	say("edits beside %d creates: %d, p50 %d ms, p99 %d ms, longest %d ms", len(crowd), len(took),
		took[len(took)/2].Milliseconds(), took[len(took)*99/100].Milliseconds(), took[len(took)-1].Milliseconds())
	say("manager with %d Shops: RSS %d MiB (peak %d)", before+len(crowd), memory(w.manager.pid(), "VmRSS"), memory(w.manager.pid(), "VmHWM"))
	return <-applied
}

// result is one way of onboarding.
type result struct {
	name           string
	tenants        int
	took           time.Duration
	client, server time.Duration // processor time of who makes the objects, and of API server and etcd
	calls          map[string]int
	rss, peak      int    // MiB
	drift          string // whether somebody repairs it
}

// report prints the table that docs/RESULTS.md takes up.
func report(table []result) {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.Debug)
	_, _ = fmt.Fprintln(out, "| by\t tenants\t s\t ms/tenant\t calls/tenant\t writes/tenant\t CPU-ms/tenant, own\t CPU-ms/tenant, API server+etcd\t RSS MiB (peak)\t drift repaired\t")
	for _, r := range table {
		n := float64(r.tenants)
		_, _ = fmt.Fprintf(out, "| %s\t %d\t %.1f\t %.0f\t %.1f\t %.1f\t %.1f\t %.1f\t %d (%d)\t %s\t\n", r.name, r.tenants, r.took.Seconds(),
			float64(r.took.Milliseconds())/n, float64(total(r.calls))/n, float64(writes(r.calls))/n,
			float64(r.client.Milliseconds())/n, float64(r.server.Milliseconds())/n, r.rss, r.peak, r.drift)
	}
	_ = out.Flush()
	for _, r := range table {
		fmt.Printf("\n%s, calls per tenant:\n", r.name)
		for _, call := range most(r.calls, 16) {
			fmt.Println("  " + call)
		}
	}
}

// most are the calls made most often.
func most(calls map[string]int, n int) []string {
	var all []string
	for call, times := range calls {
		all = append(all, fmt.Sprintf("%7d %s", times, call))
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all[:min(n, len(all))]
}
