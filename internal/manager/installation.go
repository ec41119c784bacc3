package manager

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
)

const (
	// installation is the ConfigMap that tells this installation from every other; endpoint ids derive from it.
	installation   = "wismo-installation"
	installationID = "id"
	// installationCheck is how often the operator looks whether it is there.
	installationCheck = 10 * time.Second
)

// installationOf returns the id of this installation, after choosing it on the first start. It is part of what has to
// be backed up: with it, every endpoint keeps its address.
func installationOf(ctx context.Context, cluster *rest.Config, scheme *runtime.Scheme, o Options) (string, error) {
	direct, err := client.New(cluster, client.Options{Scheme: scheme, FieldOwner: apply.FieldManager})
	if err != nil {
		return "", fmt.Errorf("connecting to the API server: %w", err)
	}
	return readInstallation(ctx, direct, o.Namespace, o.Watch)
}

// readInstallation reads the ConfigMap. Where it is gone, it is created again from the copies; where there is none, a new id would
// change every endpoint of every Shop without a word, so that it is only chosen while no Shop has an endpoint.
func readInstallation(ctx context.Context, direct client.Client, namespace string, watch []string) (string, error) {
	cm := installationObject(namespace, "")
	err := direct.Get(ctx, client.ObjectKeyFromObject(cm), cm)
	if apierrors.IsNotFound(err) {
		id, lost := lostInstallation(ctx, direct, namespace, watch)
		if lost != nil {
			return "", lost
		}
		cm = installationObject(namespace, id)
		if err = direct.Create(ctx, cm); apierrors.IsAlreadyExists(err) {
			err = direct.Get(ctx, client.ObjectKeyFromObject(cm), cm)
		}
	}
	if err != nil {
		return "", fmt.Errorf("reading the id of the installation, ConfigMap %s/%s: %w", namespace, installation, err)
	}
	if cm.Data[installationID] == "" {
		return "", fmt.Errorf("the ConfigMap %s/%s has no %s: restore it from your backup, or delete it and give providers the new endpoints", namespace, installation, installationID)
	}
	return cm.Data[installationID], nil
}

func installationObject(namespace, id string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: installation, Labels: map[string]string{desired.ManagedByLabel: desired.ManagedBy}},
		Data:       map[string]string{installationID: id},
	}
}

// lostInstallation returns the id where its ConfigMap does not exist: that of the copies, or a new one.
func lostInstallation(ctx context.Context, direct client.Client, namespace string, watch []string) (string, error) {
	copies, err := copiesOfInstallation(ctx, direct, namespace)
	if err != nil {
		return "", err
	}
	switch len(copies) {
	case 1:
		return copies[0], nil
	case 0:
		return newInstallation(ctx, direct, namespace, watch)
	default:
		return "", fmt.Errorf("the ConfigMap %s/%s does not exist, and its copies on Leases and ControllerRevisions (annotation %s) differ: create it with the right %s", namespace, installation, v1alpha1.AnnotationInstallation, installationID)
	}
}

// copiesOfInstallation returns the ids that claims of hostnames and releases bear.
func copiesOfInstallation(ctx context.Context, direct client.Reader, namespace string) ([]string, error) {
	leases, revisions := &coordinationv1.LeaseList{}, &appsv1.ControllerRevisionList{}
	ours := []client.ListOption{client.InNamespace(namespace), client.MatchingLabels{desired.ManagedByLabel: desired.ManagedBy}}
	if err := direct.List(ctx, leases, ours...); err != nil {
		return nil, fmt.Errorf("looking for the id of the installation on Leases: %w", err)
	}
	if err := direct.List(ctx, revisions, ours...); err != nil {
		return nil, fmt.Errorf("looking for the id of the installation on ControllerRevisions: %w", err)
	}
	found := map[string]bool{}
	for i := range leases.Items {
		found[leases.Items[i].Annotations[v1alpha1.AnnotationInstallation]] = true
	}
	for i := range revisions.Items {
		found[revisions.Items[i].Annotations[v1alpha1.AnnotationInstallation]] = true
	}
	delete(found, "")
	return slices.Collect(maps.Keys(found)), nil
}

// newInstallation chooses an id, unless Shops have endpoints already.
func newInstallation(ctx context.Context, direct client.Reader, namespace string, watch []string) (string, error) {
	if len(watch) == 0 {
		watch = []string{metav1.NamespaceAll}
	}
	for _, in := range watch {
		shops := &v1alpha1.ShopList{}
		if err := direct.List(ctx, shops, client.InNamespace(in)); err != nil {
			return "", fmt.Errorf("looking for Shops that have endpoints: %w", err)
		}
		for i := range shops.Items {
			if len(shops.Items[i].Status.Endpoints) > 0 {
				return "", fmt.Errorf("the ConfigMap %s/%s with the id of the installation does not exist, although Shops such as %s/%s have endpoints: restore it from your backup; "+
					"if it is lost, create it with a new %s (any long random text), and give every provider the new endpoints", namespace, installation, shops.Items[i].Namespace, shops.Items[i].Name, installationID)
			}
		}
	}
	return rand.Text(), nil
}

// keepInstallation creates the ConfigMap again when it is deleted while the operator runs.
func keepInstallation(mgr ctrl.Manager, namespace, id string) error {
	return mgr.Add(manager.RunnableFunc(func(ctx context.Context) error {
		ticker := time.NewTicker(installationCheck)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
			cm := installationObject(namespace, id)
			err := mgr.GetAPIReader().Get(ctx, client.ObjectKeyFromObject(cm), cm)
			if !apierrors.IsNotFound(err) {
				continue
			}
			if err := mgr.GetClient().Create(ctx, installationObject(namespace, id)); err != nil && !apierrors.IsAlreadyExists(err) {
				mgr.GetLogger().Error(err, "Failed to create the ConfigMap with the id of the installation again", "configMap", installation)
				continue
			}
			mgr.GetLogger().Info("Created the ConfigMap with the id of the installation again, which had been deleted", "configMap", installation)
		}
	}))
}
