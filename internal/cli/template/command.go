package template

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/message"
)

// Command is kubectl wismo template.
func Command(env *cmdutil.Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "template",
		Short:   "Print the texts of messages and the page, to change or translate them",
		Long:    "Print the texts of messages and the tracking page as a file, in which a merchant changes or translates them.",
		Example: "  kubectl wismo template init --locale nl",
		Args:    cmdutil.NoCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(initCommand(env))
	return cmd
}

type options struct {
	locale, from, configMap, namespace string
	library                            bool
}

func initCommand(env *cmdutil.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "init --locale LOCALE",
		Short: "Print a file with all texts of messages and the tracking page",
		Long: `Print a file with all texts of messages and the tracking page, each with its key.

If the language has built-in texts, each text is commented out: uncomment those that you want to change. Any other language
needs every text, so all are printed in the language of --from for you to translate. The result is the key <locale>.yaml of
a ConfigMap that a Shop names in spec.templates; --configmap prints that ConfigMap. Check it with kubectl wismo lint.`,
		Example: `  # Write the Dutch texts to a file, to change some of them
  kubectl wismo template init --locale nl > nl.yaml

  # Write the English texts to a ConfigMap, to translate them to Danish
  kubectl wismo template init --locale da --from en --configmap linden-texts -n linden > linden-texts.yaml`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.run(env) },
	}
	f := cmd.Flags()
	f.StringVar(&o.locale, "locale", "", "`LOCALE` of the texts, such as nl or pt-BR.")
	f.StringVar(&o.from, "from", "en", "`LOCALE` whose texts are printed if the language has no built-in ones.")
	f.StringVar(&o.configMap, "configmap", "", "Print a ConfigMap with this `NAME` instead of the file.")
	f.StringVarP(&o.namespace, "namespace", "n", "default", "`NAMESPACE` of the ConfigMap.")
	f.BoolVar(&o.library, "library", false, "Label the ConfigMap as part of the library, which all Shops may use.")
	for _, flag := range []string{"locale", "from"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(message.BuiltinLocales(), cobra.ShellCompDirectiveNoFileComp)) // the flags exist
	}
	return cmd
}

func (o *options) run(env *cmdutil.Env) error {
	if o.locale == "" {
		return errors.New("set the language of the texts with --locale, such as --locale nl")
	}
	tag, err := language.Parse(o.locale)
	if err != nil {
		return fmt.Errorf("--locale: %q is not a language tag, such as nl or pt-BR", o.locale)
	}
	text, err := texts(tag.String(), o.from)
	if err != nil {
		return err
	}
	if o.configMap != "" {
		labels := map[string]string{v1alpha1.LabelWatch: "true"}
		if o.library {
			labels[v1alpha1.LabelLibrary] = "true"
			if o.namespace == "default" {
				o.namespace = v1alpha1.LibraryNamespace
			}
		}
		text = configMap(o.configMap, o.namespace, tag.String(), text, labels)
	}
	env.Printf("%s", text)
	return nil
}
