package uninstall

import (
	"context"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/config/crd"
	"github.com/wismo-dev/wismo/internal/cli/cmdutil"
	"github.com/wismo-dev/wismo/internal/cli/gitops"
	"github.com/wismo-dev/wismo/internal/operator/uninstall"
)

const operatorName = "wismo-manager"

// operatorObjects are the labels that both installers set on the operator's own objects.
var operatorObjects = client.MatchingLabels{"app.kubernetes.io/name": "wismo", "app.kubernetes.io/part-of": "wismo"}

// remover runs the steps of an uninstallation. Each prints what it deleted.
type remover struct {
	client.Client
	env     *cmdutil.Env
	options *options
}

func (r *remover) dry() bool { return *r.options.dryRun != cmdutil.DryRunNone }

// mayRemove returns an error if Helm or a GitOps tool would install the operator again.
func (r *remover) mayRemove(ctx context.Context) error {
	d := &appsv1.Deployment{}
	err := r.Get(ctx, client.ObjectKey{Namespace: r.options.namespace, Name: operatorName}, d)
	if apierrors.IsNotFound(err) || r.options.force {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the operator's Deployment: %w", err)
	}
	if tool := gitops.Tool(d); tool != "" {
		return cmdutil.Refuse("the operator was installed by %s, which would install it again: remove it there, then run this for the rest (or add --force)", tool)
	}
	if release := d.Annotations["meta.helm.sh/release-name"]; release != "" {
		return cmdutil.Refuse("the operator was installed by Helm: run helm uninstall %s -n %s, then run this for the rest (or add --force)", release, d.Annotations["meta.helm.sh/release-namespace"])
	}
	return nil
}

// deleteOperator deletes the operator. It comes first, or the operator would restore finalizers and children.
func (r *remover) deleteOperator(ctx context.Context) error {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: r.options.namespace, Name: operatorName}}
	gone, err := r.remove(ctx, "Deployment", d)
	if err != nil || gone {
		return err
	}
	manager := client.MatchingLabels{"app.kubernetes.io/name": "wismo", "app.kubernetes.io/component": "manager"}
	return r.waitUntilGone(ctx, "Pod", &corev1.PodList{}, client.InNamespace(r.options.namespace), manager)
}

// removeFinalizers removes wismo's finalizers from all objects.
func (r *remover) removeFinalizers(ctx context.Context) error {
	opts := []client.PatchOption{client.FieldOwner(cmdutil.FieldManager)}
	if *r.options.dryRun == cmdutil.DryRunServer {
		opts = append(opts, client.DryRunAll)
	}
	held, err := uninstall.Holds(ctx, r.Client)
	if *r.options.dryRun != cmdutil.DryRunClient && err == nil {
		held, err = uninstall.Release(ctx, r.Client, opts...)
	}
	for _, h := range held {
		r.say("removed the finalizers of %s %s/%s: %s", h.Kind, h.Namespace, h.Name, strings.Join(h.Finalizers, ", "))
	}
	return err
}

// deleteShops deletes the custom resources, if a flag asks for it.
func (r *remover) deleteShops(ctx context.Context) error {
	if !r.options.deleteData && !r.options.crds {
		return nil
	}
	for _, list := range []client.ObjectList{&v1alpha1.CarrierIntegrationList{}, &v1alpha1.ShopList{}, &v1alpha1.NotificationPolicyList{}} {
		if err := r.removeAll(ctx, list); err != nil {
			return err
		}
	}
	return nil
}

// deleteData deletes what a deleted Shop leaves behind, if a flag asks for it.
func (r *remover) deleteData(ctx context.Context) error {
	if !r.options.deleteData {
		return nil
	}
	if err := r.removeAll(ctx, &corev1.PersistentVolumeClaimList{}, client.HasLabels{v1alpha1.LabelShop}); err != nil {
		return err
	}
	if err := r.removeAll(ctx, &corev1.ConfigMapList{}, client.HasLabels{v1alpha1.LabelShop, v1alpha1.LabelKeyPurpose}); err != nil {
		return err
	}
	installation := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: r.options.namespace, Name: "wismo-installation"}}
	if _, err := r.remove(ctx, "ConfigMap", installation); err != nil {
		return err
	}
	return r.deleteLeases(ctx, "host-")
}

// deleteLeases deletes the Leases in the operator's namespace whose names have the prefix.
func (r *remover) deleteLeases(ctx context.Context, prefix string) error {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: "coordination.k8s.io", Version: "v1", Kind: "LeaseList"})
	if err := r.List(ctx, list, client.InNamespace(r.options.namespace)); err != nil {
		return fmt.Errorf("listing the Leases: %w", err)
	}
	for i := range list.Items {
		if strings.HasPrefix(list.Items[i].GetName(), prefix) {
			if _, err := r.remove(ctx, "Lease", &list.Items[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// ownKinds lists the kinds of the operator's other objects, RBAC first, so that an interrupted removal leaves no rights.
var ownKinds = []struct {
	schema.GroupVersionKind
	cluster bool
}{
	{GroupVersionKind: schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRoleBinding"}, cluster: true},
	{GroupVersionKind: schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"}, cluster: true},
	{GroupVersionKind: schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "RoleBinding"}},
	{GroupVersionKind: schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "Role"}},
	{GroupVersionKind: schema.GroupVersionKind{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"}},
	{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "Service"}},
	{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}},
	{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "ServiceAccount"}},
}

// unlabelled lists the ConfigMaps that may lack the installers' labels: the configuration, where a person created it, and those in
// which the operator publishes its state.
var unlabelled = []string{uninstall.ConfigurationName, uninstall.StatusName, "wismo-release"}

// stays reports whether a ConfigMap is kept: it holds what may be nowhere else.
func (r *remover) stays(configMap string) bool {
	return !r.options.deleteData && (configMap == uninstall.ConfigurationName || configMap == uninstall.StatusName)
}

// deleteOperatorObjects deletes the rest of the operator: RBAC rules and ServiceAccount and, with the data, the configuration.
func (r *remover) deleteOperatorObjects(ctx context.Context) error {
	for _, kind := range ownKinds {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind.GroupVersion().WithKind(kind.Kind + "List"))
		opts := []client.ListOption{operatorObjects}
		if !kind.cluster {
			opts = append(opts, client.InNamespace(r.options.namespace))
		}
		if err := r.List(ctx, list, opts...); err != nil {
			return fmt.Errorf("listing every %s of the operator: %w", kind.Kind, err)
		}
		for i := range list.Items {
			o := &list.Items[i]
			if _, ofShop := o.GetLabels()[v1alpha1.LabelShop]; ofShop || o.GetName() == "wismo-installation" || kind.Kind == "ConfigMap" && r.stays(o.GetName()) {
				continue
			}
			if _, err := r.remove(ctx, kind.Kind, o); err != nil {
				return err
			}
		}
	}
	for _, name := range unlabelled {
		if r.stays(name) {
			continue
		}
		if _, err := r.remove(ctx, "ConfigMap", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: r.options.namespace, Name: name}}); err != nil {
			return err
		}
	}
	return r.deleteLeases(ctx, operatorName)
}

// deleteCRDs deletes the CustomResourceDefinitions.
func (r *remover) deleteCRDs(ctx context.Context) error {
	if !r.options.crds {
		return nil
	}
	definitions, err := crd.Definitions()
	if err != nil {
		return err
	}
	for _, d := range definitions {
		if _, err := r.remove(ctx, "CustomResourceDefinition", d); err != nil {
			return err
		}
	}
	return nil
}

// removeAll deletes every object of the list and waits until it is gone.
func (r *remover) removeAll(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	err := r.List(ctx, list, opts...)
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return nil // this kind is not installed
	}
	if err != nil {
		return err
	}
	items, err := meta.ExtractList(list)
	if err != nil {
		return err
	}
	kind := ""
	for _, item := range items {
		o, ok := item.(client.Object)
		if !ok {
			continue
		}
		kind = r.kindOf(o)
		if _, err := r.remove(ctx, kind, o); err != nil {
			return err
		}
	}
	if len(items) == 0 {
		return nil
	}
	return r.waitUntilGone(ctx, kind, list, opts...)
}

func (r *remover) kindOf(o client.Object) string {
	gvk, err := r.GroupVersionKindFor(o)
	if err != nil {
		return fmt.Sprintf("%T", o)
	}
	return gvk.Kind
}

// remove deletes one object; garbage collection deletes its dependents. gone reports that the object did not exist.
func (r *remover) remove(ctx context.Context, kind string, o client.Object) (gone bool, err error) {
	opts := []client.DeleteOption{client.PropagationPolicy(metav1.DeletePropagationBackground)}
	if *r.options.dryRun == cmdutil.DryRunServer {
		opts = append(opts, client.DryRunAll)
	}
	if *r.options.dryRun == cmdutil.DryRunClient {
		err = r.Get(ctx, client.ObjectKeyFromObject(o), o.DeepCopyObject().(client.Object))
	} else {
		err = r.Delete(ctx, o, opts...)
	}
	name := strings.TrimPrefix(o.GetNamespace()+"/"+o.GetName(), "/")
	switch {
	case apierrors.IsNotFound(err) || meta.IsNoMatchError(err):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("deleting %s %s: %w", kind, name, err)
	}
	r.say("deleted %s %s", kind, name)
	return false, nil
}

// waitUntilGone waits until the list is empty, or the context ends.
func (r *remover) waitUntilGone(ctx context.Context, kind string, list client.ObjectList, opts ...client.ListOption) error {
	for !r.dry() {
		err := r.List(ctx, list, opts...)
		if err == nil && meta.LenList(list) == 0 || meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("objects of kind %[1]s were deleted and still exist: look for what blocks their deletion, such as metadata.finalizers (kubectl get %[1]s -A -o yaml), and run this command again", kind)
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

func (r *remover) say(format string, args ...any) {
	r.env.Printf(format+"%s\n", append(args, r.options.dryRun.Suffix())...)
}
