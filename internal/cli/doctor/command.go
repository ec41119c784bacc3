package doctor

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

type options struct {
	namespace string
	strict    bool
	output    *cmdutil.Output
}

// Report is the output of -o json and yaml.
type Report struct {
	Checks  []Check       `json:"checks"`
	Summary map[Level]int `json:"summary"`
}

// Command is kubectl wismo doctor.
func Command(env *cmdutil.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check whether the cluster meets the requirements and the installation is healthy",
		Long: `Check whether the cluster meets the requirements and the installation is healthy.

It checks the CRDs, the operator and its leader election, its configuration, its RBAC permissions (all that it needs, and
none that would let it read a Secret), storage and ingress classes, free Service addresses, pod security, images, and the
Shops. Each check that is not ok names the next step. The command changes nothing. A check that you may not make is
reported as unknown.

Exit codes: 0 no check failed, 1 at least one failed (with --strict: or warned), 2 the cluster does not answer.`,
		Example: `  kubectl wismo doctor

  # In a pipeline, after an upgrade of the operator
  kubectl wismo doctor --strict -o json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	cmd.Flags().StringVar(&o.namespace, "operator-namespace", cmdutil.OperatorNamespace, "`NAMESPACE` of the operator.")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "Treat warnings as failures.")
	o.output = cmdutil.AddOutput(cmd)
	return env.AddClusterFlags(cmd)
}

func (o *options) run(ctx context.Context, env *cmdutil.Env) error {
	if err := o.output.Check(); err != nil {
		return err
	}
	c, err := env.Client()
	if err != nil {
		return err
	}
	d, err := env.Flags.ToDiscoveryClient()
	if err != nil {
		return err
	}
	if _, err := d.ServerVersion(); err != nil {
		return fmt.Errorf("the cluster does not answer: %w", err)
	}
	e := &examiner{Client: c, discovery: d, namespace: o.namespace}
	r := Report{Checks: e.examine(ctx), Summary: map[Level]int{}}
	for _, check := range r.Checks {
		r.Summary[check.Level]++
	}
	if err := o.print(env, r); err != nil {
		return err
	}
	if r.Summary[Fail] > 0 || o.strict && r.Summary[Warn] > 0 {
		return cmdutil.ErrProblem
	}
	return nil
}

func (o *options) print(env *cmdutil.Env, r Report) error {
	if o.output.Structured() {
		return o.output.Print(env.Out, r)
	}
	paint := env.Painter()
	colours := map[Level]cmdutil.Colour{OK: cmdutil.Green, Warn: cmdutil.Yellow, Fail: cmdutil.Red, Unknown: cmdutil.Faint}
	for _, c := range r.Checks {
		env.Printf("%s  %-16s %s\n", paint.Paint(colours[c.Level], fmt.Sprintf("%-7s", c.Level)), c.Name, c.Message)
		if c.Next != "" {
			env.Printf("%26s-> %s\n", "", c.Next)
		}
	}
	env.Printf("\n%d ok, %s, %s, %d unknown\n", r.Summary[OK], cmdutil.Count(r.Summary[Warn], "warning"), cmdutil.Count(r.Summary[Fail], "failure"), r.Summary[Unknown])
	return nil
}
