// Command footprint measures the two processes of one Shop without a cluster: the time from start to ready, the memory while idle,
// the size of the order page, and its speed on one core, with hack/load as the client on the other one. It builds the processes
// as they are released, and uses only what a pod, a merchant's system and a shopper use.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	o := options{}
	flag.IntVar(&o.starts, "starts", 7, "how often each process is started to measure its start")
	flag.DurationVar(&o.rest, "rest", time.Minute, "how long the processes are idle before their memory is read")
	flag.IntVar(&o.rate, "rate", 200, "requests per second for the order page")
	flag.DurationVar(&o.duration, "duration", 30*time.Second, "how long the order page is requested")
	flag.BoolVar(&o.alone, "alone", false, "run the processes and the client with real-time priority, so that other programs do not slow them down; needs root")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "footprint:", err)
		os.Exit(1)
	}
}
