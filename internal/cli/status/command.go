package status

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

type options struct {
	names  []string
	all    bool
	watch  bool
	output *cmdutil.Output
}

// Command is kubectl wismo status.
func Command(env *cmdutil.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:     "status [SHOP...]",
		Aliases: []string{"st"},
		Short:   "Show the state of one Shop or of all Shops, and what to do next",
		Long: `Show the state of one Shop or of all Shops, and what to do next.

With a name it shows everything about that Shop. Without one it lists the Shops of the namespace, or with -A of the
cluster; those with something for you to do come first. The next steps are those of docs/conditions.md. The roles
wismo-shop-viewer and wismo-carrierintegration-viewer are enough.

Exit codes: 0 nothing to do, 1 at least one Shop has something for you to do, 2 the state is unknown.`,
		Example: `  # All Shops, those with something to do first
  kubectl wismo status -A

  # One Shop: next steps, endpoints, carriers, DNS records
  kubectl wismo status linden -n linden

  # The names of all Shops with something to do, for a script
  kubectl wismo status -A -o json | jq -r '.shops[] | select(.need=="Hands") | "\(.namespace)/\(.name)"'`,
		ValidArgsFunction: cmdutil.CompleteShops(env),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, arg := range args {
				o.names = append(o.names, strings.TrimPrefix(strings.TrimPrefix(arg, "shop/"), "shop."+v1alpha1.GroupName+"/"))
			}
			return o.run(cmd.Context(), env)
		},
	}
	cmd.Flags().BoolVarP(&o.all, "all-namespaces", "A", false, "List the Shops of all namespaces.")
	cmd.Flags().BoolVarP(&o.watch, "watch", "w", false, "Keep running, and print again whenever something has changed.")
	o.output = cmdutil.AddOutput(cmd, cmdutil.Wide, cmdutil.Name)
	return env.AddClusterFlags(cmd)
}

func (o *options) run(ctx context.Context, env *cmdutil.Env) error {
	if err := o.output.Check(); err != nil {
		return err
	}
	if o.all && len(o.names) > 0 {
		return fmt.Errorf("--all-namespaces cannot be used with the name of a Shop: name its namespace with -n NAMESPACE")
	}
	c, err := env.Client()
	if err != nil {
		return err
	}
	namespace, err := env.Namespace()
	if err != nil {
		return err
	}
	if o.all {
		namespace = ""
	}
	if o.watch {
		return o.follow(ctx, env, c, namespace)
	}
	text, need, err := o.look(ctx, env, c, namespace)
	if err != nil {
		return err
	}
	env.Printf("%s", text)
	if need == NeedsAction {
		return cmdutil.ErrProblem
	}
	return nil
}

// follow prints the state whenever it has changed, until it is interrupted.
func (o *options) follow(ctx context.Context, env *cmdutil.Env, c client.Client, namespace string) error {
	before := ""
	for ctx.Err() == nil {
		text, _, err := o.look(ctx, env, c, namespace)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if err == nil && text != before {
			if bool(env.Painter()) {
				env.Printf("\x1b[H\x1b[2J")
			} else if before != "" {
				env.Printf("---\n")
			}
			env.Printf("%s", text)
			before = text
		}
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
	return nil
}

// look reads the cluster and returns the output, and the most urgent need of all Shops.
func (o *options) look(ctx context.Context, env *cmdutil.Env, c client.Client, namespace string) (string, Need, error) {
	found, err := gather(ctx, c, namespace, o.names)
	if err != nil {
		return "", NeedsNone, err
	}
	f := Together(found)
	need := NeedsNone
	if len(f.Shops) > 0 {
		need = f.Shops[0].Need
	}
	p := &printer{paint: env.Painter(), now: env.Now()}
	err = o.printShops(p, f, namespace)
	return p.String(), need, err
}

// printShops writes the Shops to p in the format of the flag --output.
func (o *options) printShops(p *printer, f Fleet, namespace string) error {
	switch {
	case o.output.Structured() && len(o.names) == 1:
		return o.output.Print(p, f.Shops[0])
	case o.output.Structured():
		return o.output.Print(p, f)
	case o.output.Format == cmdutil.Name:
		for _, s := range f.Shops {
			p.line("shop.%s/%s", v1alpha1.GroupName, s.Name)
		}
	case len(o.names) > 0:
		for i, s := range f.Shops {
			if i > 0 {
				p.line("")
			}
			p.shop(s)
		}
	case len(f.Shops) == 0:
		p.line("No Shops %s. To write the documents of one: kubectl wismo onboard", where(namespace))
	default:
		p.fleet(f, o.output.Format == cmdutil.Wide)
	}
	return nil
}

func where(namespace string) string {
	if namespace == "" {
		return "in the cluster"
	}
	return "in the namespace " + namespace
}

// gather reads the named Shops, or all in the namespace; "" = in every namespace.
func gather(ctx context.Context, c client.Client, namespace string, names []string) ([]Shop, error) {
	shops := &v1alpha1.ShopList{}
	if err := c.List(ctx, shops, client.InNamespace(namespace)); err != nil {
		return nil, listError("Shops", err)
	}
	integrations := &v1alpha1.CarrierIntegrationList{}
	if err := c.List(ctx, integrations, client.InNamespace(namespace)); err != nil {
		return nil, listError("CarrierIntegrations", err)
	}
	by := map[string][]v1alpha1.CarrierIntegration{}
	for _, ci := range integrations.Items {
		of := ci.Namespace + "/" + ci.Spec.ShopRef.Name
		by[of] = append(by[of], ci)
	}
	var all []Shop
	for i := range shops.Items {
		s := &shops.Items[i]
		if len(names) == 0 || slices.Contains(names, s.Name) {
			all = append(all, Of(s, by[s.Namespace+"/"+s.Name]))
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(s Shop) bool { return s.Name == name }) {
			return nil, fmt.Errorf("there is no Shop %s in the namespace %s; to list all: kubectl get shops -A", name, namespace)
		}
	}
	return all, nil
}

func listError(what string, err error) error {
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return fmt.Errorf("listing the %s: their CRD is not installed; to check the installation: kubectl wismo doctor", what)
	}
	return fmt.Errorf("listing the %s: %w", what, err)
}
