// Package cli is the command line of the development cluster.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
	"github.com/wismo-dev/wismo/hack/cluster/internal/cluster"
	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
	"github.com/wismo-dev/wismo/hack/cluster/internal/progress"
)

// Run runs one command and returns the exit code.
func Run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(stderr, "error:", err)
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode()
	}
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "cluster",
		Short: "A real one-node Kubernetes on this machine, without Docker",
		Long: fmt.Sprintf(`A real one-node Kubernetes on this machine, without Docker.

It is built from Go modules and runs in a network namespace of its own, so
that nothing in it can reach anything outside. Run it as

  go run -C hack/cluster . COMMAND

Several can stand side by side: %s=NAME names one with a state, a
network namespace and a loopback address of its own; without it, it is "the"
cluster, at 127.0.0.1.`, layout.NameVariable),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		buildCommand(), assetsCommand(), upCommand(), downCommand(), killCommand(), loadCommand(), ingressCommand(),
		forwardCommand(), envCommand(), statusCommand(), execCommand(),
	)
	return root
}

// open finds the cluster and prepares progress lines on stderr, so that stdout
// carries only what a script wants to read.
func open(cmd *cobra.Command) (*cluster.Cluster, error) {
	dirs, err := layout.Find()
	if err != nil {
		return nil, err
	}
	return cluster.New(dirs, progress.New(cmd.ErrOrStderr())), nil
}

func builder(cmd *cobra.Command) (build.Builder, error) {
	dirs, err := layout.Find()
	if err != nil {
		return build.Builder{}, err
	}
	return build.Builder{Layout: dirs, Log: progress.New(cmd.ErrOrStderr())}, nil
}
