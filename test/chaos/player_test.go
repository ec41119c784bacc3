package chaos_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// longestStart is how long new pods take at most.
const longestStart = 1500 * time.Millisecond

// player does what the controller of Deployments does in one namespace where pods take a while to start.
type player struct {
	dice *rand.Rand
	sick func(*appsv1.Deployment) bool // the new pods never become ready
}

func (p *player) start(t *testing.T, namespace string) {
	t.Helper()
	var playing sync.WaitGroup
	t.Cleanup(playing.Wait)
	following(t, &appsv1.DeploymentList{}, func(d *appsv1.Deployment) {
		if d.Status.ObservedGeneration != d.Generation {
			wait := time.Duration(p.dice.Float64() * float64(longestStart))
			playing.Go(func() { p.roll(t.Context(), d, wait) })
		}
	}, client.InNamespace(namespace))
}

// roll rolls this generation of the Deployment out, unless there is another one meanwhile.
func (p *player) roll(ctx context.Context, d *appsv1.Deployment, wait time.Duration) {
	generation := d.Generation
	d.Status = rolling(d.Status, generation)
	if kube.Status().Update(ctx, d) != nil || p.sick(d) {
		return // after a conflict comes a newer one
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(wait):
	}
	for kube.Get(ctx, client.ObjectKeyFromObject(d), d) == nil && d.Generation == generation {
		d.Status = rolledOut(generation)
		if !apierrors.IsConflict(kube.Status().Update(ctx, d)) {
			return
		}
	}
}

// rolling returns a new pod beside those that serve on.
func rolling(before appsv1.DeploymentStatus, generation int64) appsv1.DeploymentStatus {
	now := metav1.Now()
	after := *before.DeepCopy()
	after.ObservedGeneration, after.Replicas, after.UpdatedReplicas = generation, before.AvailableReplicas+1, 1
	for i := range after.Conditions {
		if c := &after.Conditions[i]; c.Type == appsv1.DeploymentProgressing {
			c.Status, c.Reason, c.LastUpdateTime = corev1.ConditionTrue, "ReplicaSetUpdated", now
		}
	}
	return after
}
