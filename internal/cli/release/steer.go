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

// wish is what somebody wants of the latest release: an annotation to write, or none where it is so already.
type wish struct {
	annotation string
	value      string   // empty = to be taken away
	said       string   // what is said of it
	already    bool     // it is so, and there is nothing to write
	waves      []string // that it concerns; nil = all
	backTo     string   // where a rollback leads
}

// field is the wish as a machine reads it.
func (w wish) field(r *revision) *Field {
	f := &Field{Object: "controllerrevision/" + r.object.Name, Path: "metadata.annotations[" + w.annotation + "]"}
	if w.value != "" {
		f.Value = w.value
	}
	return f
}

// steering is a command that annotates the latest release.
type steering struct {
	where
	patience
	action string // the name of the command
	dryRun *cmdutil.DryRun
	output *cmdutil.Output
	wanted rollout.State // where a release comes to rest that does as it is told; empty = everywhere
	paused rollout.Pause // what is to be in force; NotPaused = nothing is to be paused
	// ask says what to write, or why not.
	ask func(s *shelf, args []string) (wish, error)
	// confirm is asked before; nil = nothing is.
	confirm func(s *shelf) string
	yes     bool
}

// command completes a command that steers.
func (o *steering) command(env *cmdutil.Env, cmd *cobra.Command) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, args) }
	if cmd.Args == nil {
		cmd.Args = cobra.NoArgs
	}
	o.action = cmd.Name()
	o.where.add(cmd)
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
	a := newAccount(env, o.output, Outcome{Action: o.action, DryRun: string(*o.dryRun), Concerns: Concern{Scope: ScopeFleet}})
	err = o.steer(ctx, a, c, args)
	if err == nil && o.wait && *o.dryRun == cmdutil.DryRunNone {
		var st Status
		st, err = follow(ctx, a.people, c, follower{where: o.where, patience: o.patience, wanted: o.wanted, paused: o.paused})
		if st.Release != "" {
			a.Status = &st
		}
		err = a.waited(err)
	}
	return a.close(err)
}

// steer writes what is wished, and says so.
func (o *steering) steer(ctx context.Context, a *account, c client.Client, args []string) error {
	if err := o.confirmed(ctx, a.env, c); err != nil {
		return err
	}
	var w wish
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error { // the operator writes there, too
		s, err := read(ctx, c, o.namespace)
		if err != nil {
			return err
		}
		a.Release = s.latest().object.Name
		if w, err = o.ask(s, args); err != nil {
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
		a.done(a.Release, Unchanged, w.said, "")
	} else {
		a.done(a.Release, Done, w.said, o.dryRun.Suffix())
	}
	return nil
}

func (o *steering) confirmed(ctx context.Context, env *cmdutil.Env, c client.Client) error {
	if o.confirm == nil || o.yes || *o.dryRun != cmdutil.DryRunNone {
		return nil
	}
	s, err := read(ctx, c, o.namespace)
	if err != nil {
		return err
	}
	if question := o.confirm(s); !env.Confirm(ctx, question+" Go on?") {
		return cmdutil.Refuse("%s Not confirmed; --yes goes on without asking", question)
	}
	return nil
}

// write sets the annotation, if nobody has written to the release meanwhile.
func (o *steering) write(ctx context.Context, c client.Client, r *revision, w wish) error {
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

Exit codes: 0 done, or so already; 1 refused (with --wait: or it did not end well, or in time); 2 nothing could be done, or
with --wait it is not known how it ended. With -o json or yaml a document says what came of it, also of what was refused.`

func pauseCommand(env *cmdutil.Env) *cobra.Command {
	o := steering{paused: rollout.PausedAdvance}
	var all bool
	o.ask = func(s *shelf, _ []string) (wish, error) {
		what := "paused: no further Shop moves to it; a rollback goes on"
		if all {
			o.paused, what = rollout.PausedAll, "paused: no further Shop moves, neither on nor back"
		}
		w := wish{annotation: v1alpha1.AnnotationPause, value: string(o.paused), said: what}
		if s.latest().pause == w.value {
			w.said, w.already = "already "+what, true
		}
		return w, nil
	}
	cmd := o.command(env, &cobra.Command{
		Use:   "pause",
		Short: "Let no further Shop move to the latest release",
		Long: `Let no further Shop move to the latest release. Shops that are on the move arrive, and a rollback goes on, because it is
there for safety; --all stops that, too.` + exitCodes,
		Example: `  kubectl wismo release pause

  # And go on when nobody is on the move any more
  kubectl wismo release pause --wait

  # Nothing at all is to begin to move, and nothing does from now on
  kubectl wismo release pause --all --wait`,
	})
	cmd.Flags().BoolVar(&all, "all", false, "Stop a rollback, too.")
	o.patience.add(cmd, "it is in force and those that moved on have arrived; with --all: until it is in force, and say how many are under way")
	return cmd
}

func resumeCommand(env *cmdutil.Env) *cobra.Command {
	var o steering
	o.ask = func(s *shelf, _ []string) (wish, error) {
		w := wish{annotation: v1alpha1.AnnotationPause, said: "goes on"}
		if s.latest().pause == "" {
			w.said, w.already = "is not paused", true
		}
		return w, nil
	}
	cmd := o.command(env, &cobra.Command{
		Use:   "resume",
		Short: "Let a paused release go on",
		Long:  `Let a paused release go on.` + exitCodes,
		Example: `  kubectl wismo release resume

  # And follow it to its end
  kubectl wismo release resume --wait`,
	})
	o.patience.add(cmd, untilRest)
	return cmd
}

const untilRest = "the release is everywhere, was stopped, or waits for an approval"

func approveCommand(env *cmdutil.Env) *cobra.Command {
	var o steering
	o.ask = approval
	cmd := o.command(env, &cobra.Command{
		Use:   "approve [WAVE...]",
		Short: "Let waves of the latest release begin that wait for a person",
		Long: `Let waves of the latest release begin that wait for a person. Without a name: the wave that waits. A wave may be approved
before its turn; the next release waits anew.` + exitCodes,
		Example: `  # The wave that waits
  kubectl wismo release approve

  # Ahead of time, until the next stop
  kubectl wismo release approve early rest --wait`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeWaves(env, &o.where),
	})
	o.patience.add(cmd, untilRest)
	return cmd
}

func approval(s *shelf, args []string) (wish, error) {
	r := s.latest()
	if len(args) == 0 {
		if stateOf(s, r) != string(rollout.StateWaitingForApproval) {
			return wish{}, cmdutil.Refuse("%s is %s and waits for nobody; name a wave to approve it ahead of time", r.object.Name, stateOf(s, r))
		}
		args = []string{s.published["wave"]}
	}
	var fresh []string
	for _, name := range args {
		if strings.ContainsAny(name, ", ") || name == "" {
			return wish{}, fmt.Errorf("%q is no name of a wave", name)
		}
		if !slices.Contains(r.approved, name) && !slices.Contains(fresh, name) {
			fresh = append(fresh, name)
		}
	}
	w := wish{
		annotation: v1alpha1.AnnotationApprove, value: strings.Join(slices.Concat(r.approved, fresh), ","),
		said: "approved: " + strings.Join(fresh, ", "), waves: args,
	}
	if len(fresh) == 0 {
		w.said, w.already = "already approved: "+strings.Join(args, ", "), true
	}
	return w, nil
}

func retryCommand(env *cmdutil.Env) *cobra.Command {
	var o steering
	o.ask = func(s *shelf, _ []string) (wish, error) {
		r := s.latest()
		if haltOf(r) == nil {
			return wish{}, cmdutil.Refuse("%s is %s and not stopped; there is nothing to try again", r.object.Name, stateOf(s, r))
		}
		return wish{
			annotation: v1alpha1.AnnotationRetry, value: strconv.Itoa(r.attempt + 1),
			said: fmt.Sprintf("attempt %d begins with the first wave", r.attempt+1),
		}, nil
	}
	cmd := o.command(env, &cobra.Command{
		Use:   "retry",
		Short: "Try a release again that was stopped",
		Long: `Try a release again that was stopped or rolled back, from its first wave on. Use it when something else than the release was
at fault, such as a node; a release that is bad stays bad.` + exitCodes,
		Example: `  kubectl wismo release retry --wait`,
	})
	o.patience.add(cmd, untilRest)
	return cmd
}

func rollbackCommand(env *cmdutil.Env) *cobra.Command {
	o := steering{wanted: rollout.StateRolledBack}
	o.ask = func(s *shelf, _ []string) (wish, error) {
		r := s.latest()
		stable := s.stable()
		if stable == nil {
			return wish{}, cmdutil.Refuse("no release before %s was everywhere, so there is none to go back to; kubectl wismo release pause stops it", r.object.Name)
		}
		back := stable.object.Name
		w := wish{annotation: v1alpha1.AnnotationRollBack, value: strconv.Itoa(r.attempt + 1), said: "all Shops go back to " + back, backTo: back}
		if r.rollbackFor > r.attempt {
			w.said, w.already = "already being rolled back to "+back, true
		}
		return w, nil
	}
	o.confirm = func(s *shelf) string {
		return fmt.Sprintf("%s is stopped, and all Shops that follow the releases go back to the one before that was everywhere.", s.latest().object.Name)
	}
	cmd := o.command(env, &cobra.Command{
		Use:   "rollback",
		Short: "Take all Shops back to the last release that was everywhere",
		Long: `Take all Shops back to the last release that was everywhere before the latest, also where the latest has succeeded. What a
release holds is kept, so this needs neither Git nor the library. The library is left as it is: the next change of it makes a
new release. Shops that are held or pinned stay.` + exitCodes,
		Example: `  # What would be taken back
  kubectl wismo release diff

  kubectl wismo release rollback --yes --wait`,
	})
	o.patience.add(cmd, "all Shops are back")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "Go on without asking.")
	return cmd
}
