package lint

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

type options struct {
	Options
	files     []string
	recursive bool
	strict    bool
	output    *cmdutil.Output
}

// Command is kubectl wismo lint.
func Command(env *cmdutil.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "lint -f FILE|DIRECTORY|-",
		Short: "Check manifests as the API server and the operator would, without a cluster",
		Long: `Check manifests (YAML or JSON documents) as the API server and the operator would, without a cluster.

It validates Shops, CarrierIntegrations and NotificationPolicies with the API server's own library (schema, CEL rules,
defaults, unknown fields), then compiles each Shop as the operator does: it renders every template in every language for
every occasion, compiles definitions, compares hostnames, and compares the keys of Secrets among the documents (plain, SOPS,
SealedSecret or ExternalSecret) with those that are needed. It contacts no cluster and never prints the content of a Secret.
A reference to something that is not among the documents is a warning, because the cluster may have it. So is a field that this
version stores and does not act on.

To check a kustomize overlay: kubectl kustomize DIRECTORY | kubectl wismo lint -f -

Exit codes: 0 no error, 1 errors (with --strict: or warnings), 2 nothing could be checked.`,
		Example: `  # A directory, in a pipeline
  kubectl wismo lint -R -f merchants/

  # An overlay, as JSON
  kubectl kustomize overlays/production | kubectl wismo lint -f - -o json

  # Fail on warnings, too
  kubectl wismo lint --strict -f shop.yaml`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.run(env) },
	}
	f := cmd.Flags()
	f.StringSliceVarP(&o.files, "filename", "f", nil, "`FILE`, directory or - (standard input) to check; may be given several times.")
	f.BoolVarP(&o.recursive, "recursive", "R", false, "Also read the subdirectories of directories.")
	f.BoolVar(&o.strict, "strict", false, "Treat warnings as errors.")
	f.StringVarP(&o.Namespace, "namespace", "n", "default", "`NAMESPACE` of documents that name none.")
	f.StringVar(&o.LibraryNamespace, "library-namespace", v1alpha1.LibraryNamespace, "`NAMESPACE` of what the platform shares with all its Shops.")
	_ = cmd.MarkFlagFilename("filename", "yaml", "yml", "json") // the flag exists
	o.output = cmdutil.AddOutput(cmd)
	return cmd
}

func (o *options) run(env *cmdutil.Env) error {
	if err := o.output.Check(); err != nil {
		return err
	}
	r, err := o.check(env.In)
	if err != nil {
		return err
	}
	if r.Summary.Documents == 0 && r.Summary.Errors == 0 {
		return fmt.Errorf("no Shop, CarrierIntegration, NotificationPolicy, ConfigMap or Secret in %s", strings.Join(o.files, ", "))
	}
	if err := o.print(env, r); err != nil {
		return err
	}
	if r.Summary.Errors > 0 || o.strict && r.Summary.Warnings > 0 {
		return cmdutil.ErrProblem
	}
	return nil
}

// check reads and checks what the flags name.
func (o *options) check(stdin io.Reader) (Report, error) {
	if len(o.files) == 0 {
		return Report{}, errors.New("no documents: name a file, a directory or - (standard input) with -f")
	}
	documents, unreadable, err := ReadAll(o.files, o.recursive, stdin)
	if err != nil {
		return Report{}, err
	}
	r, err := Check(documents, o.Options)
	return report(append(unreadable, r.Findings...), r.Summary.Documents), err
}

func (o *options) print(env *cmdutil.Env, r Report) error {
	if o.output.Structured() {
		return o.output.Print(env.Out, r)
	}
	paint := env.Painter()
	colours := map[Level]cmdutil.Colour{Error: cmdutil.Red, Warning: cmdutil.Yellow, Note: cmdutil.Faint}
	for _, f := range r.Findings {
		line := f.String()
		level := ": " + string(f.Level) + ": "
		env.Printf("%s\n", strings.Replace(line, level, ": "+paint.Paint(colours[f.Level], string(f.Level))+": ", 1))
	}
	s := r.Summary
	env.Printf("%s: %s, %s, %s\n", cmdutil.Count(s.Documents, "document"), cmdutil.Count(s.Errors, "error"), cmdutil.Count(s.Warnings, "warning"), cmdutil.Count(s.Notes, "note"))
	return nil
}
