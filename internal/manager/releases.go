package manager

import (
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/selection"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	crmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	releasecontroller "github.com/wismo-dev/wismo/controllers/release"
	"github.com/wismo-dev/wismo/internal/operator/configreload"
	"github.com/wismo-dev/wismo/internal/operator/metrics"
	"github.com/wismo-dev/wismo/internal/operator/namespaces"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// setupReleases adds the controller of releases, and returns the book that it writes.
func setupReleases(mgr ctrl.Manager, o Options, changes *configreload.Reloader, spaces *namespaces.Namespaces, installationID string) (*releases.Assignments, error) {
	shared, err := sharedContent(mgr)
	if err != nil {
		return nil, err
	}
	trigger := releases.NewTrigger()
	changes.Notify(trigger.Fire)
	spaces.Notify = trigger.Fire
	assignments := releases.NewAssignments(trigger)
	collector := &releases.Metrics{Now: o.now()}
	controller := &releasecontroller.Reconciler{
		Client: mgr.GetClient(), Namespaces: spaces,
		Store:       &releases.Store{Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Namespace: o.Namespace, Installation: installationID},
		Library:     &releases.Library{Policies: mgr.GetClient(), Metadata: shared, Live: mgr.GetAPIReader()},
		Editions:    &releases.Editions{Live: mgr.GetAPIReader(), Namespace: o.Namespace},
		Assignments: assignments, Trigger: trigger, Metrics: collector,
		StatusWriter: &releases.StatusWriter{Client: mgr.GetClient(), Live: mgr.GetAPIReader(), Recorder: mgr.GetEventRecorder("wismo"), Namespace: o.Namespace},
		Images:       func() release.Images { return release.Images(o.Config.Current().Images) },
		Policy:       func() rollout.Policy { return o.Config.Current().Release.Policy() },
		Now:          o.now(),
	}
	return assignments, errors.Join(controller.Setup(mgr, shared), mgr.Add(assignments), metrics.Replace(crmetrics.Registry, collector))
}

// sharedContent returns the cache of the metadata of the library's ConfigMaps.
func sharedContent(mgr ctrl.Manager) (cache.Cache, error) {
	labelled, err := labels.NewRequirement(v1alpha1.LabelLibrary, selection.Exists, nil)
	if err != nil {
		return nil, err
	}
	shared, err := cache.New(mgr.GetConfig(), cache.Options{
		HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper(),
		ReaderFailOnMissingInformer: true,
		DefaultLabelSelector:        labels.NewSelector().Add(*labelled),
		DefaultNamespaces:           places([]string{v1alpha1.LibraryNamespace}),
		DefaultTransform:            slim,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the cache of the library: %w", err)
	}
	return shared, mgr.Add(shared)
}

// slimRevision leaves out the data of content, which is read when it is needed.
func slimRevision(object any) (any, error) {
	if revision, ok := object.(*appsv1.ControllerRevision); ok && revision.Labels[v1alpha1.LabelRevision] == v1alpha1.RevisionContent {
		revision.Data = runtime.RawExtension{}
	}
	return slim(object)
}
