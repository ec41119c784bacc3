// Package simulate is kubectl wismo simulate: it plays journeys of orders through the data plane without a cluster, and
// checks what a shopper would have read.
package simulate

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
)

type options struct {
	shops     []string
	policies  []string
	journeys  []string
	generate  int
	seed      uint64
	diary     bool
	findings  int
	namespace string
	library   string
	output    *cmdutil.Output
}

// Command is kubectl wismo simulate.
func Command(env *cmdutil.Env) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "simulate (--journey FILE | --generate N)",
		Short: "Simulate orders in a Shop, and check everything that a shopper would read",
		Long: `Simulate orders in a Shop, and check everything that a shopper would read.

It needs no cluster. It compiles the Shop and its policy as the operator does. A journey holds the webhooks of one order in
the order of their arrival; each is played through the real store, notifier and page on a simulated clock. The page is read
after each webhook, at 8:30 and at 18:30, and each message when it is sent. All of it is compared with what really happened,
which the journey records: a wrong day, place, carrier, state or request is a finding, and so is a fact that could have been
told and was not.

It prints the mix of the journeys, the diary of messages (with --journey or --diary), the findings, and each service level
with its limit. To compare two policies, give --policy twice. docs/simulate.md explains every level and the format of a
journey file.

Exit codes: 0 every level is within its limit, 1 at least one is not, 2 nothing could be simulated.`,
		Example: `  # Check the built-in policy
  kubectl wismo simulate --generate 1000

  # See what shoppers would be told about one order
  kubectl wismo simulate --shop shop.yaml --journey order.json

  # Compare two policies
  kubectl wismo simulate --shop shop.yaml --policy today.yaml --policy calmer.yaml --generate 1000 --seed 7`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.shops, "shop", nil, "`FILE` or directory with the Shop and what it refers to; may be given several times (default: a sample Shop with the built-in texts and policy).")
	f.StringSliceVar(&o.policies, "policy", nil, "`FILE` with a NotificationPolicy to use instead of the Shop's; give two to compare them.")
	f.StringSliceVar(&o.journeys, "journey", nil, "`FILE` with a journey; may be given several times.")
	f.IntVar(&o.generate, "generate", 0, "`NUMBER` of journeys to generate, as varied as those of real shops.")
	f.Uint64Var(&o.seed, "seed", 1, "`SEED` of the generated journeys: the same seed gives the same journeys.")
	f.BoolVar(&o.diary, "diary", false, "Also print the diary of messages of generated journeys.")
	f.IntVar(&o.findings, "findings", 20, "Largest `NUMBER` of findings to print; all of them are counted.")
	f.StringVarP(&o.namespace, "namespace", "n", "default", "`NAMESPACE` of documents that name none.")
	f.StringVar(&o.library, "library-namespace", v1alpha1.LibraryNamespace, "`NAMESPACE` of what the platform shares with all its Shops.")
	for _, flag := range []string{"shop", "policy"} {
		_ = cmd.MarkFlagFilename(flag, "yaml", "yml", "json") // the flags exist
	}
	_ = cmd.MarkFlagFilename("journey", "json") // the flag exists
	o.output = cmdutil.AddOutput(cmd)
	return cmd
}

func (o *options) check() error {
	switch {
	case len(o.journeys) == 0 && o.generate == 0:
		return errors.New("no journeys: name a file with --journey, or generate some with --generate 1000")
	case len(o.journeys) > 0 && o.generate != 0:
		return errors.New("--journey and --generate cannot be used together")
	case o.generate < 0:
		return fmt.Errorf("--generate: %d is not a number of journeys", o.generate)
	case len(o.policies) > 2:
		return errors.New("--policy: give at most two policies to compare")
	}
	return o.output.Check()
}
