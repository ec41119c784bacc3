package release

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

type statusOptions struct {
	operatorNamespaceFlag
	waiting
	output *cmdutil.Output
}

func statusCommand(env *cmdutil.Env) *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the state of the latest release",
		Long: `Show the state of the latest release: the current wave, the Shops that are moving, waiting or failed, and what to do next.

With --wait it keeps running until the release is everywhere, has been stopped, or waits for an approval. On a terminal it
redraws the status, elsewhere it prints one line for each change; with -o json or yaml these lines go to the standard error,
and the last state to the standard output. You need the right to read Shops in all namespaces, and ControllerRevisions and
ConfigMaps in the namespace of the operator.

Exit codes: 0 succeeded or in progress; 1 stopped, rolled back, or with problems (with --wait: or not finished in time);
2 the state is unknown.`,
		Example: `  kubectl wismo release status

  # In a pipeline, after a change to the library
  kubectl wismo release status --wait --timeout 2h

  # The Shops that failed on it
  kubectl wismo release status -o json | jq -r '.shops[] | select(.reason=="ReleaseFailed") | "\(.namespace)/\(.name)"'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	o.operatorNamespaceFlag.add(cmd)
	o.waiting.add(cmd, untilSettled)
	o.output = cmdutil.AddOutput(cmd, cmdutil.Wide)
	return env.AddClusterFlags(cmd)
}

func (o *statusOptions) run(ctx context.Context, env *cmdutil.Env) error {
	if err := o.output.Check(); err != nil {
		return err
	}
	c, err := env.Client()
	if err != nil {
		return err
	}
	if o.wait {
		return o.follow(ctx, env, c)
	}
	_, st, err := look(ctx, c, o.namespace)
	if err != nil {
		return err
	}
	if err := write(env, o.output, st); err != nil {
		return err
	}
	if st.stopped() {
		return cmdutil.ErrProblem
	}
	return nil
}

// follow waits for the end of the rollout, and prints the last state if the output is structured.
func (o *statusOptions) follow(ctx context.Context, env *cmdutil.Env, c client.Client) error {
	f := follower{operatorNamespaceFlag: o.operatorNamespaceFlag, waiting: o.waiting}
	if !o.output.Structured() {
		_, err := follow(ctx, env, c, f)
		return err
	}
	st, err := follow(ctx, env.ToStderr(), c, f)
	if st.Release == "" {
		return err
	}
	return errors.Join(o.output.Print(env.Out, st), err)
}

// look reads the state of the latest release.
func look(ctx context.Context, c client.Client, namespace string) (*releases, Status, error) {
	s, err := read(ctx, c, namespace)
	if err != nil {
		return nil, Status{}, err
	}
	all, err := shops(ctx, c)
	if err != nil {
		return nil, Status{}, err
	}
	return s, statusOf(s, all), nil
}

func write(env *cmdutil.Env, output *cmdutil.Output, st Status) error {
	if output.Structured() {
		return output.Print(env.Out, st)
	}
	p := &printer{paint: env.Painter(), now: env.Now()}
	p.status(st, output.Format == cmdutil.Wide)
	env.Printf("%s", p.String())
	return nil
}

type historyOptions struct {
	operatorNamespaceFlag
	output *cmdutil.Output
}

func historyCommand(env *cmdutil.Env) *cobra.Command {
	var o historyOptions
	cmd := &cobra.Command{
		Use:   "history",
		Short: "List the releases",
		Long: `List the releases, the newest first, with the result of each, the number of Shops that run it, and what it changed.

The operator keeps the last ten, and those to which a Shop or a rollback refers.

Exit codes: 0 listed, 2 the releases could not be read.`,
		Example: `  kubectl wismo release history

  # For a script
  kubectl wismo release history -o json | jq -r '.[] | select(.state=="Succeeded") | .name'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	o.add(cmd)
	o.output = cmdutil.AddOutput(cmd, cmdutil.Name)
	return env.AddClusterFlags(cmd)
}

func (o *historyOptions) run(ctx context.Context, env *cmdutil.Env) error {
	c, s, err := o.open(ctx, env, o.output)
	if err != nil {
		return err
	}
	all, err := shops(ctx, c)
	if err != nil {
		return err
	}
	entries := historyOf(s, all)
	if o.output.Structured() {
		return o.output.Print(env.Out, entries)
	}
	p := &printer{paint: env.Painter(), now: env.Now()}
	for _, e := range entries {
		if o.output.Format == cmdutil.Name {
			p.line("controllerrevision.apps/%s", e.Name)
		}
	}
	if o.output.Format != cmdutil.Name {
		p.history(entries)
	}
	env.Printf("%s", p.String())
	return nil
}

// printer writes text for the terminal.
type printer struct {
	bytes.Buffer
	paint cmdutil.Painter
	now   time.Time
}
