package release

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// Command is kubectl wismo release.
func Command(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "release",
		Aliases: []string{"releases", "rel"},
		Short:   "Follow and control the rollout of releases to all Shops",
		Long: `Follow and control the rollout of releases to all Shops.

A release is everything that all Shops share: images, the library of texts, policies and carrier definitions, and the
operator's built-in content. It is rolled out in waves. docs/releases.md explains releases.`,
		Example: `  # Show the state of the latest release, and what it changes
  kubectl wismo release status
  kubectl wismo release diff`,
		Args: cmdutil.NoCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, command := range []func(*cmdutil.Env) *cobra.Command{
		statusCommand, historyCommand, diffCommand,
		pauseCommand, resumeCommand, approveCommand, retryCommand, rollbackCommand,
		pinCommand, unpinCommand,
	} {
		cmd.AddCommand(command(env))
	}
	return cmd
}

// operatorNamespaceFlag is the flag --operator-namespace: the namespace in which the operator stores the releases.
type operatorNamespaceFlag struct{ namespace string }

func (w *operatorNamespaceFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.namespace, "operator-namespace", cmdutil.OperatorNamespace, "`NAMESPACE` of the operator.")
}

// waiting holds the flags --wait and --timeout.
type waiting struct {
	wait    bool
	timeout time.Duration
}

func (p *waiting) add(cmd *cobra.Command, until string) {
	cmd.Flags().BoolVar(&p.wait, "wait", false, "Wait until "+until+".")
	cmd.Flags().DurationVar(&p.timeout, "timeout", time.Hour, "With --wait: give up after this `duration`.")
}

// pollInterval is the time between two looks at the cluster.
const pollInterval = 2 * time.Second

// repeat calls look at least once, until it is done, the timeout is over or the user interrupts. late reports whether the
// timeout was over.
func (p *waiting) repeat(ctx context.Context, look func(context.Context) (done bool, err error)) (late bool, err error) {
	limited, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	for bounds := ctx; ; bounds = limited {
		done, err := look(bounds)
		switch {
		case ctx.Err() != nil:
			return false, cmdutil.ErrInterrupted
		case bounds.Err() != nil:
			return true, nil
		case err != nil || done:
			return false, err
		}
		select {
		case <-limited.Done():
		case <-time.After(pollInterval):
		}
	}
}
