package cli

import (
	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
)

func buildCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "build",
		Short: "Build what up and ingress need, without starting anything",
		Long: `Build the programs of the cluster and of its ingress controller ahead of time. It needs
nothing but Go.`,
		Example: `  nice -n 19 go run -C hack/cluster . build &`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := builder(cmd)
			if err != nil {
				return err
			}
			for _, program := range build.All() {
				if _, err := b.Ensure(cmd.Context(), program); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
