// Package api_test asks a real API server what it makes of the documents that users write.
package api_test

import (
	"context"
	"path/filepath"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

var (
	root = filepath.Join("..", "..")
	// config and api are the API server that every test of this package talks to.
	config *rest.Config
	api    client.Client
)

func TestMain(m *testing.M) {
	installed.Main(func(c *installed.Cluster) (int, error) {
		config = c.Config
		if err := prepare(c); err != nil {
			return 0, err
		}
		return m.Run(), nil
	})
}

func prepare(c *installed.Cluster) (err error) {
	if err := c.Define(); err != nil {
		return err
	}
	if api, err = client.New(config, client.Options{Scheme: c.Client.Scheme(), FieldValidation: "Strict"}); err != nil {
		return err
	}
	for _, name := range []string{"fjallro", "linden", v1alpha1.LibraryNamespace} {
		if err := api.Create(context.Background(), namespace(name)); err != nil {
			return err
		}
	}
	return nil
}

func namespace(name string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetAPIVersion("v1")
	object.SetKind("Namespace")
	object.SetName(name)
	return object
}
