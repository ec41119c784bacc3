package manager

import (
	"context"
	"fmt"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/operator/reload"
)

// lastGood returns a way to the configuration that counted when the operator led last, for a start with a faulty file.
func lastGood(ctx context.Context, cluster *rest.Config, namespace string) func() ([]byte, error) {
	return func() ([]byte, error) {
		direct, err := client.New(cluster, client.Options{})
		if err != nil {
			return nil, fmt.Errorf("connecting to the API server: %w", err)
		}
		return reload.LastGood(ctx, direct, namespace)
	}
}
