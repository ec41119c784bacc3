package suite

import (
	"context"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/testing/follow"
	"github.com/wismo-dev/wismo/internal/testing/installed"
)

// deploymentController does the part of the controller of Deployments that needs no pods: it takes note of a change that
// replaces none. What does replace pods waits for rollOut.
type deploymentController struct {
	observed map[types.UID]appsv1.DeploymentSpec
}

func (c *deploymentController) start(ctx context.Context, kube client.WithWatch) (stop func() error, err error) {
	c.observed = map[types.UID]appsv1.DeploymentSpec{}
	return follow.Versions(ctx, kube, &appsv1.DeploymentList{}, func(_ watch.EventType, d *appsv1.Deployment) { c.see(ctx, d) })
}

func (c *deploymentController) see(ctx context.Context, d *appsv1.Deployment) {
	before, known := c.observed[d.UID]
	switch {
	case d.Status.ObservedGeneration == d.Generation:
		c.observed[d.UID] = d.Spec
	case known && equality.Semantic.DeepEqual(before, d.Spec):
		d.Status.ObservedGeneration = d.Generation
		_ = Kube.Status().Update(ctx, d) // a conflict means that a later version is on its way here
	}
}

// Hold leaves a roll in the middle: one old pod that serves, or none, and a new one that is awaited since then.
func Hold(t *testing.T, shop *v1alpha1.Shop, component string, since metav1.Time, available bool) {
	t.Helper()
	d := DeploymentOf(t, shop, component)
	d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Replicas: 1, UpdatedReplicas: 1, UnavailableReplicas: 1}
	state := corev1.ConditionFalse
	if available {
		state = corev1.ConditionTrue
		d.Status.Replicas, d.Status.ReadyReplicas, d.Status.AvailableReplicas = 2, 1, 1
	}
	d.Status.Conditions = []appsv1.DeploymentCondition{
		{Type: appsv1.DeploymentAvailable, Status: state, Reason: "Hand", LastUpdateTime: since, LastTransitionTime: since},
		{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "ReplicaSetUpdated", LastUpdateTime: since, LastTransitionTime: since},
	}
	if err := Kube.Status().Update(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// RollsOutTo plays the controller of Deployments until the condition is True: page and notifier change one after the other.
func RollsOutTo(t *testing.T, shop *v1alpha1.Shop, kind, reason string) metav1.Condition {
	t.Helper()
	Eventually(t, kind+" is True "+reason, func() error {
		if err := Kube.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); err != nil {
			return err
		}
		c := meta.FindStatusCondition(shop.Status.Conditions, kind)
		if c != nil && c.Status == metav1.ConditionTrue && (reason == "" || c.Reason == reason) && shop.Status.ObservedGeneration == shop.Generation {
			return nil
		}
		RollOut(t, shop.Namespace)
		time.Sleep(200 * time.Millisecond) // to be heard
		return fmt.Errorf("conditions:\n%s", Summary(shop.Status.Conditions))
	})
	return *meta.FindStatusCondition(shop.Status.Conditions, kind)
}

// RollOut does for the Deployments of a namespace what their controller does when all pods are there.
func RollOut(t *testing.T, namespace string) {
	t.Helper()
	Eventually(t, "the Deployments roll out", func() error {
		list := &appsv1.DeploymentList{}
		if err := Kube.List(t.Context(), list, client.InNamespace(namespace)); err != nil {
			return err
		}
		if len(list.Items) < 2 {
			return fmt.Errorf("%d Deployments", len(list.Items))
		}
		for i := range list.Items {
			d := &list.Items[i]
			d.Status = installed.RolledOut(d)
			if err := Kube.Status().Update(t.Context(), d); err != nil {
				return err
			}
		}
		return nil
	})
}
