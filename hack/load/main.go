// Command load asks for one address at a steady rate and says how long the answers took. A request counts from the moment
// it was due, not from when it was sent, so that a server that falls behind cannot hide it. It must not know whom it asks.
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
	rate := flag.Int("rate", 200, "requests a second")
	duration := flag.Duration("duration", 30*time.Second, "how long")
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

// result is what came of a run.
type result struct {
	took   []time.Duration // sorted
	failed int             // no answer, or one other than 200
}

func (r result) String() string {
	if len(r.took) == 0 {
		return fmt.Sprintf("0 answers, %d failed", r.failed)
	}
	at := func(percent float64) time.Duration {
		return r.took[min(int(float64(len(r.took))*percent/100), len(r.took)-1)].Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("%d answers, %d failed; p50 %s, p90 %s, p99 %s, p99.9 %s, max %s",
		len(r.took), r.failed, at(50), at(90), at(99), at(99.9), at(100))
}

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

// ask reads the whole answer, as a browser does.
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
