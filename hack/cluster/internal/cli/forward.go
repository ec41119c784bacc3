package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/hack/cluster/internal/forward"
)

func forwardCommand() *cobra.Command {
	var spec forward.Spec
	var remove bool
	cmd := &cobra.Command{
		Use:   "forward NAME",
		Short: "Open a port of this machine that leads to a Service",
		Long: `Open a port on this machine's loopback address that leads to a Service of the
cluster. It stays until it is removed, also when the cluster is stopped and
started again. The Service may be made later.`,
		Example: `  go run -C hack/cluster . forward web --listen 127.0.0.1:8080 --to default/web:80
  go run -C hack/cluster . forward web --remove
  go run -C hack/cluster . forward list`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			if remove {
				return c.RemoveForward(cmd.Context(), args[0])
			}
			spec.Name = args[0]
			return c.Forward(cmd.Context(), spec)
		},
	}
	cmd.Flags().StringVar(&spec.Listen, "listen", "", "loopback address and port, such as 127.0.0.1:8080")
	cmd.Flags().StringVar(&spec.To, "to", "", "NAMESPACE/SERVICE:PORT, the port by number or name")
	cmd.Flags().BoolVar(&remove, "remove", false, "close the port instead")
	cmd.MarkFlagsRequiredTogether("listen", "to")
	cmd.MarkFlagsOneRequired("listen", "remove")
	cmd.MarkFlagsMutuallyExclusive("listen", "remove")
	cmd.AddCommand(forwardListCommand())
	return cmd
}

func forwardListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the open ports",
		Example: `  go run -C hack/cluster . forward list`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			specs, err := c.Forwards()
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 3, ' ', 0)
			for _, s := range specs {
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", s.Name, s.Listen, s.To)
			}
			return table.Flush()
		},
	}
}
