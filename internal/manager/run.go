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

const usage = `manager is the operator of wismo: it gives every Shop its tracking page and its notifier.

Usage:
  manager [flags]

Example, against the cluster of your kubeconfig:
  POD_NAMESPACE=wismo-system RELATED_IMAGE_TRACKING_PAGE=wismo.dev/tracking-page:dev \
  RELATED_IMAGE_NOTIFIER=wismo.dev/notifier:dev manager --config=config.yaml

Flags:
`

// command is what the arguments ask for.
type command struct {
	Options
	file  string // of the configuration
	level slog.Level
	check bool
}

// Run starts the operator as the arguments and the environment say, and ends with the context.
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
		return fmt.Errorf("finding the cluster: %w", err)
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
	flags.StringVar(&c.file, "config", "", "`file` with the operator's configuration; without it, the defaults apply")
	flags.StringVar(&c.Namespace, "namespace", os.Getenv("POD_NAMESPACE"), "the operator's own `namespace`; by default that of the environment variable POD_NAMESPACE")
	flags.Var((*namespaceList)(&c.Watch), "watch-namespaces", "serve only the Shops in these `namespaces`, separated by commas; by default all. Rights in them are enough then")
	flags.StringVar(&c.MetricsAddress, "metrics-bind-address", ":8080", "`address` of /metrics; 0 = off")
	flags.StringVar(&c.ProbeAddress, "health-probe-bind-address", ":8081", "`address` of /healthz and /readyz; 0 = off")
	flags.BoolVar(&c.LeaderElection, "leader-elect", true, "elect a leader by a Lease, so that one of several replicas is active")
	flags.TextVar(&c.level, "log-level", slog.LevelInfo, "how much to log: debug, info, warn or error")
	flags.BoolVar(&c.check, "check", false, "check the cluster and the configuration, print the result and exit")
	if err := flags.Parse(args); err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("unexpected argument %q; see --help", flags.Arg(0))
	}
	if c.Namespace == "" {
		return c, fmt.Errorf("the operator's namespace is not known: set --namespace or POD_NAMESPACE")
	}
	return c, nil
}
