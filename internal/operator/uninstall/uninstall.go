// Package uninstall takes the operator's hold off a cluster: after Release, everything that users wrote can be deleted
// although no operator runs, and Left names what an installation leaves behind and why. It deletes nothing itself and
// knows no terminal: that is for kubectl wismo.
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

// Held is one object that a finalizer of wismo keeps from being deleted without an operator.
type Held struct {
	Kind       string
	Namespace  string
	Name       string
	Finalizers []string // those of wismo; others are left alone
}

// Holds lists what finalizers of wismo hold, by kind, namespace and name. A cluster without wismo's kinds holds nothing.
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

// Release takes wismo's finalizers off everything that bears one, and returns what it let go. Stop the operator first,
// or it puts them back. What a finalizer would have removed stays: the data of Shops whose deletionPolicy is Delete.
// Options reach the API server with every patch, such as client.DryRunAll.
func Release(ctx context.Context, c client.Client, opts ...client.PatchOption) ([]Held, error) {
	var released []Held
	err := each(ctx, c, func(kind string, object client.Object) error {
		held := wismoFinalizers(object)
		if len(held) == 0 {
			return nil
		}
		before, ok := object.DeepCopyObject().(client.Object)
		if !ok {
			return fmt.Errorf("%T is not a client.Object", object)
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
				return fmt.Errorf("%T is not a client.Object", item)
			}
			if err := visit(of.kind, object); err != nil {
				all = append(all, err)
			}
			return nil
		}))
	}
	return errors.Join(all...)
}

func wismoFinalizers(object client.Object) []string {
	return slices.DeleteFunc(slices.Clone(object.GetFinalizers()), func(f string) bool { return !isWismoFinalizer(f) })
}

func isWismoFinalizer(finalizer string) bool {
	return strings.HasPrefix(finalizer, v1alpha1.GroupName+"/")
}

// Remains is what an installation made and what becomes of it when the operator goes.
type Remains struct {
	Kind string
	// Name is the object's name. It is empty where Selector tells which.
	Name     string
	Selector string
	Why      string // it stays, or goes by itself, for a person
}

// Left names what is in the cluster beside the operator's own Deployment, rights and configuration, which the installer
// that brought them removes. Namespace is the operator's.
func Left(namespace string) []Remains {
	shops := v1alpha1.LabelShop
	return []Remains{
		{Kind: "CustomResourceDefinition", Name: "shops." + v1alpha1.GroupName, Why: "deleting it deletes every Shop, so it stays until you delete it"},
		{Kind: "CustomResourceDefinition", Name: "carrierintegrations." + v1alpha1.GroupName, Why: "deleting it deletes every CarrierIntegration, so it stays until you delete it"},
		{Kind: "CustomResourceDefinition", Name: "notificationpolicies." + v1alpha1.GroupName, Why: "deleting it deletes every NotificationPolicy, so it stays until you delete it"},
		{Kind: "Namespace", Name: v1alpha1.LibraryNamespace, Why: "it holds what you wrote for all Shops"},
		{Kind: "ConfigMap", Name: namespace + "/wismo-installation", Why: "keeps the endpoints that providers use the same in a new installation: back it up"},
		{Kind: "Lease", Name: namespace + "/host-*", Why: "claims of hostnames; a new operator frees those that no Shop uses"},
		{Kind: "PersistentVolumeClaim", Selector: shops, Why: "the orders of each Shop; a Shop of the same name adopts them"},
		{Kind: "ConfigMap", Selector: shops + "," + v1alpha1.LabelKeyPurpose, Why: "records of link keys, which open the links in old mails; each Secret goes with its record"},
	}
}
