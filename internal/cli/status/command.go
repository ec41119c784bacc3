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
		Short:   "Say how one Shop or the fleet is, and what to do next",
		Long: `Say how one Shop or the fleet is, and what to do next.

With a name: everything about that Shop. Without: the Shops of the namespace, or with -A of the cluster, those that need
hands first. The next steps are those of docs/conditions.md. It needs the rights of a viewer.

Exit codes: 0 no Shop needs hands, 1 one does, 2 nothing can be told.`,
		Example: `  # The fleet, those that need hands first
  kubectl wismo status -A

  # One Shop: next steps, endpoints, carriers, DNS records
  kubectl wismo status linden -n linden

  # The names of all Shops that need hands, for a script
  kubectl wismo status -A -o json | jq -r '.shops[] | select(.need=="Hands") | "\(.namespace)/\(.name)"'`,
		ValidArgsFunction: cmdutil.CompleteShops(env),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, arg := range args {
				o.names = append(o.names, strings.TrimPrefix(strings.TrimPrefix(arg, "shop/"), "shop."+v1alpha1.GroupName+"/"))
			}
			return o.run(cmd.Context(), env)
		},
	}
	cmd.Flags().BoolVarP(&o.all, "all-namespaces", "A", false, "Look at the Shops of all namespaces.")
	cmd.Flags().BoolVarP(&o.watch, "watch", "w", false, "Go on, and write anew whenever something has changed.")
	o.output = cmdutil.AddOutput(cmd, cmdutil.Wide, cmdutil.Name)
	return env.AddClusterFlags(cmd)
}

func (o *options) run(ctx context.Context, env *cmdutil.Env) error {
	if err := o.output.Check(); err != nil {
		return err
	}
	if o.all && len(o.names) > 0 {
		return fmt.Errorf("--all-namespaces: a Shop is named together with its namespace, -n NAMESPACE")
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
	if need == NeedsHands {
		return cmdutil.ErrProblem
	}
	return nil
}

// follow looks again and again until it is interrupted, and writes what is new.
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

// look reads the cluster and writes down how it is.
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
	err = o.write(p, f, namespace)
	return p.String(), need, err
}

// write writes the Shops in the form that was asked for.
func (o *options) write(p *printer, f Fleet, namespace string) error {
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
		p.line("No Shop %s. Scaffold one with: kubectl wismo onboard", where(namespace))
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

// gather reads the named Shops, or all of the namespace; "" = of every namespace.
func gather(ctx context.Context, c client.Client, namespace string, names []string) ([]Shop, error) {
	shops := &v1alpha1.ShopList{}
	if err := c.List(ctx, shops, client.InNamespace(namespace)); err != nil {
		return nil, unable("Shops", err)
	}
	integrations := &v1alpha1.CarrierIntegrationList{}
	if err := c.List(ctx, integrations, client.InNamespace(namespace)); err != nil {
		return nil, unable("CarrierIntegrations", err)
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
			return nil, fmt.Errorf("there is no Shop %s in the namespace %s; kubectl get shops -A lists all", name, namespace)
		}
	}
	return all, nil
}

func unable(what string, err error) error {
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return fmt.Errorf("listing the %s: the cluster does not know them; kubectl wismo doctor says what is installed", what)
	}
	return fmt.Errorf("listing the %s: %w", what, err)
}
