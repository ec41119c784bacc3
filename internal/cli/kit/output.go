package kit

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

// Formats of -o.
const (
	Text = ""
	JSON = "json"
	YAML = "yaml"
	Name = "name"
	Wide = "wide"
)

// Output is the flag -o of one command.
type Output struct {
	Format  string
	allowed []string
}

// AddOutput adds -o with the formats, and their completion.
func AddOutput(cmd *cobra.Command, formats ...string) *Output {
	o := &Output{allowed: formats}
	cmd.Flags().StringVarP(&o.Format, "output", "o", "", "Output `format`: "+strings.Join(formats, ", ")+".")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)) // the flag exists
	return o
}

// Check refuses a format that the command does not have.
func (o *Output) Check() error {
	if o.Format == Text || slices.Contains(o.allowed, o.Format) {
		return nil
	}
	return fmt.Errorf("--output: %q must be one of %s", o.Format, strings.Join(o.allowed, ", "))
}

// Structured says that a machine reads.
func (o *Output) Structured() bool { return o.Format == JSON || o.Format == YAML }

// Print writes a value as JSON or YAML.
func (o *Output) Print(w io.Writer, value any) error {
	if o.Format == YAML {
		text, err := yaml.Marshal(value)
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// DryRun is the flag --dry-run of one command that changes something.
type DryRun string

// Values of --dry-run.
const (
	DryRunNone   DryRun = "none"
	DryRunClient DryRun = "client"
	DryRunServer DryRun = "server"
)

// AddDryRun adds --dry-run, as kubectl has it.
func AddDryRun(cmd *cobra.Command) *DryRun {
	d := DryRunNone
	cmd.Flags().StringVar((*string)(&d), "dry-run", string(DryRunNone), "`none` changes the cluster; client says what would be done; server also asks the API server whether it would accept it.")
	cmd.Flags().Lookup("dry-run").NoOptDefVal = string(DryRunClient)
	values := []string{string(DryRunNone), string(DryRunClient), string(DryRunServer)}
	_ = cmd.RegisterFlagCompletionFunc("dry-run", cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // the flag exists
	return &d
}

// Check refuses another value.
func (d DryRun) Check() error {
	switch d {
	case DryRunNone, DryRunClient, DryRunServer:
		return nil
	}
	return fmt.Errorf("--dry-run: %q must be none, client or server", string(d))
}

// Suffix says behind each line what really happened.
func (d DryRun) Suffix() string {
	switch d {
	case DryRunClient:
		return " (dry run)"
	case DryRunServer:
		return " (server dry run)"
	case DryRunNone:
	}
	return ""
}

// Count writes a number with its word: 1 error, 2 errors.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
