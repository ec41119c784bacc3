// Command scale measures what it costs to onboard many Shops on one API server: by wismo, by a client that creates the same
// objects without an operator, and by `helm install` of a chart with the same objects. In these runs there is no kubelet; the
// command itself sets Deployments to ready. A last run has Kubernetes' own controllers and scheduler, and pods that become ready
// on nodes that kwok simulates. It prints one table with a row for each way. The figures are those of one machine: compare them
// only with others of the same run.
//
// It needs kube-apiserver and etcd in the directory that KUBEBUILDER_ASSETS names. hack/scale.sh sets that and passes its
// arguments on. A short run, and one with a big cluster of which wismo owns little:
//
//	hack/scale.sh -shops 100 -peers 10 -nodes 0 -extras=false
//	hack/scale.sh -shops 5000 -foreign 1024 -nodes 0
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
	flag.IntVar(&o.shops, "shops", 1000, "number of Shops that wismo, and the client without an operator, onboard without pods; 0 skips these runs and helm's")
	flag.IntVar(&o.peers, "peers", 100, "number of charts that helm installs; 0 skips this run")
	flag.IntVar(&o.foreign, "foreign", 0, "size in MiB of the Secrets in the cluster that do not belong to wismo")
	flag.IntVar(&o.nodes, "nodes", 1000, "number of Shops that wismo onboards with pods, on nodes that kwok simulates; 0 skips this run")
	flag.BoolVar(&o.extras, "extras", true, "also measure the idle operator, a failover, and one merchant who applies many Shops at once")
	flag.BoolVar(&o.releases, "releases", true, "also change a text of the library and roll the release out to all Shops, at once and in waves")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}
