package template

import (
	"errors"
	"fmt"
	"maps"
	"slices"

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
		Short:   "Start a merchant's own texts",
		Long:    "Start a merchant's own texts.",
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
		Short: "Print every text there is, with its key",
		Long: `Print every text there is, with its key.

In a language with texts of our own every text is a comment: uncomment what is to be said otherwise. In another language
every text has to be there, so all of them stand in the language of --from, to be translated. The result is the key
<locale>.yaml of a ConfigMap that a Shop names in spec.templates; --configmap prints that ConfigMap. Check it with
kubectl wismo lint.`,
		Example: `  # What is said in Dutch, to change some of it
  kubectl wismo template init --locale nl > nl.yaml

  # A new language, as a ConfigMap of the Shop
  kubectl wismo template init --locale da --from en --configmap linden-texts -n linden > linden-texts.yaml`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.run(env) },
	}
	f := cmd.Flags()
	f.StringVar(&o.locale, "locale", "", "`LOCALE` that the texts are for, such as nl or pt-BR.")
	f.StringVar(&o.from, "from", "en", "`LOCALE` whose texts stand where the language has none of our own.")
	f.StringVar(&o.configMap, "configmap", "", "Print a ConfigMap of this `NAME` instead of the file.")
	f.StringVarP(&o.namespace, "namespace", "n", "default", "`NAMESPACE` of the ConfigMap.")
	f.BoolVar(&o.library, "library", false, "Label the ConfigMap for the library that all Shops share.")
	for _, flag := range []string{"locale", "from"} {
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(message.BuiltinLocales(), cobra.ShellCompDirectiveNoFileComp)) // the flags exist
	}
	return cmd
}

func (o *options) run(env *cmdutil.Env) error {
	if o.locale == "" {
		return errors.New("which language? Name it with --locale, such as --locale nl")
	}
	tag, err := language.Parse(o.locale)
	if err != nil {
		return fmt.Errorf("--locale: %q is no language, such as nl or pt-BR", o.locale)
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

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
