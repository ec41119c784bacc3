package cli

import "github.com/spf13/cobra"

func ingressCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ingress",
		Short: "Give the cluster an ingress controller and the Gateway API",
		Long: `Give the running cluster Traefik, which serves Ingresses of the class public, its
default, and HTTPRoutes through the Gateway public of the namespace ingress. The
first run builds it, which takes some minutes; later runs take seconds.`,
		Example: `  go run -C hack/cluster . ingress`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			return c.Ingress(cmd.Context())
		},
	}
}
