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
		Short:   "Follow and steer how a change reaches all Shops",
		Long: `Follow and steer how a change reaches all Shops.

A release is what the platform ships to all Shops: images, the library of texts, policies and carrier definitions, and what
is built into the operator. It moves in waves. docs/releases.md tells the whole story.`,
		Example: `  # How does the latest stand, and what has it changed?
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

// where the releases are kept.
type where struct{ namespace string }

func (w *where) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.namespace, "operator-namespace", cmdutil.OperatorNamespace, "`NAMESPACE` of the operator.")
}

// patience is whether and how long a command follows what it began.
type patience struct {
	wait    bool
	timeout time.Duration
}

func (p *patience) add(cmd *cobra.Command, until string) {
	cmd.Flags().BoolVar(&p.wait, "wait", false, "Follow until "+until+".")
	cmd.Flags().DurationVar(&p.timeout, "timeout", time.Hour, "With --wait: give up after this `duration`.")
}

// everyNow is how often a command that follows looks at the cluster.
const everyNow = 2 * time.Second

// repeat calls look until it is done, the time is over or somebody interrupts, but once in any case. It says whether the
// time was over.
func (p *patience) repeat(ctx context.Context, look func(context.Context) (done bool, err error)) (late bool, err error) {
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
		case <-time.After(everyNow):
		}
	}
}
