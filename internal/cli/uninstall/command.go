package uninstall

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

type options struct {
	namespace  string
	deleteData bool
	crds       bool
	force      bool
	yes        bool
	timeout    time.Duration
	dryRun     *cmdutil.DryRun
}

// Command is kubectl wismo uninstall.
func Command(env *cmdutil.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Take the operator out of the cluster; what Shops have stays",
		Long: `Take the operator out of the cluster; what Shops have stays.

It stops the operator, takes wismo's finalizers off (without an operator they would keep objects and namespaces from going),
and removes the operator's rights and configuration. Shops, pages, volumes and keys stay: the pages serve on, and a new
installation takes everything up again. It also works when the operator is gone already.

  --crds          also deletes the kinds, and with them every Shop and its page; volumes and link keys stay
  --delete-data   also deletes every Shop, volume and key; orders and links in old mails are lost

What Helm or a pipeline installed has to be uninstalled there first, or it comes back; run this afterwards for the rest.

Exit codes: 0 done, 1 refused or not confirmed, 2 something could not be removed.`,
		Example: `  # What would be done
  kubectl wismo uninstall --dry-run

  kubectl wismo uninstall

  # Leave nothing behind
  kubectl wismo uninstall --delete-data --crds --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	f := cmd.Flags()
	f.StringVar(&o.namespace, "operator-namespace", cmdutil.OperatorNamespace, "`NAMESPACE` of the operator.")
	f.BoolVar(&o.deleteData, "delete-data", false, "Also delete every Shop, volume and key.")
	f.BoolVar(&o.crds, "crds", false, "Also delete the CustomResourceDefinitions, and with them every Shop.")
	f.BoolVar(&o.force, "force", false, "Remove the operator although Helm or a pipeline installed it.")
	f.BoolVarP(&o.yes, "yes", "y", false, "Do not ask before something is lost.")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "How long to wait for things to go, a `duration`.")
	o.dryRun = cmdutil.AddDryRun(cmd)
	return env.AddClusterFlags(cmd)
}

func (o *options) run(ctx context.Context, env *cmdutil.Env) error {
	if err := o.dryRun.Check(); err != nil {
		return err
	}
	c, err := env.Client()
	if err != nil {
		return err
	}
	r := &remover{Client: c, env: env, options: o}
	if err := r.mayRemove(ctx); err != nil {
		return err
	}
	if question := o.question(); question != "" && !o.yes && *o.dryRun == cmdutil.DryRunNone && !env.Confirm(ctx, question) {
		return cmdutil.Refuse("not confirmed, and nothing was changed; --yes goes on without asking, --dry-run says what would be done")
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	for _, step := range []func(context.Context) error{r.operator, r.finalizers, r.shops, r.data, r.rights, r.kinds} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return r.remains(ctx)
}

// question is what a person has to agree to; "" where nothing is lost.
func (o *options) question() string {
	switch {
	case o.deleteData:
		return "Every Shop, its page, its orders and its keys will be deleted, for good. Go on?"
	case o.crds:
		return "Every Shop and its page will be deleted; volumes and link keys stay. Go on?"
	}
	return ""
}
