package manager

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	crmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/wismo-dev/wismo/internal/operator/configreload"
	"github.com/wismo-dev/wismo/internal/operator/metrics"
	"github.com/wismo-dev/wismo/internal/operator/reports"
)

// LastGood returns a way to the configuration that counted when the operator led last, for a start with a faulty file.
func LastGood(ctx context.Context, cluster *rest.Config, namespace string) func() ([]byte, error) {
	return func() ([]byte, error) {
		direct, err := client.New(cluster, client.Options{})
		if err != nil {
			return nil, fmt.Errorf("connecting to the API server: %w", err)
		}
		return configreload.LastGood(ctx, direct, namespace)
	}
}

// reloader adds what rereads the configuration.
func reloader(mgr ctrl.Manager, o Options) (*configreload.Reloader, error) {
	r, err := configreload.New(configreload.Options{
		Source: o.Config, Manager: mgr, Namespace: o.Namespace, Version: o.Version, Interval: o.ReloadInterval, Registry: crmetrics.Registry,
	})
	return r, errors.Join(err, mgr.Add(r))
}

// count adds the numbers of the fleet to the operator's metrics.
func count(mgr ctrl.Manager, poller *reports.Poller) error {
	return metrics.Replace(crmetrics.Registry, &metrics.Fleet{Cached: mgr.GetClient(), Reports: poller.Latest, Leads: mgr.Elected(), Now: time.Now})
}
