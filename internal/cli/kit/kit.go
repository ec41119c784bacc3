package kit

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// FieldManager is whose fields the plugin writes. It is never kubectl: what kubectl owns, Flux takes away.
const FieldManager = "wismo-cli"

// OperatorNamespace is where the operator lives unless a flag says otherwise.
const OperatorNamespace = "wismo-system"

// Kit is what a command is given.
type Kit struct {
	genericiooptions.IOStreams
	Flags   *genericclioptions.ConfigFlags
	Version string
	Now     func() time.Time
}

// New returns a Kit for the streams, with kubectl's flags for finding a cluster.
func New(streams genericiooptions.IOStreams, version string) *Kit {
	flags := genericclioptions.NewConfigFlags(true).WithWrapConfigFn(func(c *rest.Config) *rest.Config {
		c.UserAgent = "kubectl-wismo/" + version
		c.QPS, c.Burst = 50, 100
		return c
	})
	return &Kit{IOStreams: streams, Flags: flags, Version: version, Now: time.Now}
}

// Scheme knows wismo's kinds, Kubernetes' own and CustomResourceDefinitions.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return scheme, nil
}

// Client talks to the cluster that the flags and the kubeconfig name.
func (k *Kit) Client() (client.WithWatch, error) {
	config, err := k.Flags.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the cluster: %w", err)
	}
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	mapper, err := k.Flags.ToRESTMapper()
	if err != nil {
		return nil, fmt.Errorf("asking the cluster for its kinds: %w", err)
	}
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("reaching the cluster: %w", err)
	}
	return c, nil
}

// Namespace is the one that -n or the kubeconfig names.
func (k *Kit) Namespace() (string, error) {
	namespace, _, err := k.Flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", fmt.Errorf("finding the namespace: %w", err)
	}
	return namespace, nil
}

// Interactive says that a person sees questions and can answer them.
func (k *Kit) Interactive() bool { return terminal(k.In) && terminal(k.ErrOut) }

func terminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Confirmed asks a person; without one the answer is no.
func (k *Kit) Confirmed(ctx context.Context, question string) bool {
	if !k.Interactive() {
		return false
	}
	answer, err := k.Dialogue().Ask(ctx, question+" [y/N]")
	return err == nil && strings.EqualFold(answer, "y")
}

// Printf writes to the standard output. That a pipe is closed is nobody's error.
func (k *Kit) Printf(format string, args ...any) { _, _ = fmt.Fprintf(k.Out, format, args...) }

// Aside is the Kit for what people may read while a machine reads the standard output: it writes to the standard error.
func (k *Kit) Aside() *Kit {
	aside := *k
	aside.Out = k.ErrOut
	return &aside
}

// Warnf writes to the standard error.
func (k *Kit) Warnf(format string, args ...any) { _, _ = fmt.Fprintf(k.ErrOut, format, args...) }

// Connected gives a command kubectl's flags for finding a cluster. Help shows those that are used every day.
func (k *Kit) Connected(cmd *cobra.Command) *cobra.Command {
	k.Flags.AddFlags(cmd.Flags())
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if everyday := []string{"namespace", "context", "kubeconfig"}; kubectls(k, f.Name) && !slices.Contains(everyday, f.Name) {
			f.Hidden = true
		}
	})
	_ = cmd.RegisterFlagCompletionFunc("namespace", completeNamespaces(k)) // the flag exists
	return cmd
}

func kubectls(k *Kit, name string) bool {
	known := pflag.NewFlagSet("", pflag.ContinueOnError)
	k.Flags.AddFlags(known)
	return known.Lookup(name) != nil
}
