package suite

import (
	"context"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// RunningBundle returns the bundle that the page's Deployment mounts.
func RunningBundle(t *testing.T, shop *v1alpha1.Shop) string {
	t.Helper()
	deployment := &appsv1.Deployment{}
	if err := Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-page"}, deployment); err != nil {
		t.Fatal(err)
	}
	for _, v := range deployment.Spec.Template.Spec.Volumes {
		if v.Name == "bundle" {
			return v.ConfigMap.Name
		}
	}
	t.Fatal("the page mounts no bundle")
	return ""
}

// DeploymentOf returns that of a workload.
func DeploymentOf(t *testing.T, shop *v1alpha1.Shop, component string) *appsv1.Deployment {
	t.Helper()
	deployment := &appsv1.Deployment{}
	if err := Kube.Get(t.Context(), client.ObjectKey{Namespace: shop.Namespace, Name: shop.Name + "-" + component}, deployment); err != nil {
		t.Fatal(err)
	}
	return deployment
}

// Claims returns the hostnames that are held in the namespace.
func Claims(t *testing.T, namespace string) []string {
	t.Helper()
	list := &coordinationv1.LeaseList{}
	if err := Kube.List(context.WithoutCancel(t.Context()), list, client.InNamespace(OperatorNamespace)); err != nil { // also at the end of a test
		t.Fatal(err)
	}
	var held []string
	for _, lease := range list.Items {
		if lease.Spec.HolderIdentity != nil && strings.HasPrefix(*lease.Spec.HolderIdentity, namespace+"/") {
			held = append(held, lease.Annotations["tracking.wismo.dev/hostname"])
		}
	}
	return held
}

// PageVolumes returns the Secrets that the page mounts.
func PageVolumes(t *testing.T, shop *v1alpha1.Shop) []string {
	t.Helper()
	deployment := DeploymentOf(t, shop, "page")
	var names []string
	for _, v := range deployment.Spec.Template.Spec.Volumes {
		if v.Projected == nil {
			continue
		}
		for _, s := range v.Projected.Sources {
			if s.Secret != nil {
				names = append(names, s.Secret.Name)
			}
		}
	}
	return names
}

// EventsOf returns type, reason and note of the events about an object.
func EventsOf(t *testing.T, object client.Object) []eventsv1.Event {
	t.Helper()
	list := &eventsv1.EventList{}
	if err := Kube.List(t.Context(), list, client.InNamespace(object.GetNamespace())); err != nil {
		t.Fatal(err)
	}
	var about []eventsv1.Event
	for _, e := range list.Items {
		if e.Regarding.UID == object.GetUID() {
			about = append(about, e)
		}
	}
	return about
}
