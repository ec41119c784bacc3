package main

import (
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

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

// tell says how one way went as soon as it is over.
func (r result) tell() result {
	say("%s: %.1f s, %.2f writes a tenant, RSS %d MiB (peak %d)", r.name, r.took.Seconds(), float64(writes(r.calls))/float64(r.tenants), r.rss, r.peak)
	return r
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
