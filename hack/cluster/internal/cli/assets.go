package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/hack/cluster/internal/build"
)

func assetsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "assets",
		Short: "Build etcd, kube-apiserver and kubectl, and print their directory",
		Long: `Build the Kubernetes programs, once, and print the directory they are in.
It needs nothing but Go: no root, no packages, no running cluster.`,
		Example: `  KUBEBUILDER_ASSETS=$(go run -C hack/cluster . assets) go test ./...`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := builder(cmd)
			if err != nil {
				return err
			}
			dir, err := b.Ensure(cmd.Context(), build.Kubernetes())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), dir)
			return err
		},
	}
}
