// Package simulate is kubectl wismo simulate: journeys of orders played through the data plane without a cluster, and what a
// shopper would have read of them.
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
		Short: "Play journeys of orders through a Shop, and check every word that a shopper would read",
		Long: `Play journeys of orders through a Shop, and check every word that a shopper would read.

It needs no cluster. The Shop and its policy are compiled as the operator does. Each journey is then what the sources of an
order sent, in the order of arrival, played through the real store, notifier and page on a clock of its own. The page is
read after each delivery, at 8:30 and at 18:30; each message is read as it is sent. All of it is held against what really
happened, which the journey knows: every day, place, carrier, state and request that is not true is a finding, and so is each
that could have been said and was not.

It prints the mix of the journeys, the diary of messages (with --journey, or with --diary), the findings, and the service
levels with the most that each may be. Two policies are compared: give --policy twice. docs/simulate.md explains every
level, and the form of a journey file.

Exit codes: 0 every level is within its bar, 1 one is not, 2 nothing could be simulated.`,
		Example: `  # Is the built-in policy good enough?
  kubectl wismo simulate --generate 1000

  # What would my shoppers be told of this order?
  kubectl wismo simulate --shop shop.yaml --journey order.json

  # What does another policy change?
  kubectl wismo simulate --shop shop.yaml --policy today.yaml --policy calmer.yaml --generate 1000 --seed 7`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.shops, "shop", nil, "`FILE` or directory with the Shop, and what it refers to; may be given several times. Without it a Shop with everything built in.")
	f.StringSliceVar(&o.policies, "policy", nil, "`FILE` with a NotificationPolicy to use instead of the Shop's; with two, their difference is printed.")
	f.StringSliceVar(&o.journeys, "journey", nil, "`FILE` with a journey; may be given several times.")
	f.IntVar(&o.generate, "generate", 0, "Generate this many `JOURNEYS`, as varied as those of real shops.")
	f.Uint64Var(&o.seed, "seed", 1, "`SEED` of the journeys that are generated: the same seed gives the same journeys.")
	f.BoolVar(&o.diary, "diary", false, "Print the diary of messages of generated journeys, too.")
	f.IntVar(&o.findings, "findings", 20, "Print at most this `MANY` findings; all of them are counted.")
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
		return errors.New("which journeys? Name a file with --journey, or let some be made with --generate 1000")
	case len(o.journeys) > 0 && o.generate != 0:
		return errors.New("--journey and --generate: give one of them")
	case o.generate < 0:
		return fmt.Errorf("--generate: %d journeys cannot be made", o.generate)
	case len(o.policies) > 2:
		return errors.New("--policy: two can be compared, not more")
	}
	return o.output.Check()
}
