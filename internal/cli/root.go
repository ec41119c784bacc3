package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/wismo-dev/wismo/internal/cli/doctor"
	"github.com/wismo-dev/wismo/internal/cli/kit"
	"github.com/wismo-dev/wismo/internal/cli/lint"
	"github.com/wismo-dev/wismo/internal/cli/onboard"
	"github.com/wismo-dev/wismo/internal/cli/release"
	"github.com/wismo-dev/wismo/internal/cli/rotate"
	"github.com/wismo-dev/wismo/internal/cli/simulate"
	"github.com/wismo-dev/wismo/internal/cli/status"
	"github.com/wismo-dev/wismo/internal/cli/template"
	"github.com/wismo-dev/wismo/internal/cli/uninstall"
)

// commands are all there are, in the order of the help.
var commands = []func(*kit.Kit) *cobra.Command{
	onboard.Command,
	lint.Command,
	simulate.Command,
	status.Command,
	release.Command,
	rotate.Command,
	doctor.Command,
	template.Command,
	uninstall.Command,
	versionCommand,
}

// New returns the root command.
func New(k *kit.Kit) *cobra.Command {
	root := &cobra.Command{
		Use:   "kubectl-wismo",
		Short: "Onboard, check and look after the Shops of wismo",
		Long: `Onboard, check and look after the Shops of wismo, the tracking pages and notifiers of web shops.

Exit codes of every command: 0 fine, 1 something is wrong and the output says what, 2 nothing could be told (wrong usage,
no answer from the cluster). Only errors go to the standard error, and what people read while a machine reads the output.`,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl wismo"},
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(k.In)
	root.SetOut(k.Out)
	root.SetErr(k.ErrOut)
	for _, command := range commands {
		root.AddCommand(command(k))
	}
	return root
}

// Main runs the plugin as a process: with its arguments, streams and signals. It returns the exit code.
func Main(version string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who presses Ctrl-C a second time is not waiting for anything in order
	defer stop()
	return Run(ctx, version, os.Args[1:], genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr})
}

// Run executes the arguments and returns the exit code.
func Run(ctx context.Context, version string, args []string, streams genericiooptions.IOStreams) int {
	// What the libraries complain of, the error says as well.
	klog.SetLogger(logr.Discard())
	log.SetLogger(logr.Discard())
	root := New(kit.New(streams, version))
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if !kit.Silent(err) {
		_, _ = fmt.Fprintf(streams.ErrOut, "error: %v\n", err)
		if kit.ExitCode(err) == kit.ExitUnable && usage(err) {
			_, _ = fmt.Fprintf(streams.ErrOut, "See '%s --help'.\n", cmd.CommandPath())
		}
	}
	return kit.ExitCode(err)
}

// usage says that the command was spelled wrongly, which cobra tells by its words only.
func usage(err error) bool {
	for _, sign := range []string{"unknown ", "flag needs an argument", "accepts ", "requires ", "invalid argument", "required flag"} {
		if strings.HasPrefix(err.Error(), sign) {
			return true
		}
	}
	return false
}
