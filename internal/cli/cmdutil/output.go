package cmdutil

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// Formats of -o that a command prints itself; kubectl's printers do the others.
const (
	Text = ""
	Name = "name"
	Wide = "wide"
)

// Output is the flag -o of one command.
type Output struct {
	Format string
	own    []string // formats that the command prints itself
	print  *genericclioptions.PrintFlags
}

// AddOutput adds -o, with the command's own formats and those of kubectl that fit any value, and its completion.
func AddOutput(cmd *cobra.Command, own ...string) *Output {
	o := &Output{own: own, print: genericclioptions.NewPrintFlags("")}
	o.print.NamePrintFlags = nil // it only prints names of Kubernetes objects
	o.print.OutputFormat = &o.Format
	cmd.Flags().StringVarP(&o.Format, "output", "o", "", "Output `format`: "+strings.Join(o.formats(), ", ")+".")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(o.formats(), cobra.ShellCompDirectiveNoFileComp)) // the flag exists
	return o
}

// formats leaves out what kubectl keeps for old scripts, such as templatefile and go-template-file.
func (o *Output) formats() []string {
	return append(slices.Clone(o.own), "json", "yaml", "jsonpath", "go-template")
}

// Check returns an error for a format that the command does not have, and for a template that cannot be parsed.
func (o *Output) Check() error {
	if !o.Structured() {
		return nil
	}
	_, err := o.print.ToPrinter()
	if genericclioptions.IsNoCompatiblePrinterError(err) {
		return fmt.Errorf("--output: %q must be one of %s", o.Format, strings.Join(o.formats(), ", "))
	}
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}

// Structured reports whether the output is for a program to read.
func (o *Output) Structured() bool { return o.Format != Text && !slices.Contains(o.own, o.Format) }

// Print writes value in the structured format, as kubectl would.
func (o *Output) Print(w io.Writer, value any) error {
	printer, err := o.print.ToPrinter()
	if err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	return printer.PrintObj(&runtime.Unknown{Raw: text.Bytes(), ContentType: runtime.ContentTypeJSON}, w)
}

// DryRun is the value of --dry-run.
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
	cmd.Flags().StringVar((*string)(&d), "dry-run", string(DryRunNone), "`none` makes the change; client only prints what would be done; server also lets the API server validate the change without storing it.")
	cmd.Flags().Lookup("dry-run").NoOptDefVal = string(DryRunClient)
	values := []string{string(DryRunNone), string(DryRunClient), string(DryRunServer)}
	_ = cmd.RegisterFlagCompletionFunc("dry-run", cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // the flag exists
	return &d
}

// Check returns an error for an unknown value.
func (d DryRun) Check() error {
	switch d {
	case DryRunNone, DryRunClient, DryRunServer:
		return nil
	}
	return fmt.Errorf("--dry-run: %q must be none, client or server", string(d))
}

// Suffix returns what each line of output ends with in a dry run.
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

// Count returns a number with its noun: 1 error, 2 errors.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
