package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/wismo-dev/wismo/internal/cli/activity"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/cli/doctor"
	"github.com/wismo-dev/wismo/internal/cli/lint"
	"github.com/wismo-dev/wismo/internal/cli/onboard"
	"github.com/wismo-dev/wismo/internal/cli/release"
	"github.com/wismo-dev/wismo/internal/cli/rotate"
	"github.com/wismo-dev/wismo/internal/cli/simulate"
	"github.com/wismo-dev/wismo/internal/cli/status"
	"github.com/wismo-dev/wismo/internal/cli/template"
	"github.com/wismo-dev/wismo/internal/cli/uninstall"
)

// commands lists every command, in the order of the help.
var commands = []func(*cmdutil.Env) *cobra.Command{
	onboard.Command,
	lint.Command,
	simulate.Command,
	status.Command,
	release.Command,
	activity.Suspend,
	activity.Rehearse,
	activity.Resume,
	rotate.Command,
	doctor.Command,
	template.Command,
	uninstall.Command,
	versionCommand,
}

// New returns the root command.
func New(env *cmdutil.Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "kubectl-wismo",
		Short: "Onboard, check and operate the Shops of wismo",
		Long: `Onboard, check and operate the Shops of wismo: tracking pages and notifiers for web shops.

Exit codes of every command: 0 success, 1 a problem was found and printed, 2 the result is unknown (wrong usage, no answer
from the cluster). Errors go to the standard error; so does progress when the standard output is JSON or YAML.`,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl wismo"},
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cmdutil.NoCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.ErrOut)
	for _, command := range commands {
		root.AddCommand(command(env))
	}
	return root
}

// Main runs the plugin with the arguments, streams and signals of the process. It returns the exit code.
func Main(version string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	defer stop()
	return Run(ctx, version, os.Args[1:], genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr})
}

// Run executes the arguments and returns the exit code.
func Run(ctx context.Context, version string, args []string, streams genericiooptions.IOStreams) int {
	// The error that a command returns names the cause; the libraries would log it a second time.
	klog.SetLogger(logr.Discard())
	log.SetLogger(logr.Discard())
	root := New(cmdutil.New(streams, version))
	root.InitDefaultCompletionCmd() // cobra would add it later, unmarked
	cmdutil.MarkUsage(root)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if !cmdutil.Silent(err) {
		_, _ = fmt.Fprintf(streams.ErrOut, "error: %v\n", err)
		if cmdutil.IsUsage(err) {
			_, _ = fmt.Fprintf(streams.ErrOut, "See '%s --help'.\n", cmd.CommandPath())
		}
	}
	return cmdutil.ExitCode(err)
}
