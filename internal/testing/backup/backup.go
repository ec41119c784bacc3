// Package backup does what a backup tool does with a merchant's namespace: it lists the objects in it, and returns each as a
// restore would create it. The rules are Velero's. It must not know what a Shop must not lose: the tests that use it do.
package backup

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// kinds are the kinds in a backup of a merchant's namespace, in the order in which Velero restores them: first what others
// need, then the rest by name. Custom resources come late.
var kinds = []schema.GroupVersionKind{
	{Version: "v1", Kind: "PersistentVolumeClaim"}, {Version: "v1", Kind: "Secret"}, {Version: "v1", Kind: "ConfigMap"},
	{Version: "v1", Kind: "ServiceAccount"}, {Version: "v1", Kind: "Pod"},
	{Group: "apps", Version: "v1", Kind: "ReplicaSet"},
	{Version: "v1", Kind: "Service"},
	v1alpha1.GroupVersion.WithKind("CarrierIntegration"),
	{Group: "apps", Version: "v1", Kind: "Deployment"},
	{Group: "discovery.k8s.io", Version: "v1", Kind: "EndpointSlice"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
	{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"},
	v1alpha1.GroupVersion.WithKind("NotificationPolicy"),
	v1alpha1.GroupVersion.WithKind("Shop"),
}

// Take returns the objects of all kinds in a namespace, in the order in which they are restored.
func Take(ctx context.Context, from client.Reader, namespace string) ([]unstructured.Unstructured, error) {
	var all []unstructured.Unstructured
	for _, kind := range kinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind)
		if err := from.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return nil, err
		}
		all = append(all, list.Items...)
	}
	return all, nil
}

// Restored returns what a restore creates of a backed-up object: no status, and of the metadata neither identity nor history
// nor owners; nothing that names a node, an address or a volume of the cluster before; labels that tell of the restore.
func Restored(saved unstructured.Unstructured) *unstructured.Unstructured {
	o := saved.DeepCopy()
	delete(o.Object, "status")
	for _, field := range []string{
		"generateName", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
		"deletionGracePeriodSeconds", "ownerReferences", "managedFields",
	} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	switch o.GetKind() {
	case "Service":
		if ip, _, _ := unstructured.NestedString(o.Object, "spec", "clusterIP"); ip != corev1.ClusterIPNone {
			unstructured.RemoveNestedField(o.Object, "spec", "clusterIP")
			unstructured.RemoveNestedField(o.Object, "spec", "clusterIPs")
		}
	case "Pod":
		unstructured.RemoveNestedField(o.Object, "spec", "nodeName")
	case "PersistentVolumeClaim":
		annotations := o.GetAnnotations()
		delete(annotations, "pv.kubernetes.io/bind-completed")
		delete(annotations, "pv.kubernetes.io/bound-by-controller")
		o.SetAnnotations(annotations)
	}
	labels := o.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels["velero.io/backup-name"], labels["velero.io/restore-name"] = "nightly", "nightly-1"
	o.SetLabels(labels)
	return o
}
