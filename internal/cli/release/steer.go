package release

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// request is a change to the latest release: an annotation to write.
type request struct {
	annotation string
	value      string   // empty = to be removed
	message    string   // for the user
	already    bool     // the annotation is there, so there is nothing to write
	waves      []string // that it concerns; nil = all
	backTo     string   // the release to which a rollback leads
}

// field returns the request for the structured output.
func (w request) field(r *storedRelease) *Field {
	f := &Field{Object: "controllerrevision/" + r.object.Name, Path: "metadata.annotations[" + w.annotation + "]"}
	if w.value != "" {
		f.Value = w.value
	}
	return f
}

// steering is a command that annotates the latest release.
type steering struct {
	operatorNamespaceFlag
	waiting
	action string // the name of the command
	dryRun *cmdutil.DryRun
	output *cmdutil.Output
	wanted rollout.State // see follower
	paused rollout.Pause // see follower
	// request returns what to write, or why it is refused.
	request func(s *releases, args []string) (request, error)
	// confirm returns what the user has to agree to; nil = nothing.
	confirm func(s *releases) string
	yes     bool
}

// command adds the common flags to cmd.
func (o *steering) command(env *cmdutil.Env, cmd *cobra.Command) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, args) }
	if cmd.Args == nil {
		cmd.Args = cobra.NoArgs
	}
	o.action = cmd.Name()
	o.operatorNamespaceFlag.add(cmd)
	o.dryRun = cmdutil.AddDryRun(cmd)
	o.output = cmdutil.AddOutput(cmd)
	return env.AddClusterFlags(cmd)
}

func (o *steering) run(ctx context.Context, env *cmdutil.Env, args []string) error {
	if err := cmp.Or(o.dryRun.Check(), o.output.Check()); err != nil {
		return err
	}
	c, err := env.Client()
	if err != nil {
		return err
	}
	a := newReporter(env, o.output, Outcome{Action: o.action, DryRun: string(*o.dryRun), Concerns: Concern{Scope: ScopeFleet}})
	err = o.steer(ctx, a, c, args)
	if err == nil && o.wait && *o.dryRun == cmdutil.DryRunNone {
		var st Status
		st, err = follow(ctx, a.progress, c, follower{operatorNamespaceFlag: o.operatorNamespaceFlag, waiting: o.waiting, wanted: o.wanted, paused: o.paused})
		if st.Release != "" {
			a.Status = &st
		}
		err = a.waited(err)
	}
	return a.close(err)
}

// steer writes the request and prints the result.
func (o *steering) steer(ctx context.Context, a *reporter, c client.Client, args []string) error {
	if err := o.askToConfirm(ctx, a.env, c); err != nil {
		return err
	}
	var w request
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error { // the operator also writes to it
		s, err := read(ctx, c, o.namespace)
		if err != nil {
			return err
		}
		a.Release = s.latest().object.Name
		if w, err = o.request(s, args); err != nil {
			return err
		}
		a.Sets = w.field(s.latest())
		return o.write(ctx, c, s.latest(), w)
	})
	if err != nil {
		return err
	}
	a.BackTo = w.backTo
	if len(w.waves) > 0 {
		a.Concerns = Concern{Scope: ScopeWaves, Waves: w.waves}
	}
	if w.already {
		a.done(a.Release, Unchanged, w.message, "")
	} else {
		a.done(a.Release, Done, w.message, o.dryRun.Suffix())
	}
	return nil
}

// askToConfirm asks the question of the command, if it has one. It returns an error unless the user agrees or need not be asked.
func (o *steering) askToConfirm(ctx context.Context, env *cmdutil.Env, c client.Client) error {
	if o.confirm == nil || o.yes || *o.dryRun != cmdutil.DryRunNone {
		return nil
	}
	s, err := read(ctx, c, o.namespace)
	if err != nil {
		return err
	}
	if question := o.confirm(s); !env.Confirm(ctx, question+" Continue?") {
		return cmdutil.Refuse("not confirmed, so nothing was changed; use --yes to skip the question")
	}
	return nil
}

// write sets the annotation, and fails if the release has changed meanwhile.
func (o *steering) write(ctx context.Context, c client.Client, r *storedRelease, w request) error {
	if w.already || *o.dryRun == cmdutil.DryRunClient {
		return nil
	}
	var value any = w.value
	if w.value == "" {
		value = nil
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"resourceVersion": r.object.ResourceVersion, "annotations": map[string]any{w.annotation: value},
	}})
	if err != nil {
		return err
	}
	opts := []client.PatchOption{client.FieldOwner(cmdutil.FieldManager)}
	if *o.dryRun == cmdutil.DryRunServer {
		opts = append(opts, client.DryRunAll)
	}
	if err := c.Patch(ctx, r.object, client.RawPatch(types.MergePatchType, patch), opts...); err != nil {
		return fmt.Errorf("annotating %s: %w", r.object.Name, err)
	}
	return nil
}

const exitCodes = `

Exit codes: 0 done, or nothing to change; 1 refused (with --wait: or stopped, or not finished in time); 2 it failed, or with
--wait the result is unknown. With -o json or yaml it prints the result as a document, after a refusal, too.`

func pauseCommand(env *cmdutil.Env) *cobra.Command {
	o := steering{paused: rollout.PausedAdvance}
	var all bool
	o.request = func(s *releases, _ []string) (request, error) {
		what := "paused: no further Shop moves to it; a rollback continues"
		if all {
			o.paused, what = rollout.PausedAll, "paused: no further Shop moves, neither forward nor back"
		}
		w := request{annotation: v1alpha1.AnnotationPause, value: string(o.paused), message: what}
		if s.latest().pause == w.value {
			w.message, w.already = "already "+what, true
		}
		return w, nil
	}
	cmd := o.command(env, &cobra.Command{
		Use:   "pause",
		Short: "Pause the rollout of the latest release",
		Long: `Pause the rollout of the latest release: no further Shop moves to it. Shops that are moving finish, and a rollback
continues, because it restores service; --all pauses that, too.` + exitCodes,
		Example: `  kubectl wismo release pause

  # Pause, and wait until no Shop is moving to the release
  kubectl wismo release pause --wait

  # Also pause a rollback, and wait until the operator has applied the pause
  kubectl wismo release pause --all --wait`,
	})
	cmd.Flags().BoolVar(&all, "all", false, "Also pause a rollback.")
	o.waiting.add(cmd, "the pause is in force and no Shop is moving forward; with --all until it is in force, and print how many Shops are still moving")
	return cmd
}

func resumeCommand(env *cmdutil.Env) *cobra.Command {
	var o steering
	o.request = func(s *releases, _ []string) (request, error) {
		w := request{annotation: v1alpha1.AnnotationPause, message: "resumed"}
		if s.latest().pause == "" {
			w.message, w.already = "is not paused", true
		}
		return w, nil
	}
	cmd := o.command(env, &cobra.Command{
		Use:   "resume",
		Short: "Resume a paused release",
		Long:  `Resume a paused release.` + exitCodes,
		Example: `  kubectl wismo release resume

  # Resume, and wait until the release is everywhere, was stopped, or waits for an approval
  kubectl wismo release resume --wait`,
	})
	o.waiting.add(cmd, untilSettled)
	return cmd
}

const untilSettled = "the release is everywhere, was stopped, or waits for an approval"

func approveCommand(env *cmdutil.Env) *cobra.Command {
	var o steering
	o.request = approval
	cmd := o.command(env, &cobra.Command{
		Use:   "approve [WAVE...]",
		Short: "Approve waves of the latest release",
		Long: `Approve waves of the latest release that need an approval. Without a name it approves the wave that is waiting. A wave may
be approved ahead of time; the next release needs a new approval.` + exitCodes,
		Example: `  # Approve the waiting wave
  kubectl wismo release approve

  # Approve two waves ahead of time, and wait
  kubectl wismo release approve early rest --wait`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeWaves(env, &o.operatorNamespaceFlag),
	})
	o.waiting.add(cmd, untilSettled)
	return cmd
}

func approval(s *releases, args []string) (request, error) {
	r := s.latest()
	if len(args) == 0 {
		if stateOf(s, r) != string(rollout.StateWaitingForApproval) {
			return request{}, cmdutil.Refuse("%s is %s and waits for no approval; name a wave to approve it ahead of time", r.object.Name, stateOf(s, r))
		}
		args = []string{s.published["wave"]}
	}
	var fresh []string
	for _, name := range args {
		if strings.ContainsAny(name, ", ") || name == "" {
			return request{}, fmt.Errorf("%q is not a name of a wave", name)
		}
		if !slices.Contains(r.approved, name) && !slices.Contains(fresh, name) {
			fresh = append(fresh, name)
		}
	}
	w := request{
		annotation: v1alpha1.AnnotationApprove, value: strings.Join(slices.Concat(r.approved, fresh), ","),
		message: "approved: " + strings.Join(fresh, ", "), waves: args,
	}
	if len(fresh) == 0 {
		w.message, w.already = "already approved: "+strings.Join(args, ", "), true
	}
	return w, nil
}

func retryCommand(env *cmdutil.Env) *cobra.Command {
	var o steering
	o.request = func(s *releases, _ []string) (request, error) {
		r := s.latest()
		if haltOf(r) == nil {
			return request{}, cmdutil.Refuse("%s is %s, not stopped; there is nothing to retry", r.object.Name, stateOf(s, r))
		}
		return request{
			annotation: v1alpha1.AnnotationRetry, value: strconv.Itoa(r.attempt + 1),
			message: fmt.Sprintf("attempt %d starts with the first wave", r.attempt+1),
		}, nil
	}
	cmd := o.command(env, &cobra.Command{
		Use:   "retry",
		Short: "Retry a release that was stopped",
		Long: `Retry a release that was stopped or rolled back, from its first wave on. Use it if the release was not the cause, but, for
example, a failed node.` + exitCodes,
		Example: `  kubectl wismo release retry --wait`,
	})
	o.waiting.add(cmd, untilSettled)
	return cmd
}

func rollbackCommand(env *cmdutil.Env) *cobra.Command {
	o := steering{wanted: rollout.StateRolledBack}
	o.request = func(s *releases, _ []string) (request, error) {
		r := s.latest()
		stable := s.stable()
		if stable == nil {
			return request{}, cmdutil.Refuse("no release before %s was everywhere, so there is none to roll back to; to stop it: kubectl wismo release pause", r.object.Name)
		}
		back := stable.object.Name
		w := request{annotation: v1alpha1.AnnotationRollBack, value: strconv.Itoa(r.attempt + 1), message: "all Shops move back to " + back, backTo: back}
		if r.rollbackFor > r.attempt {
			w.message, w.already = "already being rolled back to "+back, true
		}
		return w, nil
	}
	o.confirm = func(s *releases) string {
		return fmt.Sprintf("%s will be stopped, and all Shops that follow the releases move back to the last release before it that was everywhere.", s.latest().object.Name)
	}
	cmd := o.command(env, &cobra.Command{
		Use:   "rollback",
		Short: "Move all Shops back to the last release that was everywhere",
		Long: `Move all Shops back to the last release before the latest that was everywhere, even if the latest has succeeded. The
operator keeps the content of releases, so this needs neither Git nor the library. It does not change the library: the next
change there creates a new release. Shops that are held or pinned stay.` + exitCodes,
		Example: `  # See what would be reverted
  kubectl wismo release diff

  kubectl wismo release rollback --yes --wait`,
	})
	o.waiting.add(cmd, "all Shops are back")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "Do not ask before the rollback.")
	return cmd
}
