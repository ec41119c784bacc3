// Package installed gives a test package an API server of its own (envtest), takes it to where an installation of wismo
// leaves it, and starts the real operator against it with no more rights than config/rbac gives it. It serves every
// suite that needs one and knows nothing of what they test.
//
//	func TestMain(m *testing.M) {
//		installed.Main(func(c *installed.Cluster) (int, error) {
//			if err := c.Install(context.Background()); err != nil {
//				return 0, err
//			}
//			cluster = c
//			return m.Run(), nil
//		})
//	}
package installed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

const (
	// Namespace is the operator's own.
	Namespace = "wismo-system"
	// User is the operator's identity: its ServiceAccount.
	User = "system:serviceaccount:" + Namespace + ":wismo-manager"

	assets = "KUBEBUILDER_ASSETS"
)

// groups are those of every ServiceAccount.
var groups = []string{"system:serviceaccounts", "system:authenticated"}

// Cluster is an API server that only the tests of one package use.
type Cluster struct {
	Config     *rest.Config     // of a user with all rights and no rate limit
	Client     client.WithWatch // of the same; knows Kubernetes, wismo, CRDs and the Gateway API
	Kubeconfig string           // a file for the same
}

// Flag is one of the API server's.
type Flag struct{ Name, Value string }

// Main starts an API server with nothing on it but Kubernetes itself, lets tests use it, and ends the process with the
// code that tests returns; where there is an error besides, with 1. Without a flag for it, the server has addresses for a
// million Services.
func Main(tests func(*Cluster) (int, error), flags ...Flag) {
	code, err := run(tests, flags)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(tests func(*Cluster) (int, error), flags []Flag) (code int, err error) {
	if os.Getenv(assets) == "" {
		return 0, errors.New(assets + " must name a directory with kube-apiserver and etcd; run 'make test', which builds them")
	}
	directory, err := os.MkdirTemp("", "wismo-tests-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	const longest = 2 * time.Minute // on a machine that does much else
	env := &envtest.Environment{ControlPlaneStartTimeout: longest, ControlPlaneStopTimeout: longest}
	// Every page has an address, and the default range ends at 254 of them.
	for _, flag := range append([]Flag{{"service-cluster-ip-range", "10.96.0.0/12"}}, flags...) {
		env.ControlPlane.GetAPIServer().Configure().Set(flag.Name, flag.Value)
	}
	config, err := env.Start()
	if err != nil {
		return 0, fmt.Errorf("starting the API server: %w", err)
	}
	defer func() { err = errors.Join(err, env.Stop()) }()
	config.QPS = -1
	c := &Cluster{Config: config, Kubeconfig: filepath.Join(directory, "kubeconfig")}
	if err := errors.Join(c.connect(), c.writeKubeconfig()); err != nil {
		return 0, err
	}
	return tests(c)
}

func (c *Cluster) connect() (err error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), apiextensionsv1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme), gatewayv1.Install(scheme)); err != nil {
		return err
	}
	c.Client, err = client.NewWithWatch(c.Config, client.Options{Scheme: scheme})
	return err
}

// Install brings the cluster to where an installation leaves it: definitions, namespaces and the operator's rights.
func (c *Cluster) Install(ctx context.Context) error {
	return errors.Join(c.Define(), c.Create(ctx, "config/namespaces/namespaces.yaml"), c.Create(ctx, "config/rbac/*.yaml"))
}

// Define installs the definitions of wismo's kinds, and waits until they serve.
func (c *Cluster) Define() error {
	paths, err := SourceFiles("config/crd/bases")
	if err != nil {
		return err
	}
	_, err = envtest.InstallCRDs(c.Config, envtest.CRDInstallOptions{Paths: paths, ErrorIfPathMissing: true})
	return err
}

// AsOperator returns the way to the API server with the operator's identity, and so with its rights.
func (c *Cluster) AsOperator() *rest.Config {
	as := rest.CopyConfig(c.Config)
	as.Impersonate = rest.ImpersonationConfig{UserName: User, Groups: groups}
	return as
}

// Kubectl returns the real kubectl, as a user with all rights.
func (c *Cluster) Kubectl(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(os.Getenv(assets), "kubectl"), args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+c.Kubeconfig)
	return command
}

func (c *Cluster) writeKubeconfig() error {
	const name = "tests"
	return clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{name: {Server: c.Config.Host, CertificateAuthorityData: c.Config.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {ClientCertificateData: c.Config.CertData, ClientKeyData: c.Config.KeyData}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, c.Kubeconfig)
}
