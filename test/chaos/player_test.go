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
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/follow"
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
	ctx, cancel := context.WithCancel(t.Context())
	var playing sync.WaitGroup
	end, err := follow.Versions(ctx, kube, &appsv1.DeploymentList{}, func(_ watch.EventType, d *appsv1.Deployment) {
		if d.Status.ObservedGeneration != d.Generation {
			wait := time.Duration(p.dice.Float64() * float64(longestStart))
			playing.Go(func() { p.roll(ctx, d.DeepCopy(), wait) })
		}
	}, client.InNamespace(namespace))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = end(); playing.Wait() })
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

// rolling is a new pod beside those that serve on.
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
