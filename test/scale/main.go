// Command scale measures what onboarding many tenants costs: by wismo, by a bare client that creates the same objects, and by
// `helm install` of a chart of the same objects, on one API server in one run. Workloads stand at 0: no
// kubelet runs, and an actor says that Deployments are ready. Then once more with Kubernetes' own controllers and
// scheduler, and pods that become ready on nodes that kwok plays. Figures are of one machine; read the ratios.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	o := options{}
	flag.IntVar(&o.shops, "shops", 1000, "how many Shops wismo and the bare client onboard without pods; 0 leaves this out")
	flag.IntVar(&o.peers, "peers", 100, "how many tenants helm onboards; 0 leaves it out")
	flag.IntVar(&o.foreign, "foreign", 0, "MiB of Secrets in the cluster that are none of wismo's business")
	flag.IntVar(&o.nodes, "nodes", 1000, "how many Shops wismo onboards with pods, on nodes that kwok plays; 0 leaves this out")
	flag.BoolVar(&o.extras, "extras", true, "also look at rest, a failover and the noisy neighbour")
	flag.BoolVar(&o.releases, "releases", true, "also change a house text, and take all Shops to it: at once, and in waves")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}
