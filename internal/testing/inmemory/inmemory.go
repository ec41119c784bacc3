// Package inmemory is an API server in memory, and objects as its controllers leave them, for tests that need no real one.
package inmemory

import (
	"context"
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// NewClientBuilder returns a builder of a client of such a server, which knows the kinds of Kubernetes and of wismo, and holds the objects.
func NewClientBuilder(t *testing.T, objects ...client.Object) *fake.ClientBuilder {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...)
}

// Indexes adds the indexes of a controller, so that look-ups work as they do in the cache.
func Indexes(t *testing.T, b *fake.ClientBuilder, index func(context.Context, client.FieldIndexer) error) {
	t.Helper()
	if err := index(t.Context(), indexer{b}); err != nil {
		t.Fatal(err)
	}
}

type indexer struct{ *fake.ClientBuilder }

func (i indexer) IndexField(_ context.Context, object client.Object, field string, values client.IndexerFunc) error {
	i.WithIndex(object, field, values)
	return nil
}
