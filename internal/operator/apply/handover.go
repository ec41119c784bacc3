package apply

import (
	"context"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// HandoverManager owns the replicas of a Deployment between the operator and an autoscaler. Source: "Transferring
// ownership" in kubernetes.io's page on server-side apply.
const HandoverManager = FieldManager + "-handover"

// HandOver keeps the replicas of a Deployment as they are when the rendered one says nothing of them any more: a field that
// its only owner lets go falls back to its default, and one pod would serve alone until the autoscaler acts. Live reads
// the API server itself, because caches do not keep who owns what.
func (a Applier) HandOver(ctx context.Context, live client.Reader, rendered runtime.ApplyConfiguration) error {
	deployment, ok := rendered.(*appsv1ac.DeploymentApplyConfiguration)
	if !ok || deployment.Spec.Replicas != nil {
		return nil
	}
	now := &appsv1.Deployment{}
	key := client.ObjectKey{Namespace: *deployment.Namespace, Name: *deployment.Name}
	if err := a.Reader.Get(ctx, key, now); err != nil || now.Spec.Replicas == nil || *now.Spec.Replicas == 1 {
		return client.IgnoreNotFound(err)
	}
	if err := live.Get(ctx, key, now); err != nil || !ownsReplicas(now) {
		return client.IgnoreNotFound(err)
	}
	kept := appsv1ac.Deployment(key.Name, key.Namespace).WithSpec(appsv1ac.DeploymentSpec().WithReplicas(*now.Spec.Replicas))
	applies.WithLabelValues("Deployment").Inc()
	if err := a.Writer.Apply(ctx, kept, client.FieldOwner(HandoverManager)); err != nil && !apierrors.IsConflict(err) {
		return fmt.Errorf("handing over the replicas of the Deployment %s: %w", key, err)
	}
	return nil // a conflict means that the autoscaler has them already
}

// ownsReplicas reports whether the number of replicas is what the operator last applied.
func ownsReplicas(d *appsv1.Deployment) bool {
	for _, entry := range d.ManagedFields {
		if entry.Manager != FieldManager || entry.Operation != metav1.ManagedFieldsOperationApply || entry.FieldsV1 == nil {
			continue
		}
		var fields struct {
			Spec map[string]json.RawMessage `json:"f:spec"`
		}
		if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &fields) == nil && fields.Spec["f:replicas"] != nil {
			return true
		}
	}
	return false
}
