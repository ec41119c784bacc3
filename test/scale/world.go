package main

import (
	"context"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// playDeployments does what the controller of Deployments does where every pod starts at once. It returns its end.
func playDeployments(ctx context.Context, c *control) func() {
	ctx, cancel := context.WithCancel(ctx)
	var playing sync.WaitGroup
	actor, err := c.clientOf("actor")
	if err != nil {
		say("no actor: %v", err)
		return cancel
	}
	changed := make(chan *appsv1.Deployment, 1<<16)
	playing.Go(func() {
		for ctx.Err() == nil {
			follow(ctx, func() (watch.Interface, error) { return actor.Watch(ctx, &appsv1.DeploymentList{}) }, changed)
		}
	})
	for range concurrency {
		playing.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case d := <-changed:
					d.Status = rolledOut(d.Generation)
					_ = actor.Status().Update(ctx, d) // a conflict brings a newer one
				}
			}
		})
	}
	return func() { cancel(); playing.Wait() }
}

func follow(ctx context.Context, start func() (watch.Interface, error), to chan<- *appsv1.Deployment) {
	w, err := start()
	if err != nil {
		time.Sleep(100 * time.Millisecond)
		return
	}
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, open := <-w.ResultChan():
			if !open {
				return
			}
			if d, ok := event.Object.(*appsv1.Deployment); ok && event.Type != watch.Deleted && d.Status.ObservedGeneration != d.Generation {
				to <- d
			}
		}
	}
}

func rolledOut(generation int64) appsv1.DeploymentStatus {
	now := metav1.Now()
	return appsv1.DeploymentStatus{
		ObservedGeneration: generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1,
		Conditions: []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable", LastUpdateTime: now, LastTransitionTime: now},
			{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable", LastUpdateTime: now, LastTransitionTime: now},
		},
	}
}
