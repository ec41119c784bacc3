// Package workloads reads the two Deployments of a Shop: whether they are available, what holds up a rollout, and whether the cache
// shows yet what was written. It changes none of them and knows no releases.
package workloads

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
)

// Components are the workloads of every Shop.
var Components = []bundle.Component{bundle.PageComponent, bundle.NotifierComponent}

// State is what the workloads of a Shop are at one moment. It is not changed.
type State struct {
	Shop        *v1alpha1.Shop
	Now         time.Time
	Deployments map[bundle.Component]*appsv1.Deployment // that there are
	Scaled      map[string]bool                         // Deployments that an autoscaler scales which is not ours
	// Settled reports that the Shop was not reconciling: a generation that the Deployment controller has not observed is then
	// taken for a foreign edit, such as an annotation, until that controller reports otherwise.
	Settled bool
}

// Read reads the workloads from the cache.
func Read(ctx context.Context, cached client.Reader, shop *v1alpha1.Shop, settled bool, now time.Time) (State, error) {
	s := State{Shop: shop, Now: now, Settled: settled, Scaled: map[string]bool{}}
	list := &autoscalingv2.HorizontalPodAutoscalerList{}
	if err := cached.List(ctx, list, client.InNamespace(shop.Namespace)); err != nil {
		return s, fmt.Errorf("listing the autoscalers of the namespace: %w", err)
	}
	for i := range list.Items {
		if name := scaledBy(&list.Items[i]); name != "" && !metav1.IsControlledBy(&list.Items[i], shop) {
			s.Scaled[name] = true
		}
	}
	return s.refresh(ctx, cached)
}

// refresh returns the State with the Deployments as they are now.
func (s State) refresh(ctx context.Context, cached client.Reader) (State, error) {
	s.Deployments = map[bundle.Component]*appsv1.Deployment{}
	for _, component := range Components {
		deployment := &appsv1.Deployment{}
		key := keyOf(s.Shop, component)
		err := cached.Get(ctx, key, deployment)
		if client.IgnoreNotFound(err) != nil {
			return s, fmt.Errorf("reading the Deployment %s: %w", key, err)
		}
		if err == nil {
			s.Deployments[component] = deployment
		}
	}
	return s, nil
}

func keyOf(shop client.Object, component bundle.Component) client.ObjectKey {
	return client.ObjectKey{Namespace: shop.GetNamespace(), Name: desired.WorkloadName(shop.GetName(), component)}
}

// Serve reports whether both workloads have come to the end of their rolls and are there.
func (s State) Serve() bool {
	for _, component := range Components {
		if !s.settledHealth(component).Complete(s.podsForCompleteRollout(component)) {
			return false
		}
	}
	return true
}

// Complete reports whether the roll of a workload came to its end, as its controller says.
func (s State) Complete(component bundle.Component) bool {
	return rollouthealth.Read(s.Deployments[component]).Complete(s.podsForCompleteRollout(component))
}

// Expired reports whether the roll of a workload did not come to its end in time, as its controller says.
func (s State) Expired(component bundle.Component) bool {
	health := rollouthealth.Read(s.Deployments[component])
	return health.Observed && health.Expired
}

func (s State) settledHealth(component bundle.Component) rollouthealth.Health {
	health := rollouthealth.Read(s.Deployments[component])
	health.Observed = health.Exists && (s.Settled || health.Observed)
	return health
}

// podsForCompleteRollout returns how many pods of the workload must run the new template before its rollout is complete: all that the
// Deployment asks for, but one if an autoscaler sets their number, because the pods that it adds later belong to no rollout.
func (s State) podsForCompleteRollout(component bundle.Component) int32 {
	d := s.Deployments[component]
	page := s.Shop.Spec.Page
	own := page != nil && page.Autoscaling != nil && component == bundle.PageComponent
	if d == nil || own || s.Scaled[d.Name] || d.Spec.Replicas == nil {
		return 1
	}
	return *d.Spec.Replicas
}
