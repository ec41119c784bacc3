// Package uninstall prepares a cluster for running without the operator: after Release removed wismo's finalizers, every object can
// be deleted although no operator runs. Left lists what an installation leaves behind, and why. The package deletes nothing and
// prints nothing: kubectl wismo does.
package uninstall

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Held is an object with a finalizer of wismo. Without an operator it cannot be deleted.
type Held struct {
	Kind       string
	Namespace  string
	Name       string
	Finalizers []string // those of wismo; others are left alone
}

// Holds lists the objects with finalizers of wismo, by kind, namespace and name. It returns none if wismo's kinds are not installed.
func Holds(ctx context.Context, c client.Client) ([]Held, error) {
	var all []Held
	err := each(ctx, c, func(kind string, object client.Object) error {
		if ours := wismoFinalizers(object); len(ours) > 0 {
			all = append(all, Held{kind, object.GetNamespace(), object.GetName(), ours})
		}
		return nil
	})
	return all, err
}

// Release removes wismo's finalizers from all objects, and returns the objects that had one. Stop the operator first, or it adds them
// again. The data of Shops whose deletionPolicy is Delete stays, because the finalizer would have deleted it. The options, such as
// client.DryRunAll, are used for every patch.
func Release(ctx context.Context, c client.Client, opts ...client.PatchOption) ([]Held, error) {
	var released []Held
	err := each(ctx, c, func(kind string, object client.Object) error {
		held := wismoFinalizers(object)
		if len(held) == 0 {
			return nil
		}
		before, ok := object.DeepCopyObject().(client.Object)
		if !ok {
			return fmt.Errorf("copying %s %s/%s: %T is not a Kubernetes object with metadata, which is a bug in wismo", kind, object.GetNamespace(), object.GetName(), object)
		}
		object.SetFinalizers(slices.DeleteFunc(object.GetFinalizers(), isWismoFinalizer))
		err := c.Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}), opts...)
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("taking the finalizers off %s %s/%s: %w", kind, object.GetNamespace(), object.GetName(), err)
		}
		released = append(released, Held{kind, object.GetNamespace(), object.GetName(), held})
		return nil
	})
	return released, err
}

// each visits every object of wismo's kinds, and goes on after one that fails.
func each(ctx context.Context, c client.Client, visit func(kind string, object client.Object) error) error {
	var all []error
	for _, of := range []struct {
		kind string
		list client.ObjectList
	}{
		{"CarrierIntegration", &v1alpha1.CarrierIntegrationList{}},
		{"NotificationPolicy", &v1alpha1.NotificationPolicyList{}},
		{"Shop", &v1alpha1.ShopList{}},
	} {
		err := c.List(ctx, of.list)
		if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			continue // this kind is not installed
		}
		if err != nil {
			return fmt.Errorf("listing every %s: %w", of.kind, err)
		}
		all = append(all, meta.EachListItem(of.list, func(item runtime.Object) error {
			object, ok := item.(client.Object)
			if !ok {
				return fmt.Errorf("listing every %s: %T is not a Kubernetes object with metadata, which is a bug in wismo", of.kind, item)
			}
			if err := visit(of.kind, object); err != nil {
				all = append(all, err)
			}
			return nil
		}))
	}
	return errors.Join(all...)
}

// wismoFinalizers returns the finalizers of the object that wismo added.
func wismoFinalizers(object client.Object) []string {
	return slices.DeleteFunc(slices.Clone(object.GetFinalizers()), func(f string) bool { return !isWismoFinalizer(f) })
}

func isWismoFinalizer(finalizer string) bool {
	return strings.HasPrefix(finalizer, v1alpha1.GroupName+"/")
}

// Remains are objects of an installation that stay after the operator was removed.
type Remains struct {
	Kind string
	// Name is NAME, NAMESPACE/NAME or a pattern; empty if Selector is set.
	Name     string
	Selector string // a label selector
	Why      string // they stay, for a person
}

// ConfigMaps in the operator's namespace with the configuration: as a person wrote it, and the last that was valid.
const (
	ConfigurationName = "wismo-config"
	StatusName        = "wismo-status"
)

// Left lists what stays in the cluster after the operator's own Deployment and RBAC rules were removed. Namespace is the
// operator's.
func Left(namespace string) []Remains {
	shops := v1alpha1.LabelShop
	return []Remains{
		{Kind: "CustomResourceDefinition", Name: "shops." + v1alpha1.GroupName, Why: "deleting it deletes every Shop, so it stays until you delete it"},
		{Kind: "CustomResourceDefinition", Name: "carrierintegrations." + v1alpha1.GroupName, Why: "deleting it deletes every CarrierIntegration, so it stays until you delete it"},
		{Kind: "CustomResourceDefinition", Name: "notificationpolicies." + v1alpha1.GroupName, Why: "deleting it deletes every NotificationPolicy, so it stays until you delete it"},
		{Kind: "Namespace", Name: v1alpha1.LibraryNamespace, Why: "it holds the texts, policies and carrier definitions that you wrote for all Shops"},
		{Kind: "ConfigMap", Name: namespace + "/wismo-installation", Why: "keeps the endpoints that providers use the same in a new installation: back it up"},
		{Kind: "ConfigMap", Name: namespace + "/" + ConfigurationName, Why: "the operator's configuration, which may be nowhere else"},
		{Kind: "ConfigMap", Name: namespace + "/" + StatusName, Why: "the last valid configuration"},
		{Kind: "Lease", Name: namespace + "/host-*", Why: "each reserves a hostname for a Shop; a new operator deletes those that no Shop uses"},
		{Kind: "PersistentVolumeClaim", Selector: shops, Why: "the orders of each Shop; a new Shop of the same name uses them again"},
		{Kind: "ConfigMap", Selector: shops + "," + v1alpha1.LabelKeyPurpose, Why: "each records a key that signs links in mails; deleting one deletes its Secret, and links in old mails stop working"},
	}
}
