// Command load requests one URL at a steady rate and prints the percentiles of the latency:
//
//	load -rate 200 -duration 30s http://127.0.0.1:8080/
//
// Latency is measured from the time at which a request was due, not from when it was sent, so that it includes the wait behind a
// slow server. It exits with 1 if a request failed. It must not know the server.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

func main() {
	rate := flag.Int("rate", 200, "requests per second")
	duration := flag.Duration("duration", 30*time.Second, "how long requests are sent")
	flag.Parse()
	if flag.NArg() != 1 || *rate <= 0 {
		fmt.Fprintln(os.Stderr, "usage: load [-rate N] [-duration D] URL")
		os.Exit(2)
	}
	r := run(context.Background(), flag.Arg(0), *rate, *duration)
	fmt.Println(r)
	if r.failed > 0 {
		os.Exit(1)
	}
}

// result holds the measurements of a run.
type result struct {
	took   []time.Duration // latencies of the responses, sorted
	failed int             // requests without a response, or with another status than 200
}

func (r result) String() string {
	if len(r.took) == 0 {
		return fmt.Sprintf("0 responses, %d failed", r.failed)
	}
	at := func(percent float64) time.Duration {
		return r.took[min(int(float64(len(r.took))*percent/100), len(r.took)-1)].Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("%d responses, %d failed; p50 %s, p90 %s, p99 %s, p99.9 %s, max %s",
		len(r.took), r.failed, at(50), at(90), at(99), at(99.9), at(100))
}

// run sends rate requests per second for the duration, and waits for their responses.
func run(ctx context.Context, url string, rate int, duration time.Duration) result {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: rate}}
	var all sync.WaitGroup
	var mu sync.Mutex
	var r result
	begin := time.Now()
	for i := range int(duration.Seconds() * float64(rate)) {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		all.Go(func() {
			ok := ask(ctx, client, url)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			if !ok {
				r.failed++
				return
			}
			r.took = append(r.took, took)
		})
	}
	all.Wait()
	slices.Sort(r.took)
	return r
}

// ask sends one request, reads the whole response, and reports whether its status is 200.
func ask(ctx context.Context, client *http.Client, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.Body.Close() == nil && err == nil && response.StatusCode == http.StatusOK
}
