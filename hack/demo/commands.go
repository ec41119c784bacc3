package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "demo",
		Short:         "One YAML document, a page that a shopper reads, a mail that she receives",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(upCommand(), orderCommand(), forwardCommand(), downCommand())
	return root
}

func upCommand() *cobra.Command {
	var o upOptions
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Bring up the cluster, the operator and two merchants, and send each three orders",
		Long: `Bring up the cluster, the operator and two merchants, and send each three orders
and what becomes of them in time-lapse: two that arrive, one in several parcels,
one that is corrected and partly refunded, one for which duties are due, one that
falls silent. Everything is left running; another run sends new orders.

With KUBECONFIG set, that cluster is used instead of the local one. Its nodes
must be able to pull the images wismo.dev/{manager,tracking-page,notifier,mailbox}:dev,
or have them already; say so by --images-loaded.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return up(cmd.Context(), newNarrator(cmd.OutOrStdout()), o)
		},
	}
	cmd.Flags().StringVar(&o.screenshots, "screenshots", "", "directory for pictures of the pages, taken by chromium")
	cmd.Flags().BoolVar(&o.imagesLoaded, "images-loaded", false, "the cluster has the images or can pull them: build none")
	return cmd
}

func orderCommand() *cobra.Command {
	var shop string
	cmd := &cobra.Command{
		Use:     "order NUMBER",
		Short:   "Send one more order with a number of your own, and its parcel's journey",
		Example: "  go run ./hack/demo order 2001\n  go run ./hack/demo order 2002 --shop fjallro",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return oneOrder(cmd.Context(), newNarrator(cmd.OutOrStdout()), shop, args[0])
		},
	}
	cmd.Flags().StringVar(&shop, "shop", "linden", "the Shop that gets the order: linden or fjallro")
	return cmd
}

func forwardCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "forward",
		Short: "Keep the pages and the mailbox reachable on this machine, until interrupted",
		Long: `Keep the pages and the mailbox reachable on this machine, until interrupted. The
local cluster does so by itself; this is for a cluster that KUBECONFIG names.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := connect(cmd.Context(), newNarrator(cmd.OutOrStdout()))
			if err != nil {
				return err
			}
			if err := d.publish(cmd.Context()); err != nil || d.cluster.Local {
				return err
			}
			<-cmd.Context().Done()
			return nil
		},
	}
}

func downCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Remove the demo, and the local cluster with all that it remembers",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			say := newNarrator(cmd.OutOrStdout())
			root, err := kube.FindRoot()
			if err != nil {
				return err
			}
			if kube.IsLocal() {
				say.step("Removing the local cluster")
				return kube.LocalCommand(cmd.Context(), root, say.indented(), "down", "--purge")
			}
			cluster, err := kube.Connect(cmd.Context(), root)
			if err != nil {
				return err
			}
			return removeDemo(cmd.Context(), cluster, say)
		},
	}
}

// orderNumber refuses what no shop would give and what could not be recorded.
func orderNumber(text string) error {
	if !validNumber.MatchString(text) {
		return fmt.Errorf("%q is no order number: use 1 to 20 letters, digits and dashes, such as 2001", text)
	}
	return nil
}
