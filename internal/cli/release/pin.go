package release

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/cli/gitops"
)

// pinning is a command that writes spec.release of one Shop.
type pinning struct {
	where
	patience
	force  bool
	dryRun *cmdutil.DryRun
	output *cmdutil.Output
}

func (o *pinning) command(env *cmdutil.Env, cmd *cobra.Command, until string) *cobra.Command {
	o.where.add(cmd)
	o.patience.add(cmd, until)
	o.dryRun = cmdutil.AddDryRun(cmd)
	o.output = cmdutil.AddOutput(cmd)
	cmd.Flags().BoolVar(&o.force, "force", false, "Write it even where a GitOps tool would take it back.")
	return env.AddClusterFlags(cmd)
}

func pinCommand(env *cmdutil.Env) *cobra.Command {
	var o pinning
	return o.command(env, &cobra.Command{
		Use:   "pin SHOP [RELEASE]",
		Short: "Take a Shop to one release, and keep it there",
		Long: `Take a Shop to one release, at once, and keep it there: no other release moves it until it is unpinned. What the Shop itself
asks for still changes it. Without a release: the one that it runs. It sets spec.release of the Shop.

Where a GitOps tool owns the Shop, it refuses and prints what to commit.

Exit codes: 0 done, or so already; 1 refused (with --wait: or it does not run the release in time); 2 nothing could be done, or
with --wait it is not known how it ended. With -o json or yaml a document says what came of it, also of what was refused: there,
commit is what to commit.`,
		Example: `  # Keep linden where it is, until somebody has looked
  kubectl wismo release pin linden -n linden

  # Let it try the latest release before its wave
  kubectl wismo release pin linden rel-0042 -n linden --wait`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: completePin(env, &o.where),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.pin(cmd.Context(), env, args) },
	}, "the Shop runs the release")
}

func unpinCommand(env *cmdutil.Env) *cobra.Command {
	var o pinning
	return o.command(env, &cobra.Command{
		Use:   "unpin SHOP",
		Short: "Let a Shop follow the releases again",
		Long: `Let a Shop follow the releases again, in its wave. It takes spec.release of the Shop away, and so ends a hold, too.

Where a GitOps tool owns the Shop, it refuses and prints what to commit.

Exit codes: 0 done, or so already; 1 refused (with --wait: or it does not follow in time); 2 nothing could be done, or with
--wait it is not known how it ended. With -o json or yaml a document says what came of it, also of what was refused: there,
commit is what to commit.`,
		Example:           `  kubectl wismo release unpin linden -n linden`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cmdutil.CompleteShops(env),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.unpin(cmd.Context(), env, args[0]) },
	}, "the Shop takes part again")
}

func (o *pinning) pin(ctx context.Context, env *cmdutil.Env, args []string) error {
	c, shop, err := o.find(ctx, env, args[0])
	if err != nil {
		return err
	}
	name := ""
	if r := shop.Status.Release; r != nil {
		name = string(r.Current)
	}
	if len(args) == 2 {
		name = args[1]
	}
	choice := v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleasePin, Name: v1alpha1.ReleaseName(name)}
	a := o.begin(env, "pin", name, shop, &choice)
	return a.close(o.pinTo(ctx, a, c, shop, choice))
}

// begin opens the account of what becomes of the Shop.
func (o *pinning) begin(env *cmdutil.Env, action, release string, shop *v1alpha1.Shop, choice *v1alpha1.ReleaseChoice) *account {
	return newAccount(env, o.output, Outcome{
		Action: action, DryRun: string(*o.dryRun), Release: release,
		Concerns: Concern{Scope: ScopeShop, Shop: shop.Namespace + "/" + shop.Name},
		Sets:     &Field{Object: "shop/" + shop.Name, Path: "spec.release", Value: choice},
	})
}

func (o *pinning) pinTo(ctx context.Context, a *account, c client.Client, shop *v1alpha1.Shop, choice v1alpha1.ReleaseChoice) error {
	name := string(choice.Name)
	if name == "" {
		return cmdutil.Refuse("shop/%s runs no release yet; name one", shop.Name)
	}
	if err := o.exists(ctx, c, name); err != nil {
		return err
	}
	if now := shop.Spec.Release; now != nil && *now == choice {
		a.done("shop/"+shop.Name, Unchanged, "already pinned to "+name, "")
	} else if err := o.write(ctx, a, c, shop, &choice, "pinned to "+name); err != nil {
		return err
	}
	return o.follow(ctx, a, c, shop, func(now *v1alpha1.Shop) bool {
		view := shopOf(now)
		return view.Current == name && view.Reason == v1alpha1.ReasonPinned
	})
}

// exists refuses a release that does not. Who may not look into the operator's namespace is told by the Shop's condition.
func (o *pinning) exists(ctx context.Context, c client.Client, name string) error {
	s, err := read(ctx, c, o.namespace)
	if apierrors.IsForbidden(err) {
		return nil
	}
	if err == nil {
		if _, unknown := s.named(name); unknown != nil {
			return cmdutil.Refuse("%v", unknown)
		}
	}
	return err
}

func (o *pinning) unpin(ctx context.Context, env *cmdutil.Env, name string) error {
	c, shop, err := o.find(ctx, env, name)
	if err != nil {
		return err
	}
	pinned := ""
	if now := shop.Spec.Release; now != nil {
		pinned = string(now.Name)
	}
	a := o.begin(env, "unpin", pinned, shop, nil)
	return a.close(o.free(ctx, a, c, shop))
}

// free lets the Shop follow the releases.
func (o *pinning) free(ctx context.Context, a *account, c client.Client, shop *v1alpha1.Shop) error {
	if now := shop.Spec.Release; now == nil || now.Policy == v1alpha1.ReleaseAuto || now.Policy == "" {
		a.done("shop/"+shop.Name, Unchanged, "follows the releases already", "")
	} else if err := o.write(ctx, a, c, shop, nil, "follows the releases again"); err != nil {
		return err
	}
	return o.follow(ctx, a, c, shop, func(now *v1alpha1.Shop) bool {
		switch shopOf(now).Reason {
		case v1alpha1.ReasonPinned, v1alpha1.ReasonHeld, v1alpha1.ReasonReleaseNotFound, v1alpha1.ReasonNotYetObserved:
			return false
		}
		return now.Status.ObservedGeneration >= shop.Generation
	})
}

// find reads the Shop that is named.
func (o *pinning) find(ctx context.Context, env *cmdutil.Env, name string) (client.Client, *v1alpha1.Shop, error) {
	if err := cmp.Or(o.dryRun.Check(), o.output.Check()); err != nil {
		return nil, nil, err
	}
	c, err := env.Client()
	if err != nil {
		return nil, nil, err
	}
	namespace, err := env.Namespace()
	if err != nil {
		return nil, nil, err
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "shop/"), "shop."+v1alpha1.GroupName+"/")
	shop := &v1alpha1.Shop{}
	if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, shop); apierrors.IsNotFound(err) {
		return nil, nil, fmt.Errorf("there is no Shop %s in the namespace %s; kubectl get shops -A lists all", name, namespace)
	} else if err != nil {
		return nil, nil, fmt.Errorf("reading the Shop %s/%s: %w", namespace, name, err)
	}
	return c, shop, nil
}

// write sets spec.release, or takes it away, and nothing else.
func (o *pinning) write(ctx context.Context, a *account, c client.Client, shop *v1alpha1.Shop, choice *v1alpha1.ReleaseChoice, said string) error {
	if owner := owner(shop); owner != "" && !o.force {
		a.Result, a.Commit = Refused, document(shop, choice)
		a.Message = fmt.Sprintf("shop/%s belongs to %s, which would take the change back", shop.Name, owner)
		return cmdutil.Refuse("%s. Commit this instead (or add --force):\n\n%s", a.Message, a.Commit)
	}
	if *o.dryRun != cmdutil.DryRunClient {
		patch, err := json.Marshal(map[string]any{
			"metadata": map[string]any{"resourceVersion": shop.ResourceVersion}, "spec": map[string]any{"release": choice},
		})
		if err != nil {
			return err
		}
		opts := []client.PatchOption{client.FieldOwner(cmdutil.FieldManager)}
		if *o.dryRun == cmdutil.DryRunServer {
			opts = append(opts, client.DryRunAll)
		}
		if err := c.Patch(ctx, shop, client.RawPatch(types.MergePatchType, patch), opts...); err != nil {
			return fmt.Errorf("shop/%s: setting spec.release: %w", shop.Name, err)
		}
	}
	a.done("shop/"+shop.Name, Done, said, o.dryRun.Suffix())
	return nil
}

// owner is whoever writes spec.release, or the whole Shop.
func owner(shop *v1alpha1.Shop) string {
	if tool := gitops.Tool(shop); tool != "" {
		return tool
	}
	if manager := gitops.Owner(shop, "f:spec", "f:release"); manager != "" {
		return "the field manager " + manager
	}
	return ""
}

// document is the change as a person would commit it.
func document(shop *v1alpha1.Shop, choice *v1alpha1.ReleaseChoice) string {
	if choice == nil {
		choice = &v1alpha1.ReleaseChoice{Policy: v1alpha1.ReleaseAuto}
	}
	out, err := yaml.Marshal(map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "Shop",
		"metadata": map[string]any{"name": shop.Name, "namespace": shop.Namespace}, "spec": map[string]any{"release": choice},
	})
	if err != nil {
		return ""
	}
	return string(out)
}

// follow waits until the Shop has done it, and says where it stands in between.
func (o *pinning) follow(ctx context.Context, a *account, c client.Client, shop *v1alpha1.Shop, done func(*v1alpha1.Shop) bool) error {
	if !o.wait || *o.dryRun != cmdutil.DryRunNone {
		return nil
	}
	said := ""
	late, err := o.repeat(ctx, func(ctx context.Context) (bool, error) {
		now := &v1alpha1.Shop{}
		if err := c.Get(ctx, client.ObjectKeyFromObject(shop), now); err != nil {
			return false, err
		}
		view := shopOf(now)
		a.Shop = &view
		if text := fmt.Sprintf("shop/%s: %s on %s\n", shop.Name, view.Reason, dash(view.Current)); text != said {
			a.people.Printf("%s", text)
			said = text
		}
		return done(now), nil
	})
	if err == nil && late {
		err = cmdutil.Refuse("shop/%s: not done within %s; kubectl wismo status %s -n %s says why", shop.Name, o.timeout, shop.Name, shop.Namespace)
	}
	return a.waited(err)
}
