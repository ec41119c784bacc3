package rotate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

const (
	jsonPatch = types.JSONPatchType
	linkKeys  = bundle.LinkKeys
)

type options struct {
	key     string
	leaked  bool
	force   bool
	yes     bool
	wait    bool
	timeout time.Duration
	dryRun  *cmdutil.DryRun
}

// Command is kubectl wismo rotate.
func Command(env *cmdutil.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "rotate shop/NAME|carrierintegration/NAME",
		Short: "Replace a generated secret, with an overlap or, after a leak, immediately",
		Long: `Replace a generated secret, with an overlap or, after a leak, immediately.

It changes intake.webhook.rotation.token in the spec, upon which the operator creates the next key. The old key stays valid
for overlapHours (by default 24); with --leaked it becomes invalid immediately. If a pipeline (Flux, Argo CD) or an applied
file owns that field, the command refuses and prints the YAML to commit. --force changes the field anyway; change the file,
too, or the next apply rotates the key again.

Every Shop has the source api, even if its spec does not list it: --key api adds an entry of that name to orders.sources.
The keys that sign links have no field in the spec: --key links sets rotateAt in the record of the newest key to now, so that
the operator replaces it as it does on schedule; links in sent mails stay valid. With --leaked it deletes the records of all
link keys, and the links in sent mails stop working.

Secrets that you created yourself are not rotated: replace their content, and the pods read them again.

Exit codes: 0 done, 1 refused or not done in time, 2 the result is unknown.`,
		Example: `  # Replace the webhook secret of a carrier; the old one stays valid for a day
  kubectl wismo rotate carrierintegration/easypost -n fjallro --wait

  # Replace a leaked one immediately
  kubectl wismo rotate carrierintegration/easypost -n fjallro --leaked

  # See what would be done to one order source of a Shop
  kubectl wismo rotate shop/fjallro -n fjallro --key webshop --dry-run=server

  # The key of the source that every Shop has
  kubectl wismo rotate shop/fjallro -n fjallro --key api

  # Replace the key that signs links ahead of schedule
  kubectl wismo rotate shop/fjallro -n fjallro --key links`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cmdutil.CompleteObjects(env),
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.key, "key", "", "Of a Shop: the order `SOURCE` whose secret is replaced, or links (default: all order sources in the spec).")
	f.BoolVar(&o.leaked, "leaked", false, "The secret has leaked: the old one becomes invalid immediately. Sets overlapHours to 0.")
	f.BoolVar(&o.force, "force", false, "Change the field even if a file or a pipeline owns it.")
	f.BoolVarP(&o.yes, "yes", "y", false, "Do not ask before the links in sent mails stop working.")
	f.BoolVar(&o.wait, "wait", false, "Wait until the new key exists, and print until when the old one is valid.")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "With --wait: give up after this `duration`.")
	o.dryRun = cmdutil.AddDryRun(cmd)
	return env.AddClusterFlags(cmd)
}

func (o *options) run(ctx context.Context, env *cmdutil.Env, arg string) error {
	kind, name, err := parse(arg)
	if err == nil {
		err = o.dryRun.Check()
	}
	if err != nil {
		return err
	}
	c, err := env.Client()
	if err != nil {
		return err
	}
	namespace, err := env.Namespace()
	if err != nil {
		return err
	}
	at := client.ObjectKey{Namespace: namespace, Name: name}
	if kind == "Shop" {
		return o.ofShop(ctx, env, c, at)
	}
	if o.key != "" {
		return errors.New("--key: a CarrierIntegration has only one key; use the flag with a Shop")
	}
	targets, err := integration(ctx, c, at)
	return o.each(ctx, env, c, targets, found(kind, at, err))
}

// ofShop rotates the keys of a Shop that --key names.
func (o *options) ofShop(ctx context.Context, env *cmdutil.Env, c client.Client, at client.ObjectKey) error {
	shop := &v1alpha1.Shop{}
	if err := c.Get(ctx, at, shop); err != nil {
		return found("Shop", at, err)
	}
	if o.key == Links {
		return o.ofLinks(ctx, env, c, shop)
	}
	targets := sources(shop, o.key)
	if len(targets) == 0 {
		return fmt.Errorf("shop/%s has no order source %q in its spec; every Shop has the keys api and links", at.Name, o.key)
	}
	return o.each(ctx, env, c, targets, nil)
}

func found(kind string, at client.ObjectKey, err error) error {
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("there is no %s %s in the namespace %s", kind, at.Name, at.Namespace)
	}
	return err
}

// each rotates the keys and stops at the first error.
func (o *options) each(ctx context.Context, env *cmdutil.Env, c client.Client, targets []target, err error) error {
	if err != nil {
		return err
	}
	token := env.Now().UTC().Format("20060102T150405Z")
	rotated := 0
	for _, t := range targets {
		done, err := o.one(ctx, env, c, t, token, len(targets) == 1)
		if err != nil {
			return err
		}
		if done {
			rotated++
		}
	}
	if rotated == 0 {
		return cmdutil.Refuse("no source of %s has a generated secret; to replace your own, change the Secrets that credentialsSecretRef names", targets[0].object.GetName())
	}
	return nil
}

// one rotates one key. It returns false if there is none; that is an error if the user named the key.
func (o *options) one(ctx context.Context, env *cmdutil.Env, c client.Client, t target, token string, named bool) (bool, error) {
	before, err := records(ctx, c, t.object.GetNamespace(), t.shop, t.purpose)
	if err != nil {
		return false, err
	}
	if len(before) == 0 || t.intake.Mode == v1alpha1.IntakePoll {
		if named {
			return false, cmdutil.Refuse("%s has no generated secret. To replace your own, change the Secret that credentialsSecretRef names; the pods read it again within two minutes", t.title)
		}
		return false, nil
	}
	if owner := t.owner(o.leaked); owner != "" && !o.force {
		return false, cmdutil.Refuse("%s is managed by %s, which would revert the change. Commit this instead (or add --force):\n\n%s", t.title, owner, t.document(token, o.leaked))
	}
	if err := o.apply(ctx, c, t, token); err != nil {
		return false, fmt.Errorf("%s: requesting the next key: %w", t.title, err)
	}
	env.Printf("%s: rotation %s requested%s\n", t.title, token, o.dryRun.Suffix())
	return true, o.followUp(ctx, env, c, t, before[0].number)
}

// followUp prints a warning after a leak, and waits for the new key if --wait is set.
func (o *options) followUp(ctx context.Context, env *cmdutil.Env, c client.Client, t target, before int) error {
	if o.leaked && t.at != nil {
		env.Printf("%s: overlapHours is now 0, for later rotations, too; set it back when this one is done\n", t.title)
	}
	if o.wait && *o.dryRun == cmdutil.DryRunNone {
		return wait(ctx, env, c, t, before, o.timeout)
	}
	return nil
}

func (o *options) apply(ctx context.Context, c client.Client, t target, token string) error {
	if *o.dryRun == cmdutil.DryRunClient {
		return nil
	}
	patch, err := t.patch(token, o.leaked)
	if err != nil {
		return err
	}
	opts := []client.PatchOption{client.FieldOwner(cmdutil.FieldManager)}
	if *o.dryRun == cmdutil.DryRunServer {
		opts = append(opts, client.DryRunAll)
	}
	return c.Patch(ctx, t.object, patch, opts...)
}

// ofLinks replaces the keys that sign links, for which the spec has no field.
func (o *options) ofLinks(ctx context.Context, env *cmdutil.Env, c client.Client, shop *v1alpha1.Shop) error {
	t := target{object: shop, shop: shop.Name, purpose: linkKeys, title: "shop/" + shop.Name + " key " + Links}
	keys, err := records(ctx, c, shop.Namespace, shop.Name, linkKeys)
	if err != nil {
		return err
	}
	if len(keys) == 0 {
		return cmdutil.Refuse("%s: the operator has created no key yet", t.title)
	}
	if !o.leaked {
		err = o.bringForward(ctx, env, c, t, keys[0])
	} else {
		err = o.revoke(ctx, env, c, t, keys)
	}
	if err != nil {
		return err
	}
	return o.followUp(ctx, env, c, t, keys[0].number)
}

// bringForward makes the next key due now, so that the operator replaces the newest one as it does on schedule.
func (o *options) bringForward(ctx context.Context, env *cmdutil.Env, c client.Client, t target, newest record) error {
	if *o.dryRun != cmdutil.DryRunClient {
		opts := []client.PatchOption{client.FieldOwner(cmdutil.FieldManager)}
		if *o.dryRun == cmdutil.DryRunServer {
			opts = append(opts, client.DryRunAll)
		}
		due := newest.configMap.DeepCopy()
		due.Data["rotateAt"] = env.Now().UTC().Format(time.RFC3339)
		if err := c.Patch(ctx, due, client.MergeFromWithOptions(&newest.configMap, client.MergeFromWithOptimisticLock{}), opts...); err != nil {
			return fmt.Errorf("%s: bringing the replacement of key %d forward: %w", t.title, newest.number, err)
		}
	}
	env.Printf("%s: the replacement of key %d is due now%s\n", t.title, newest.number, o.dryRun.Suffix())
	return nil
}

// revoke deletes the records of leaked keys after asking. Garbage collection deletes their Secrets, and the operator creates
// a new key.
func (o *options) revoke(ctx context.Context, env *cmdutil.Env, c client.Client, t target, keys []record) error {
	if !o.yes && *o.dryRun == cmdutil.DryRunNone && !env.Confirm(ctx, "Every link in the mails that "+t.shop+" has sent will stop working. Continue?") {
		return cmdutil.Refuse("%s: not confirmed, so nothing was changed; use --yes to skip the question", t.title)
	}
	return o.remove(ctx, env, c, t, keys)
}

// remove deletes the records.
func (o *options) remove(ctx context.Context, env *cmdutil.Env, c client.Client, t target, keys []record) error {
	opts := []client.DeleteOption{client.PropagationPolicy(metav1.DeletePropagationForeground)} // the record stays until its Secret is deleted
	if *o.dryRun == cmdutil.DryRunServer {
		opts = append(opts, client.DryRunAll)
	}
	for _, r := range keys {
		if *o.dryRun != cmdutil.DryRunClient {
			if err := c.Delete(ctx, &r.configMap, opts...); client.IgnoreNotFound(err) != nil {
				return fmt.Errorf("%s: deleting key %d: %w", t.title, r.number, err)
			}
		}
		env.Printf("%s: key %d deleted%s\n", t.title, r.number, o.dryRun.Suffix())
	}
	return nil
}
