// Package manager puts the operator together: caches that hold nothing but the operator's own objects, the three
// controllers, the poller of reports, leader election, metrics and probes. cmd/manager and the tests start the same.
package manager

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	crconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/carrierintegration"
	"github.com/wismo-dev/wismo/controllers/notificationpolicy"
	"github.com/wismo-dev/wismo/controllers/shop"
	"github.com/wismo-dev/wismo/controllers/shop/routes"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apiserver"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/reports"
)

const (
	name = "wismo-manager"
	// reconcileTimeout frees a worker that waits for an API server that does not answer.
	reconcileTimeout = time.Minute
)

// Options is what one start of the operator needs to know beyond the platform's configuration.
type Options struct {
	Config         *config.Source
	ReloadInterval time.Duration // 0 = reload.Interval
	Namespace      string        // the operator's own
	Watch          []string      // the namespaces whose Shops are served; none = all
	Version        string
	MetricsAddress string // "0" = off
	ProbeAddress   string // "0" = off
	LeaderElection bool
	Fetch          reports.Fetcher  // nil = over HTTP
	Now            func() time.Time // nil = time.Now
	// CheckHostnames looks at hostnames; nil = by DNS and TLS.
	CheckHostnames func(context.Context, dnscheck.Target) []dnscheck.Result
	// SkipNameValidation lets one process start several managers, as tests do.
	SkipNameValidation bool
	// Resolvers are the DNS servers that pods of this cluster ask, as far as they are known; see ClusterResolvers.
	Resolvers []netip.Addr
}

func (o Options) now() func() time.Time {
	if o.Now == nil {
		return time.Now
	}
	return o.Now
}

// New returns the manager, ready to start.
func New(ctx context.Context, cluster *rest.Config, o Options) (ctrl.Manager, error) {
	scheme, err := newScheme()
	if err != nil {
		return nil, err
	}
	id, err := installationOf(ctx, cluster, scheme, o)
	if err != nil {
		return nil, err
	}
	mgr, err := ctrl.NewManager(cluster, managerOptions(cluster, scheme, o))
	if err != nil {
		return nil, fmt.Errorf("setting up the manager: %w", err)
	}
	content, err := watchedContent(mgr, o.Watch)
	if err != nil {
		return nil, err
	}
	if err := index(ctx, mgr); err != nil {
		return nil, err
	}
	where, err := apiServer(ctx, mgr)
	if err != nil {
		return nil, err
	}
	if err := setupControllers(mgr, content, o, id, where); err != nil {
		return nil, fmt.Errorf("setting up the controllers: %w", err)
	}
	return mgr, errors.Join(
		keepInstallation(mgr, o.Namespace, id),
		mgr.AddHealthzCheck("ping", healthz.Ping),
		mgr.AddReadyzCheck("caches", func(request *http.Request) error {
			if !mgr.GetCache().WaitForCacheSync(request.Context()) {
				return errors.New("the caches have not synced yet")
			}
			return nil
		}),
	)
}

// newScheme knows the kinds that the operator handles, and no other.
func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, appsv1.AddToScheme, autoscalingv2.AddToScheme, policyv1.AddToScheme, networkingv1.AddToScheme, coordinationv1.AddToScheme,
		discoveryv1.AddToScheme, metav1.AddMetaToScheme, v1alpha1.AddToScheme, gatewayv1.Install,
	} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("building the scheme: %w", err)
		}
	}
	return scheme, nil
}

func managerOptions(cluster *rest.Config, scheme *runtime.Scheme, o Options) ctrl.Options {
	return ctrl.Options{
		Scheme:                        scheme,
		Cache:                         within(cacheOptions(o.Namespace), o.Watch),
		Client:                        client.Options{FieldOwner: apply.FieldManager, Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}},
		Metrics:                       metricsserver.Options{BindAddress: o.MetricsAddress},
		HealthProbeBindAddress:        o.ProbeAddress,
		LeaderElection:                o.LeaderElection,
		LeaderElectionID:              name,
		LeaderElectionNamespace:       o.Namespace,
		LeaderElectionReleaseOnCancel: true,
		// A connection of its own: whatever holds up the controllers must not cost the Lease.
		LeaderElectionConfig: rest.CopyConfig(cluster),
		Controller: crconfig.Controller{
			ReconciliationTimeout: reconcileTimeout,
			// A change of it counts from the next start; config.NextStart says so.
			MaxConcurrentReconciles: o.Config.Current().Budgets.ConcurrentReconciles,
			EnableWarmup:            new(true),
			SkipNameValidation:      new(o.SkipNameValidation),
		},
	}
}

// cacheOptions keep out of memory what is not the operator's own. Reading a kind that no controller watches is an
// error: no informer starts by accident, least of all one for Secrets.
func cacheOptions(namespace string) cache.Options {
	own := labels.SelectorFromSet(labels.Set{desired.ManagedByLabel: desired.ManagedBy})
	ours := cache.ByObject{Label: own}
	return cache.Options{
		ReaderFailOnMissingInformer: true,
		DefaultTransform:            slim,
		ByObject: map[client.Object]cache.ByObject{
			&appsv1.Deployment{}:            ours,
			&corev1.ConfigMap{}:             ours,
			&corev1.Service{}:               ours,
			&corev1.ServiceAccount{}:        ours,
			&corev1.PersistentVolumeClaim{}: ours,
			&networkingv1.NetworkPolicy{}:   ours,
			&networkingv1.Ingress{}:         ours,
			&policyv1.PodDisruptionBudget{}: ours,
			// Those of all clients, because one that scales a Deployment of the operator owns its replicas.
			&autoscalingv2.HorizontalPodAutoscaler{}: {Transform: slimAutoscaler},
			&discoveryv1.EndpointSlice{}:             ours, // its controller copies the labels of the Service
			&coordinationv1.Lease{}:                  {Namespaces: map[string]cache.Config{namespace: {LabelSelector: own}}},
			&corev1.Namespace{}:                      {}, // their metadata
			&appsv1.ControllerRevision{}:             {Namespaces: map[string]cache.Config{namespace: {LabelSelector: own}}, Transform: slimRevision},
		},
	}
}

// watchedContent returns the cache of the metadata of ConfigMaps that users labelled to be watched.
func watchedContent(mgr ctrl.Manager, watch []string) (cache.Cache, error) {
	labelled, err := labels.NewRequirement(v1alpha1.LabelWatch, selection.Exists, nil)
	if err != nil {
		return nil, err
	}
	options := cache.Options{
		HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper(),
		ReaderFailOnMissingInformer: true,
		DefaultLabelSelector:        labels.NewSelector().Add(*labelled),
		DefaultTransform:            slim,
	}
	if len(watch) > 0 {
		options.DefaultNamespaces = places(append([]string{v1alpha1.LibraryNamespace}, watch...))
	}
	content, err := cache.New(mgr.GetConfig(), options)
	if err != nil {
		return nil, fmt.Errorf("setting up the cache of content: %w", err)
	}
	return content, mgr.Add(content)
}

// index serves the lookups that more than one controller makes.
func index(ctx context.Context, mgr ctrl.Manager) error {
	return mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.CarrierIntegration{}, inputs.ShopField, func(o client.Object) []string {
		ci, ok := o.(*v1alpha1.CarrierIntegration)
		if !ok {
			return nil
		}
		return []string{ci.Spec.ShopRef.Name}
	})
}

func setupControllers(mgr ctrl.Manager, content cache.Cache, o Options, installationID string, where *apiserver.Addresses) error {
	fetch := o.Fetch
	if fetch == nil {
		fetch = reports.HTTPFetcher()
	}
	poller := reports.New(fetch)
	changes, err := reloader(mgr, o)
	if err != nil {
		return err
	}
	where.Notify(changes.Wake)
	domains := dnscheck.New(o.checkHostnames())
	spaces := watchedNamespaces(mgr, o)
	recorder := spaces.Recorder(mgr.GetEventRecorder("wismo"))
	gatherer := &inputs.Gatherer{
		Cached: mgr.GetClient(), Live: mgr.GetAPIReader(), Watched: content,
		Platform: func() compile.Platform { return compilePlatform(o.Config.Current(), installationID) },
	}
	book, err := setupReleases(mgr, o, changes, spaces, installationID)
	if err != nil {
		return err
	}
	shops := shop.New(shop.Options{
		Namespaces: spaces, Assignments: book, Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Gateways: routes.NewGateways(mgr, o.Watch), Gatherer: gatherer,
		Reports: poller, Reloads: changes.Subscribe(), Domains: domains, Recorder: recorder, Namespace: o.Namespace, Installation: installationID, Now: o.now(),
		Settings: func() dnscheck.Settings { return domainSettings(o.Config.Current()) },
		Platform: func() desired.Platform { return desiredPlatform(o.Config.Current(), o, where.Networks()) },
	})
	integrations := &carrierintegration.Reconciler{
		Assignments: book, Client: mgr.GetClient(), Gatherer: gatherer, Reports: poller, Reloads: changes.Subscribe(), Recorder: recorder, Now: o.now(),
	}
	policies := &notificationpolicy.Reconciler{Client: mgr.GetClient(), Gatherer: gatherer, Recorder: recorder, Now: o.now()}
	return errors.Join(shops.Setup(mgr, content), integrations.Setup(mgr, content), policies.Setup(mgr), mgr.Add(poller), count(mgr, poller), mgr.Add(domains))
}

func compilePlatform(c config.Config, installationID string) compile.Platform {
	return compile.Platform{
		InstallationID:   installationID,
		LibraryNamespace: v1alpha1.LibraryNamespace,
		LinkScheme:       c.Links.Scheme,
		LinkPort:         c.Links.Port,
		HouseRelay:       compile.HouseRelay(c.HouseRelay),
	}
}

func desiredPlatform(c config.Config, o Options, apiServer []string) desired.Platform {
	return desired.Platform{
		OperatorNamespace: o.Namespace,
		Exposure:          exposureOf(c.Exposure),
		Storage:           desired.Storage{ClassName: c.Storage.StorageClassName, Size: c.Storage.Size},
		Network:           wall(c.Network, o.Resolvers, apiServer),
	}
}
