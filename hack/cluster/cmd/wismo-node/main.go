// Command wismo-node does for the node of the development cluster what
// Kubernetes itself leaves to others: volumes, NetworkPolicies and ports of the
// machine that lead to Services.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/wismo-dev/wismo/hack/cluster/internal/forward"
	"github.com/wismo-dev/wismo/hack/cluster/internal/netns"
	"github.com/wismo-dev/wismo/hack/cluster/internal/netpol"
	"github.com/wismo-dev/wismo/hack/cluster/internal/storage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := &cobra.Command{Use: "wismo-node", Short: "The node agent of the development cluster", SilenceUsage: true}
	root.AddCommand(agentCommand(), forwardCommand())
	if root.ExecuteContext(ctx) != nil {
		os.Exit(1)
	}
}

func agentCommand() *cobra.Command {
	var kubeconfig, volumes, node string
	cmd := &cobra.Command{
		Use:     "agent",
		Short:   "Provide volumes and enforce NetworkPolicies, inside the network namespace",
		Example: "  wismo-node agent --kubeconfig=FILE --volumes=DIR --node=NAME",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := connect(kubeconfig, nil)
			if err != nil {
				return err
			}
			enforcer, err := netpol.NewEnforcer(client, slog.Default())
			if err != nil {
				return err
			}
			go storage.Run(cmd.Context(), client, volumes, node)
			return enforcer.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the API server")
	cmd.Flags().StringVar(&volumes, "volumes", "", "directory for the data of volumes")
	cmd.Flags().StringVar(&node, "node", "", "name of the node")
	return cmd
}

func forwardCommand() *cobra.Command {
	var kubeconfig, directory string
	cmd := &cobra.Command{
		Use:     "forward",
		Short:   "Forward ports of the machine to Services, outside the network namespace",
		Example: "  wismo-node forward --kubeconfig=FILE --directory=DIR",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, err := connect(kubeconfig, func(config *rest.Config) { config.Dial = netns.Dial })
			if err != nil {
				return err
			}
			daemon := &forward.Daemon{
				Directory: forward.Directory(directory),
				Resolve:   newResolver(client).resolve,
				Dial:      netns.Dial,
				Log:       slog.Default(),
			}
			return daemon.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the API server")
	cmd.Flags().StringVar(&directory, "directory", "", "directory that describes the forwards")
	return cmd
}

func connect(kubeconfig string, change func(*rest.Config)) (kubernetes.Interface, error) {
	if kubeconfig == "" {
		return nil, errors.New("--kubeconfig is missing")
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", kubeconfig, err)
	}
	config.QPS = -1 // one client of one small cluster need not hold back
	if change != nil {
		change(config)
	}
	return kubernetes.NewForConfig(config)
}
