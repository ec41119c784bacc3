package onboard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/cli/lint"
)

type options struct {
	Answers
	directory string
	overwrite bool
	dryRun    *cmdutil.DryRun
}

// Command is kubectl wismo onboard.
func Command(env *cmdutil.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "onboard [NAME]",
		Short: "Write the documents of a new merchant",
		Long: `Write the documents of a new merchant: namespace, Shop, CarrierIntegrations, and stubs of the Secrets that they need, with
the keys that each provider requires.

On a terminal it asks for what the flags leave open, and asks again if an answer is invalid. Elsewhere the flags must say
everything. The documents go into a directory with a kustomization, or to the standard output. They pass kubectl wismo lint.
The command contacts no cluster.

Exit codes: 0 written, 1 a file exists already, 2 an answer is missing or invalid (the message names it).`,
		Example: `  # Ask for everything else
  kubectl wismo onboard linden -d merchants/linden

  # In a script
  kubectl wismo onboard linden --hostname track.linden.example --country NL --carrier sendcloud --carrier easypost \
    --secrets external-secrets --store platform-vault -d merchants/linden

  # Create the Shop directly
  kubectl wismo onboard linden --hostname track.linden.example --country NL | kubectl apply -f -`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Name = args[0]
			}
			return o.run(cmd.Context(), env)
		},
	}
	o.flags(cmd)
	o.dryRun = cmdutil.AddDryRun(cmd)
	return cmd
}

func (o *options) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&o.Namespace, "namespace", "n", "", "`NAMESPACE` of the merchant (default: the name of the Shop).")
	f.StringVar(&o.DisplayName, "display-name", "", "`NAME` of the merchant as shoppers see it.")
	f.StringVar(&o.Hostname, "hostname", "", "`HOSTNAME` of the tracking page, such as track.linden.example.")
	f.StringVar(&o.Country, "country", "", "Home `COUNTRY` in two letters, such as NL.")
	f.StringVar(&o.TimeZone, "time-zone", "", "IANA time `ZONE`; required if the country has several.")
	f.StringSliceVar(&o.Locales, "locale", nil, "`LOCALE` of the page and the messages; may be given several times, the first is the default.")
	f.StringVar(&o.Support, "support-email", "", "E-mail `ADDRESS` of customer support.")
	f.StringVar(&o.Rehearsal, "rehearsal", "", "Start in rehearsal: every message goes to this `ADDRESS` instead of the shopper.")
	f.StringSliceVar(&o.Carriers, "carrier", nil, "Carrier or aggregator, a `DEFINITION` of the catalog; may be given several times.")
	f.StringSliceVar(&o.Orders, "orders", nil, "Shop system that sends orders, `DEFINITION[=ACCOUNT-URL]`; may be given several times.")
	f.StringVar(&o.SMTP, "smtp", "", "Mail server of the merchant, `HOST:PORT` (default: the platform's relay).")
	f.StringVar(&o.From, "from", "", "Sender's `ADDRESS` of mails through --smtp.")
	f.StringVar(&o.Policy, "policy", "", "`NAME` of a NotificationPolicy of the library (default: the built-in policy).")
	f.StringVar(&o.Secrets, "secrets", "", "How Secrets get into the cluster, a `METHOD`: "+strings.Join(waysOfSecrets, ", ")+" (default "+ExternalSecrets+").")
	f.StringVar(&o.Store, "store", "", "`NAME` of the ClusterSecretStore of External Secrets (default platform-vault).")
	f.StringVarP(&o.directory, "directory", "d", "", "`DIRECTORY` to write the files into (default: print them).")
	f.BoolVar(&o.overwrite, "overwrite", false, "Overwrite existing files.")
	fixed := map[string][]string{"carrier": providers(bundle.Carrier), "orders": providers(bundle.Orders), "secrets": waysOfSecrets}
	for flag, values := range fixed {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // the flags exist
	}
	_ = cmd.MarkFlagDirname("directory") // the flag exists
}

func (o *options) run(ctx context.Context, env *cmdutil.Env) error {
	if err := o.dryRun.Check(); err != nil {
		return err
	}
	if len(o.missing()) > 0 && env.Interactive() {
		if err := o.ask(ctx, env); err != nil {
			return err
		}
	}
	if missing := o.missing(); len(missing) > 0 {
		return fmt.Errorf("missing: %s", strings.Join(missing, ", "))
	}
	o.complete()
	files, err := Render(o.Answers)
	if err == nil {
		err = check(files)
	}
	if err != nil {
		return err
	}
	m, err := newMerchant(o.Answers)
	if err != nil {
		return err
	}
	if o.directory == "" {
		env.Printf("# What to do next:\n%s%s", numbered("# ", next(m, "")), stream(files))
		return nil
	}
	return o.write(env, files, m)
}

// check runs lint over the documents, so that an invalid answer is refused before anything is written.
func check(files []File) error {
	var documents []*lint.Document
	for _, f := range files {
		read, unreadable := lint.Read(f.Name, []byte(f.Text))
		if len(unreadable) > 0 {
			return errors.New(unreadable[0].String())
		}
		documents = append(documents, read...)
	}
	r, err := lint.Check(documents, lint.Options{LibraryNamespace: v1alpha1.LibraryNamespace})
	if err != nil {
		return err
	}
	var wrong []string
	for _, f := range r.Findings {
		if f.Level == lint.Error {
			wrong = append(wrong, f.Path+": "+f.Message)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("invalid answers:\n  %s", strings.Join(wrong, "\n  "))
	}
	return nil
}

// stream returns all documents as one text, without the kustomization.
func stream(files []File) string {
	var b strings.Builder
	for _, f := range files {
		if f.Name != "kustomization.yaml" {
			b.WriteString("---\n" + f.Text)
		}
	}
	return b.String()
}

func (o *options) write(env *cmdutil.Env, files []File, m merchant) error {
	for _, f := range files {
		if _, err := os.Stat(filepath.Join(o.directory, f.Name)); err == nil && !o.overwrite {
			return cmdutil.Refuse("%s exists already; use --overwrite to replace it", filepath.Join(o.directory, f.Name))
		}
	}
	for _, f := range files {
		path := filepath.Join(o.directory, f.Name)
		if *o.dryRun == cmdutil.DryRunNone {
			if err := writeFile(path, f.Text); err != nil {
				return err
			}
		}
		env.Printf("%s written%s\n", path, o.dryRun.Suffix())
	}
	env.Printf("\nWhat to do next:\n%s", numbered("", next(m, o.directory)))
	return nil
}

// writeFile writes a file completely or not at all, so that no half-written one can be applied.
func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".onboard-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // after success it has been renamed
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
