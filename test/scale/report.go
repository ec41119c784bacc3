package main

import (
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"
)

// result is the measurement of one way to onboard Shops.
type result struct {
	name           string
	shops          int
	took           time.Duration
	client, server time.Duration // processor time: of the client that creates the objects, and of API server and etcd
	calls          map[string]int
	rss, peak      int    // MiB
	drift          string // whether a manual change is reverted
}

// tell prints the result as soon as it is known.
func (r result) tell() result {
	say("%s: %.1f s, %.2f writes a Shop, RSS %d MiB (peak %d)", r.name, r.took.Seconds(), float64(writes(r.calls))/float64(r.shops), r.rss, r.peak)
	return r
}

// report prints the table of docs/RESULTS.md and, for each result, its most frequent calls.
func report(table []result) {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', tabwriter.Debug)
	_, _ = fmt.Fprintln(out, "| by\t Shops\t s\t ms/Shop\t calls/Shop\t writes/Shop\t CPU-ms/Shop, own\t CPU-ms/Shop, API server+etcd\t RSS MiB (peak)\t drift repaired\t")
	for _, r := range table {
		n := float64(r.shops)
		_, _ = fmt.Fprintf(out, "| %s\t %d\t %.1f\t %.0f\t %.1f\t %.1f\t %.1f\t %.1f\t %d (%d)\t %s\t\n", r.name, r.shops, r.took.Seconds(),
			float64(r.took.Milliseconds())/n, float64(total(r.calls))/n, float64(writes(r.calls))/n,
			float64(r.client.Milliseconds())/n, float64(r.server.Milliseconds())/n, r.rss, r.peak, r.drift)
	}
	_ = out.Flush()
	for _, r := range table {
		fmt.Printf("\n%s, calls per Shop:\n", r.name)
		for _, call := range most(r.calls, 16) {
			fmt.Println("  " + call)
		}
	}
}

// most returns the n most frequent calls, with their counts.
func most(calls map[string]int, n int) []string {
	var all []string
	for call, times := range calls {
		all = append(all, fmt.Sprintf("%7d %s", times, call))
	}
	slices.Sort(all)
	slices.Reverse(all)
	return all[:min(n, len(all))]
}
