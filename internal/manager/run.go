package manager

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/wismo-dev/wismo/internal/operator/config"
)

const usage = `manager is the operator of wismo: for every Shop it runs a tracking page and a notifier.

Usage:
  manager [flags]

Example, against the cluster of your kubeconfig:
  POD_NAMESPACE=wismo-system RELATED_IMAGE_TRACKING_PAGE=wismo.dev/tracking-page:dev \
  RELATED_IMAGE_NOTIFIER=wismo.dev/notifier:dev manager --config=config.yaml

Flags:
`

// command holds the parsed arguments.
type command struct {
	Options
	file  string // path of the configuration file
	level slog.Level
	check bool // run check instead of the operator
}

// Run runs the operator with the arguments and the environment variables until the context ends.
func Run(ctx context.Context, version string, args []string, stderr io.Writer) error {
	c, err := parse(args, stderr)
	if err != nil {
		return err
	}
	logger := logr.FromSlogHandler(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: c.level}))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger)
	c.Version = version
	c.Resolvers = ClusterResolvers(os.Getenv)
	cluster, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("loading the configuration of the connection to the API server (in a pod, or KUBECONFIG): %w", err)
	}
	if c.check {
		return check(ctx, cluster, c, stderr)
	}
	if c.Config, err = config.Open(c.file, os.Getenv, LastGood(ctx, cluster, c.Namespace)); err != nil {
		return err
	}
	mgr, err := New(ctx, cluster, c.Options)
	if err != nil {
		return err
	}
	return mgr.Start(ctx)
}

func parse(args []string, stderr io.Writer) (command, error) {
	flags := flag.NewFlagSet("manager", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = io.WriteString(stderr, usage)
		flags.PrintDefaults()
	}
	var c command
	flags.StringVar(&c.file, "config", "", "`file` with the operator's configuration (see docs/configuration.md); without it, the defaults apply")
	flags.StringVar(&c.Namespace, "namespace", os.Getenv("POD_NAMESPACE"), "`namespace` in which the operator runs and stores its state; by default that of the environment variable POD_NAMESPACE")
	flags.Var((*namespaceList)(&c.Watch), "watch-namespaces", "manage only the Shops in these `namespaces`, separated by commas; by default those in all namespaces. With it, Roles in these namespaces are enough, instead of a ClusterRole")
	flags.StringVar(&c.MetricsAddress, "metrics-bind-address", ":8080", "`address` (HOST:PORT or :PORT) at which to serve /metrics; 0 = do not serve it")
	flags.StringVar(&c.ProbeAddress, "health-probe-bind-address", ":8081", "`address` (HOST:PORT or :PORT) at which to serve /healthz and /readyz; 0 = do not serve them")
	flags.BoolVar(&c.LeaderElection, "leader-elect", true, "elect a leader with a Lease, so that only one of several replicas reconciles at a time")
	flags.TextVar(&c.level, "log-level", slog.LevelInfo, "least severe `level` of log lines to write: debug, info, warn or error")
	flags.BoolVar(&c.check, "check", false, "check the configuration, the API server and the leader, print the results and exit without starting the operator")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q; see --help", flags.Arg(0))
	}
	if c.Namespace == "" {
		return c, fmt.Errorf("the namespace of the operator is not set: use --namespace or the environment variable POD_NAMESPACE")
	}
	return c, nil
}
