package activity

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

// options are the flags and arguments of the three commands.
type options struct {
	action   string          // the name of the command
	activity bundle.Activity // the value of the annotation; "" = it is removed

	names         []string
	selector      string
	all           bool
	allNamespaces bool
	yes           bool
	wait          bool
	timeout       time.Duration
	dryRun        *cmdutil.DryRun
	output        *cmdutil.Output
}

const exitCodes = `

Exit codes: 0 done; 1 refused for at least one Shop (with --wait: or not in force in time); 2 it failed, or with --wait the result is
unknown. With -o json or yaml it prints the result as a document.`

const selection = `

Name Shops, or select them with -l or --all; -A selects in all namespaces.`

// Suspend is kubectl wismo suspend.
func Suspend(env *cmdutil.Env) *cobra.Command {
	o := &options{activity: bundle.Suspended}
	return o.command(env, &cobra.Command{
		Use:   "suspend [SHOP...]",
		Short: "Stop all messages of Shops at once",
		Long: `Stop all messages of Shops at once. Their pages stay up, and webhooks are still received.

It sets the annotation tracking.wismo.dev/activity of the Shop to Suspended. The stricter of the annotation and spec.activity counts,
so no pipeline that applies the Shop ends the suspension; only "kubectl wismo resume" does. It works while the spec is invalid, while a
release or a rollout is under way, and, if you may change ConfigMaps and pods, while the operator is down: the command then tells the pods
itself. The operator keeps the suspension when it comes back.

Nothing about what happens meanwhile is sent later.` + selection + exitCodes,
		Example: `  # Stop the messages of one Shop, and wait until every notifier has stopped
  kubectl wismo suspend linden -n linden --wait

  # Stop the messages of every Shop in the cluster
  kubectl wismo suspend --all -A --wait

  # Stop the messages of all Shops of one group
  kubectl wismo suspend -A -l tier=trial`,
	})
}

// Rehearse is kubectl wismo rehearse.
func Rehearse(env *cmdutil.Env) *cobra.Command {
	o := &options{activity: bundle.Rehearsal}
	return o.command(env, &cobra.Command{
		Use:   "rehearse [SHOP...]",
		Short: "Send every message of Shops to the merchant's inbox instead of the shoppers",
		Long: `Send every message of Shops to spec.rehearsal.email instead of the shoppers.

It sets the annotation tracking.wismo.dev/activity of the Shop to Rehearsal. The stricter of the annotation and spec.activity counts. A
Shop without spec.rehearsal is refused.` + selection + exitCodes,
		Example: `  kubectl wismo rehearse linden -n linden --wait`,
	})
}

// Resume is kubectl wismo resume.
func Resume(env *cmdutil.Env) *cobra.Command {
	o := &options{}
	return o.command(env, &cobra.Command{
		Use:   "resume [SHOP...]",
		Short: "Let Shops send messages again",
		Long: `Let Shops send messages again, as their spec.activity says: it removes the annotation tracking.wismo.dev/activity. What was
true by then is not told; what happens next is. The operator must be running.` + selection + exitCodes,
		Example: `  kubectl wismo resume linden -n linden --wait

  # All Shops of the cluster
  kubectl wismo resume --all -A`,
	})
}

// command adds the common flags to cmd.
func (o *options) command(env *cmdutil.Env, cmd *cobra.Command) *cobra.Command {
	o.action = cmd.Name()
	cmd.ValidArgsFunction = cmdutil.CompleteShops(env)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.names = args
		return o.run(cmd.Context(), env)
	}
	f := cmd.Flags()
	f.StringVarP(&o.selector, "selector", "l", "", "Select Shops by `labels`, as kubectl does.")
	f.BoolVar(&o.all, "all", false, "Select all Shops of the namespace; with -A of the cluster.")
	f.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "Select in all namespaces.")
	f.BoolVarP(&o.yes, "yes", "y", false, "Do not ask before messages of several Shops are sent again.")
	f.BoolVar(&o.wait, "wait", false, "Wait until every running notifier of the Shops reports that it has changed.")
	f.DurationVar(&o.timeout, "timeout", 3*time.Minute, "With --wait: give up after this `duration`.")
	o.dryRun = cmdutil.AddDryRun(cmd)
	o.output = cmdutil.AddOutput(cmd)
	return env.AddClusterFlags(cmd)
}

func (o *options) run(ctx context.Context, env *cmdutil.Env) error {
	if err := o.check(); err != nil {
		return err
	}
	c, err := env.Client()
	if err != nil {
		return err
	}
	shops, err := o.find(ctx, env, c)
	if err != nil {
		return err
	}
	if o.loosens(shops) > 1 && !o.yes && *o.dryRun == cmdutil.DryRunNone && !env.Confirm(ctx, o.question(len(shops))) {
		return cmdutil.Refuse("not confirmed, so nothing was changed; use --yes to skip the question")
	}
	r := newReporter(env, o.output, Outcome{Action: o.action, DryRun: string(*o.dryRun)})
	for i := range shops {
		r.add(o.change(ctx, c, &shops[i]))
	}
	if o.wait && *o.dryRun == cmdutil.DryRunNone {
		o.follow(ctx, c, r)
	}
	return r.close()
}
