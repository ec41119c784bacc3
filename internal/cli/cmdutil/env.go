package cmdutil

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

// FieldManager owns the fields that the plugin writes. It must not be kubectl: Flux removes what kubectl owns.
const FieldManager = "wismo-cli"

// OperatorNamespace is the default of --operator-namespace.
const OperatorNamespace = "wismo-system"

// Env is what a command runs with: streams, kubectl's flags for finding a cluster, the plugin's version and the clock.
type Env struct {
	genericiooptions.IOStreams
	Flags   *genericclioptions.ConfigFlags
	Version string
	Now     func() time.Time
}

// New returns an Env for the streams.
func New(streams genericiooptions.IOStreams, version string) *Env {
	flags := genericclioptions.NewConfigFlags(true).WithWrapConfigFn(func(c *rest.Config) *rest.Config {
		c.UserAgent = "kubectl-wismo/" + version
		c.QPS, c.Burst = 50, 100
		return c
	})
	return &Env{IOStreams: streams, Flags: flags, Version: version, Now: time.Now}
}

// Scheme returns a scheme with wismo's kinds, Kubernetes' own and CustomResourceDefinitions.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return scheme, nil
}

// Client returns a client for the cluster that the flags and the kubeconfig name.
func (env *Env) Client() (client.WithWatch, error) {
	config, err := env.Flags.ToRESTConfig()
	if err != nil {
		return nil, fmt.Errorf("finding the cluster: %w", err)
	}
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	mapper, err := env.Flags.ToRESTMapper()
	if err != nil {
		return nil, fmt.Errorf("asking the cluster for its kinds: %w", err)
	}
	c, err := client.NewWithWatch(config, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, fmt.Errorf("reaching the cluster: %w", err)
	}
	return c, nil
}

// Namespace returns the namespace that -n or the kubeconfig names.
func (env *Env) Namespace() (string, error) {
	namespace, _, err := env.Flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", fmt.Errorf("finding the namespace: %w", err)
	}
	return namespace, nil
}

// Interactive reports whether a user can see questions and answer them.
func (env *Env) Interactive() bool { return terminal(env.In) && terminal(env.ErrOut) }

func terminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Confirm asks the user to agree. Without a terminal the answer is no.
func (env *Env) Confirm(ctx context.Context, question string) bool {
	if !env.Interactive() {
		return false
	}
	answer, err := env.Prompt().Ask(ctx, question+" [y/N]")
	return err == nil && strings.EqualFold(answer, "y")
}

// Printf writes to the standard output. It ignores a closed pipe.
func (env *Env) Printf(format string, args ...any) { _, _ = fmt.Fprintf(env.Out, format, args...) }

// ToStderr returns a copy of env whose output goes to the standard error, for progress beside JSON or YAML.
func (env *Env) ToStderr() *Env {
	c := *env
	c.Out = env.ErrOut
	return &c
}

// Warnf writes to the standard error.
func (env *Env) Warnf(format string, args ...any) { _, _ = fmt.Fprintf(env.ErrOut, format, args...) }

// AddClusterFlags adds kubectl's flags for finding a cluster to cmd and returns it. The help shows only the common ones.
func (env *Env) AddClusterFlags(cmd *cobra.Command) *cobra.Command {
	kubectl := pflag.NewFlagSet("", pflag.ContinueOnError)
	env.Flags.AddFlags(kubectl)
	kubectl.VisitAll(func(f *pflag.Flag) {
		f.Hidden = !slices.Contains([]string{"namespace", "context", "kubeconfig"}, f.Name)
	})
	cmd.Flags().AddFlagSet(kubectl)
	_ = cmd.RegisterFlagCompletionFunc("namespace", completeNamespaces(env)) // the flag exists
	return cmd
}
