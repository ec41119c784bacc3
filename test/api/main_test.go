// Package api_test asks a real API server what it makes of the documents that users write.
package api_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

var (
	root = filepath.Join("..", "..")
	// config and api are the API server that every test of this package talks to.
	config *rest.Config
	api    client.Client
)

func TestMain(m *testing.M) {
	code, err := runAgainstAPIServer(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

func runAgainstAPIServer(m *testing.M) (code int, err error) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return 0, fmt.Errorf("KUBEBUILDER_ASSETS must name a directory with kube-apiserver and etcd; run 'make test', which builds them")
	}
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return 0, err
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return 0, err
	}
	environment := &envtest.Environment{
		CRDDirectoryPaths:     []string{filepath.Join(root, "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	if config, err = environment.Start(); err != nil {
		return 0, fmt.Errorf("starting the API server: %w", err)
	}
	defer func() {
		if stopErr := environment.Stop(); stopErr != nil && err == nil {
			err = stopErr
		}
	}()
	if api, err = client.New(config, client.Options{Scheme: scheme, FieldValidation: "Strict"}); err != nil {
		return 0, err
	}
	for _, name := range []string{"fjallro", "linden", v1alpha1.LibraryNamespace} {
		if err := api.Create(context.Background(), namespace(name)); err != nil {
			return 0, err
		}
	}
	return m.Run(), nil
}

func namespace(name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion("v1")
	object.SetKind("Namespace")
	object.SetName(name)
	return object
}
