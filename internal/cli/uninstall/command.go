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
		Short: "Remove the operator from the cluster and keep the Shops",
		Long: `Remove the operator from the cluster and keep the Shops.

It deletes the operator, removes wismo's finalizers (without an operator they would block the deletion of objects and
namespaces), and deletes the operator's RBAC rules. Shops, pages, volumes, keys and the operator's configuration stay: the
pages keep serving, and a new installation takes them over. The last lines of the output say how. The command also works if
the operator has already been deleted.

It asks before it changes anything. Without a terminal it needs --yes.

  --crds          also deletes the CRDs, and with them every Shop and its page; volumes and link keys stay
  --delete-data   also deletes every Shop, volume and key, and the operator's configuration; orders and the links in old
                  mails are lost

If Helm or a pipeline installed the operator, uninstall it there first, or it will come back; then run this for the rest.

Exit codes: 0 done, 1 refused or not confirmed, 2 something could not be deleted.`,
		Example: `  # See what would be deleted
  kubectl wismo uninstall --dry-run

  kubectl wismo uninstall

  # In a script
  kubectl wismo uninstall --yes

  # Delete everything
  kubectl wismo uninstall --delete-data --crds --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	f := cmd.Flags()
	f.StringVar(&o.namespace, "operator-namespace", cmdutil.OperatorNamespace, "`NAMESPACE` of the operator.")
	f.BoolVar(&o.deleteData, "delete-data", false, "Also delete every Shop, volume and key.")
	f.BoolVar(&o.crds, "crds", false, "Also delete the CRDs, and with them every Shop.")
	f.BoolVar(&o.force, "force", false, "Delete the operator even if Helm or a pipeline installed it.")
	f.BoolVarP(&o.yes, "yes", "y", false, "Do not ask.")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "Wait at most this `duration` for objects to be deleted.")
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
	if !o.yes && *o.dryRun == cmdutil.DryRunNone && !env.Confirm(ctx, o.question()) {
		return cmdutil.Refuse("not confirmed, so nothing was changed; use --yes to skip the question, or --dry-run to see what would be deleted")
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	for _, step := range []func(context.Context) error{r.deleteOperator, r.removeFinalizers, r.deleteShops, r.deleteData, r.deleteOperatorObjects, r.deleteCRDs} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return r.printRemains(ctx)
}

// question returns what the user has to agree to.
func (o *options) question() string {
	switch {
	case o.deleteData:
		return "Every Shop with its page, orders and keys will be deleted permanently. Continue?"
	case o.crds:
		return "Every Shop and its page will be deleted; volumes and link keys stay. Continue?"
	}
	return "The operator will be deleted. Pages keep serving, and no change of a Shop takes effect until it is installed again. Continue?"
}
