package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wismo-dev/wismo/hack/cluster/internal/cluster"
	"github.com/wismo-dev/wismo/hack/cluster/internal/layout"
)

func upCommand() *cobra.Command {
	var port int
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start the cluster, or what is missing of it",
		Long: `Start the cluster, or what is missing of it. It needs root on Linux; on Debian
it installs the packages it needs. The first run builds Kubernetes, which takes
some minutes; later runs take seconds.`,
		Example: `  go run -C hack/cluster . up
  go run -C hack/cluster . up --api-port 16443`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			return c.Up(cmd.Context(), port)
		},
	}
	cmd.Flags().IntVar(&port, "api-port", 0,
		fmt.Sprintf("port of the API server on %s (default: as before, or %d)", layout.Loopback(), layout.DefaultAPIPort))
	return cmd
}

func downCommand() *cobra.Command {
	var purge bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Stop the cluster and remove its traces from the machine",
		Long: `Stop the cluster and remove its processes, mounts, control groups and network
namespaces. What it remembers, such as objects, images, volumes and logs, stays
for the next start unless it is purged; a script that must not meet what a killed
run left purges before it starts. Other clusters and built programs always stay.`,
		Example: `  go run -C hack/cluster . down
  go run -C hack/cluster . down --purge && go run -C hack/cluster . up`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			return c.Down(cmd.Context(), purge)
		},
	}
	cmd.Flags().BoolVar(&purge, "purge", false, "also remove all that the cluster remembers")
	return cmd
}

func killCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "kill PROCESS...",
		Short: "Kill processes of the cluster, as a crash does",
		Long: `Kill processes of the cluster with SIGKILL, as a crash does. Status names them.
Nothing starts them again but up.`,
		Example: `  go run -C hack/cluster . kill apiserver etcd && go run -C hack/cluster . up`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			return c.Kill(args...)
		},
	}
}

func loadCommand() *cobra.Command {
	var what cluster.Load
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Build the images of Wismo and give them to the cluster",
		Long: `Build the images of the programs in cmd/ and give them to the cluster. Images
that have not changed are skipped. Pods that run already keep the image they
have: restart them with kubectl rollout restart.`,
		Example: `  go run -C hack/cluster . load
  go run -C hack/cluster . load --image inbox=./test/inbox --tag dev`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			return c.Load(cmd.Context(), what)
		},
	}
	cmd.Flags().StringVar(&what.Registry, "registry", "wismo.dev", "first part of the names of the images")
	cmd.Flags().StringVar(&what.Tag, "tag", "dev", "tag of the images")
	cmd.Flags().StringArrayVar(&what.Extra, "image", nil, "one more image, as NAME=GO_PACKAGE; may be repeated")
	return cmd
}

func statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Show what runs, since when, and in which version",
		Example: `  go run -C hack/cluster . status`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			text, err := c.Status(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
}

func envCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "env",
		Short:   "Print what a shell needs to talk to the cluster",
		Example: `  eval "$(go run -C hack/cluster . env)" && kubectl get pods --all-namespaces`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			kubeconfig, path, err := c.Environment(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "export KUBECONFIG=%s\nexport PATH=%s:\"$PATH\"\n",
				quote(kubeconfig), quote(path))
			return err
		},
	}
}

// quote makes a text safe for a shell.
func quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func execCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exec -- COMMAND [ARGUMENT...]",
		Short: "Run a command inside the cluster's network namespace",
		Long: `Run a command inside the cluster's network namespace, where the addresses of
Services and pods can be reached. KUBECONFIG and PATH are set.`,
		Example: `  go run -C hack/cluster . exec -- kubectl get nodes
  go run -C hack/cluster . exec -- curl http://10.96.0.20`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := open(cmd)
			if err != nil {
				return err
			}
			return c.Exec(cmd.Context(), args)
		},
	}
	cmd.Flags().SetInterspersed(false)
	return cmd
}
