package chaos_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/installed"
)

var (
	runs  = flag.Int("runs", 24, "how many onboardings are disturbed, each with its own place of death")
	kills = flag.Int("kills", 8, "at how many moments of rollouts the operator is killed")
	seed  = flag.Uint64("seed", 1, "the seed of the first round; the next rounds take the next seeds")

	kube    client.WithWatch // may do everything, and is never disturbed
	cluster *installed.Cluster
)

func TestMain(m *testing.M) {
	if os.Getenv(asOperator) != "" {
		os.Exit(beOperator())
	}
	ctrl.SetLogger(logr.Discard())
	installed.Tests(m, func(c *installed.Cluster) error {
		cluster, kube = c, c.Client
		return c.Install(context.Background())
	})
}
