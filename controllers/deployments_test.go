package controllers_test

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/testing/follow"
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
		_ = kube.Status().Update(ctx, d) // a conflict means that a later version is on its way here
	}
}
