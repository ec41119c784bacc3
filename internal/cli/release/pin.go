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
	operatorNamespaceFlag
	waiting
	force  bool
	dryRun *cmdutil.DryRun
	output *cmdutil.Output
}

func (o *pinning) command(env *cmdutil.Env, cmd *cobra.Command, until string) *cobra.Command {
	o.operatorNamespaceFlag.add(cmd)
	o.waiting.add(cmd, until)
	o.dryRun = cmdutil.AddDryRun(cmd)
	o.output = cmdutil.AddOutput(cmd)
	cmd.Flags().BoolVar(&o.force, "force", false, "Change the Shop even if a GitOps tool would revert it.")
	return env.AddClusterFlags(cmd)
}

func pinCommand(env *cmdutil.Env) *cobra.Command {
	var o pinning
	return o.command(env, &cobra.Command{
		Use:   "pin SHOP [RELEASE]",
		Short: "Move a Shop to one release, and keep it there",
		Long: `Move a Shop to one release immediately, and keep it there: it follows no other release until it is unpinned. Changes to the
Shop's own spec still take effect. Without the name of a release, the Shop stays on the one that it runs. The command sets
spec.release of the Shop.

If a GitOps tool manages the Shop, the command refuses and prints the YAML to commit.

Exit codes: 0 done, or already pinned; 1 refused (with --wait: or the Shop did not reach the release in time); 2 it failed, or
with --wait the result is unknown. With -o json or yaml it prints the result as a document, after a refusal, too; its field
commit holds the YAML to commit.`,
		Example: `  # Keep linden on its release
  kubectl wismo release pin linden -n linden

  # Try the latest release with one Shop before its wave
  kubectl wismo release pin linden rel-0042 -n linden --wait`,
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: completePin(env, &o.operatorNamespaceFlag),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.pin(cmd.Context(), env, args) },
	}, "all pods of the Shop run the pinned release")
}

func unpinCommand(env *cmdutil.Env) *cobra.Command {
	var o pinning
	return o.command(env, &cobra.Command{
		Use:   "unpin SHOP",
		Short: "Let a Shop follow the releases again",
		Long: `Let a Shop follow the releases again, in its wave. The command removes spec.release of the Shop, and so ends a hold, too.

If a GitOps tool manages the Shop, the command refuses and prints the YAML to commit.

Exit codes: 0 done, or not pinned; 1 refused (with --wait: or the Shop does not follow the releases in time); 2 it failed, or
with --wait the result is unknown. With -o json or yaml it prints the result as a document, after a refusal, too; its field
commit holds the YAML to commit.`,
		Example:           `  kubectl wismo release unpin linden -n linden`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cmdutil.CompleteShops(env),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.unpin(cmd.Context(), env, args[0]) },
	}, "the Shop follows the releases again")
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

func (o *pinning) begin(env *cmdutil.Env, action, release string, shop *v1alpha1.Shop, choice *v1alpha1.ReleaseChoice) *reporter {
	return newReporter(env, o.output, Outcome{
		Action: action, DryRun: string(*o.dryRun), Release: release,
		Concerns: Concern{Scope: ScopeShop, Shop: shop.Namespace + "/" + shop.Name},
		Sets:     &Field{Object: "shop/" + shop.Name, Path: "spec.release", Value: choice},
	})
}

func (o *pinning) pinTo(ctx context.Context, a *reporter, c client.Client, shop *v1alpha1.Shop, choice v1alpha1.ReleaseChoice) error {
	name := string(choice.Name)
	if name == "" {
		return cmdutil.Refuse("shop/%s runs no release yet; name the one to pin it to", shop.Name)
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

// exists refuses an unknown release. If the user may not read the operator's namespace, the Shop's condition reports it
// later.
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
func (o *pinning) free(ctx context.Context, a *reporter, c client.Client, shop *v1alpha1.Shop) error {
	if now := shop.Spec.Release; now == nil || now.Policy == v1alpha1.ReleaseAuto || now.Policy == "" {
		a.done("shop/"+shop.Name, Unchanged, "already follows the releases", "")
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

// find reads the named Shop.
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
		return nil, nil, fmt.Errorf("there is no Shop %s in the namespace %s; to list all: kubectl get shops -A", name, namespace)
	} else if err != nil {
		return nil, nil, fmt.Errorf("reading the Shop %s/%s: %w", namespace, name, err)
	}
	return c, shop, nil
}

// write sets or removes spec.release and nothing else.
func (o *pinning) write(ctx context.Context, a *reporter, c client.Client, shop *v1alpha1.Shop, choice *v1alpha1.ReleaseChoice, said string) error {
	if owner := owner(shop); owner != "" && !o.force {
		a.Result, a.Commit = Refused, document(shop, choice)
		a.Message = fmt.Sprintf("shop/%s is managed by %s, which would revert the change", shop.Name, owner)
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

// owner returns the tool or field manager that owns spec.release or the whole Shop; "" if none does.
func owner(shop *v1alpha1.Shop) string {
	if tool := gitops.Tool(shop); tool != "" {
		return tool
	}
	if manager := gitops.Owner(shop, "f:spec", "f:release"); manager != "" {
		return "the field manager " + manager
	}
	return ""
}

// document returns the change as YAML to commit.
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

// follow prints each change of the Shop's state until it is done.
func (o *pinning) follow(ctx context.Context, a *reporter, c client.Client, shop *v1alpha1.Shop, done func(*v1alpha1.Shop) bool) error {
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
			a.progress.Printf("%s", text)
			said = text
		}
		return done(now), nil
	})
	if err == nil && late {
		err = cmdutil.Refuse("shop/%s: not done within %s; to see why: kubectl wismo status %s -n %s", shop.Name, o.timeout, shop.Name, shop.Namespace)
	}
	return a.waited(err)
}
