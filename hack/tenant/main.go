// Command hack/tenant measures the two processes of one Shop, built as they are released, without a cluster: how long they take
// from their start to ready, the memory that they hold at rest, and what the order page weighs and how fast it is on one core
// (for which hack/load asks from the other one). It must not know how the processes work: it uses what a pod, a merchant's
// system and a shopper use.
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
	flag.IntVar(&o.starts, "starts", 7, "how often each process is started")
	flag.DurationVar(&o.rest, "rest", time.Minute, "how long the processes rest before their memory is read")
	flag.IntVar(&o.rate, "rate", 200, "requests a second for the order page")
	flag.DurationVar(&o.duration, "duration", 30*time.Second, "how long the order page is asked for")
	flag.BoolVar(&o.alone, "alone", false, "give the processes and who asks real-time priority, so that a busy machine takes no core from them; needs root")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "hack/tenant:", err)
		os.Exit(1)
	}
}
