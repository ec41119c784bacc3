package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/config"
)

// Names of objects of an installation.
const (
	operatorName     = "wismo-manager" // the Deployment, its ServiceAccount, and the Lease of its leader
	configName       = "wismo-config"
	installationName = "wismo-installation"
)

func (e *examiner) in(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: e.namespace, Name: name}
}

func (e *examiner) operator(ctx context.Context) {
	d := &appsv1.Deployment{}
	if err := e.Get(ctx, e.in(operatorName), d); err != nil {
		if absent(err) {
			e.add("operator", Fail, install+". If it runs in another namespace, name that with --operator-namespace.", "there is no Deployment %s in the namespace %s", operatorName, e.namespace)
			return
		}
		e.cannot("operator", err)
		return
	}
	e.deployment = d
	wanted := int32(1)
	if d.Spec.Replicas != nil {
		wanted = *d.Spec.Replicas
	}
	image := d.Spec.Template.Spec.Containers[0].Image
	switch {
	case wanted == 0:
		e.add("operator", Fail, fmt.Sprintf("kubectl scale deployment %s -n %s --replicas=1", operatorName, e.namespace), "%s is scaled to 0: the Shops keep serving, but no change takes effect", image)
	case d.Status.AvailableReplicas == 0:
		e.add("operator", Fail, fmt.Sprintf("kubectl describe pods -n %s -l app.kubernetes.io/component=manager", e.namespace), "%s: no pod is available%s", image, why(d))
	case d.Status.AvailableReplicas < wanted || d.Status.ObservedGeneration != d.Generation:
		e.add("operator", Warn, fmt.Sprintf("kubectl rollout status deployment/%s -n %s", operatorName, e.namespace), "%s: %d of %d pods are available", image, d.Status.AvailableReplicas, wanted)
	default:
		e.add("operator", OK, "", "%s is available (%d of %d pods)", image, d.Status.AvailableReplicas, wanted)
	}
}

func why(d *appsv1.Deployment) string {
	for _, c := range d.Status.Conditions {
		if c.Status != corev1.ConditionTrue || c.Type == appsv1.DeploymentReplicaFailure {
			return ": " + c.Message
		}
	}
	return ""
}

// checkLeader checks that a pod holds the Lease and renews it.
func (e *examiner) checkLeader(ctx context.Context) {
	if e.deployment == nil {
		return
	}
	lease := &coordinationv1.Lease{}
	err := e.Get(ctx, e.in(operatorName), lease)
	switch {
	case absent(err):
		e.add("leader", Warn, "kubectl logs -n "+e.namespace+" deployment/"+operatorName, "no pod of the operator has taken the Lease %s yet", operatorName)
		return
	case err != nil:
		e.cannot("leader", err)
		return
	}
	holder, last := "", time.Time{}
	if lease.Spec.HolderIdentity != nil {
		holder, _, _ = strings.Cut(*lease.Spec.HolderIdentity, "_") // the pod's name; a random suffix follows
	}
	if lease.Spec.RenewTime != nil {
		last = lease.Spec.RenewTime.Time
	}
	// Three times the Lease's own duration, because clocks differ.
	limit := 3 * time.Duration(deref(lease.Spec.LeaseDurationSeconds, 15)) * time.Second
	if silent := time.Since(last); holder == "" || silent > limit {
		e.add("leader", Fail, "kubectl logs -n "+e.namespace+" deployment/"+operatorName, "the last leader, %q, has not renewed its Lease since %s", holder, last.UTC().Format(time.RFC3339))
		return
	}
	e.add("leader", OK, "", "%s leads", holder)
}

func deref[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// checkConfiguration checks the operator's configuration file, and sets e.config.
func (e *examiner) checkConfiguration(ctx context.Context) {
	e.config = config.Defaults(e.environment)
	cm := &corev1.ConfigMap{}
	err := e.Get(ctx, e.in(configName), cm)
	switch {
	case absent(err):
		if e.deployment != nil {
			e.add("configuration", OK, "", "there is no ConfigMap %s, so the defaults apply", configName)
		}
		return
	case err != nil:
		e.cannot("configuration", err)
		return
	}
	parsed, err := config.Parse([]byte(cm.Data["config.yaml"]), e.environment)
	if err != nil {
		e.add("configuration", Fail, "Fix the ConfigMap "+configName+" in the namespace "+e.namespace+"; until then the operator keeps using the last valid one.", "%s", oneLine(err))
		return
	}
	e.config = parsed
	if parsed.HouseRelay.Host == "" {
		e.add("configuration", Warn, "Set houseRelay in the ConfigMap "+configName+", or give each Shop a sender of its own.", "valid, but it names no relay: mails of Shops without their own sender are queued and not sent")
		return
	}
	e.add("configuration", OK, "", "valid")
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// environment returns an environment variable of the operator's container.
func (e *examiner) environment(name string) string {
	if e.deployment == nil {
		return "unknown"
	}
	for _, v := range e.deployment.Spec.Template.Spec.Containers[0].Env {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// checkInstallationID checks that the ConfigMap with the id of the installation exists. Webhook URLs are derived from the id.
func (e *examiner) checkInstallationID(ctx context.Context) {
	err := e.Get(ctx, e.in(installationName), &corev1.ConfigMap{})
	switch {
	case absent(err) && e.deployment == nil:
	case absent(err):
		e.add("installation", Warn, "If this cluster was restored, restore the ConfigMap "+installationName+" from the backup before the operator starts.", "this installation has no id yet; the operator generates one when it starts")
	case err != nil:
		e.cannot("installation", err)
	default:
		e.add("installation", OK, "", "has an id, from which all webhook URLs are derived: include the ConfigMap %s/%s in your backups", e.namespace, installationName)
	}
}

// checkLibrary looks for ConfigMaps in the library that lack its label.
func (e *examiner) checkLibrary(ctx context.Context) {
	if err := e.Get(ctx, client.ObjectKey{Name: v1alpha1.LibraryNamespace}, &corev1.Namespace{}); err != nil {
		if absent(err) {
			e.add("library", Warn, "kubectl create namespace "+v1alpha1.LibraryNamespace, "there is no namespace %s, so references with source Library cannot be resolved", v1alpha1.LibraryNamespace)
			return
		}
		e.cannot("library", err)
		return
	}
	list := &corev1.ConfigMapList{}
	if err := e.List(ctx, list, client.InNamespace(v1alpha1.LibraryNamespace)); err != nil {
		e.cannot("library", err)
		return
	}
	var ignored []string
	for _, cm := range list.Items {
		if _, ok := cm.Labels[v1alpha1.LabelLibrary]; !ok && cm.Name != "kube-root-ca.crt" {
			ignored = append(ignored, cm.Name)
		}
	}
	if len(ignored) > 0 {
		slices.Sort(ignored)
		e.add("library", Warn, fmt.Sprintf("kubectl label configmap -n %s NAME %s=true", v1alpha1.LibraryNamespace, v1alpha1.LabelLibrary), "these ConfigMaps are ignored because they lack the label %s: %s", v1alpha1.LabelLibrary, some(ignored))
		return
	}
	e.add("library", OK, "", "the namespace %s exists, and every ConfigMap in it has the label", v1alpha1.LibraryNamespace)
}

// some joins the first few names.
func some(names []string) string {
	const few = 5
	if len(names) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}
