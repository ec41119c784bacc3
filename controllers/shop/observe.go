package shop

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/reports"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
	"github.com/wismo-dev/wismo/internal/operator/world"
)

// observe looks at what runs, whatever the steps before it came to: an invalid edit does not hide a broken pod.
func (r *Reconciler) observe(ctx context.Context, s *scope) outcome.Outcome {
	released := s.released()
	r.publish(s)
	rolls := make([]roll, 0, len(components))
	for _, component := range components {
		rolling, err := r.roll(ctx, s, component)
		if err != nil {
			return outcome.Retry(err)
		}
		rolls = append(rolls, rolling)
	}
	out := workloads(s, rolls).And(released).LookAfter(s.look)
	s.reports = r.Reports.Latest(client.ObjectKeyFromObject(s.shop))
	if err := errors.Join(r.world(ctx, s), r.domain(ctx, s)); err != nil {
		return out.And(outcome.Retry(err))
	}
	return out
}

// components are the workloads of every Shop.
var components = []bundle.Component{bundle.PageComponent, bundle.NotifierComponent}

// roll is how far one Deployment is.
type roll struct {
	exists    bool
	available bool                  // enough pods serve
	complete  bool                  // and all of them run what was asked for
	finished  bool                  // the last roll came to its end
	expired   bool                  // the progress deadline has passed
	refused   rollouthealth.Refusal // pods are not let in
	waiting   *waiting              // a pod that no node takes; nil = none
}

func (r *Reconciler) roll(ctx context.Context, s *scope, component bundle.Component) (roll, error) {
	deployment := &appsv1.Deployment{}
	key := client.ObjectKey{Namespace: s.shop.Namespace, Name: desired.WorkloadName(s.shop.Name, component)}
	if err := r.Client.Get(ctx, key, deployment); err != nil {
		if apierrors.IsNotFound(err) {
			return roll{}, nil
		}
		return roll{}, fmt.Errorf("reading the Deployment %s: %w", key, err)
	}
	rolling := rollOf(deployment, wanted(deployment, s), s.rolled, s.status.Settled())
	if rolling.complete || s.rolled {
		return rolling, nil
	}
	var err error
	rolling.waiting, err = r.waitingPod(ctx, s, deployment)
	return rolling, err
}

// rollOf reads a Deployment. One that was changed just now is not complete, whatever an older copy of it says. Where
// all had settled, a generation that its controller has not seen yet is somebody's annotation until that controller
// says otherwise, a moment later.
func rollOf(d *appsv1.Deployment, wanted int32, changed, settled bool) roll {
	health := rollouthealth.Read(d)
	health.Observed = !changed && (settled || health.Observed)
	return roll{
		exists: health.Exists, available: health.Available, complete: health.Complete(wanted),
		finished: health.Observed && health.RolledOut, expired: health.Observed && health.Expired, refused: health.Refusal,
	}
}

// workloads states the condition WorkloadsAvailable. A roll that goes on keeps the Shop from being Ready, not from
// being available.
func workloads(s *scope, rolls []roll) outcome.Outcome {
	reason, message := judge(rolls, s.shop.Namespace)
	available := every(rolls, func(x roll) bool { return x.available })
	if available {
		s.status.True(v1alpha1.ConditionWorkloadsAvailable, v1alpha1.ReasonAvailable, serving)
	} else {
		s.status.False(v1alpha1.ConditionWorkloadsAvailable, reason, message)
	}
	switch {
	case s.retreated != "":
		return outcome.Stalled(v1alpha1.ReasonProgressDeadlineExceeded, s.retreated)
	case every(rolls, func(x roll) bool { return x.complete }):
		return outcome.Done()
	case available && s.moved() && s.status.Settled():
		return outcome.Done() // whoever waits for the Shop waits for its owner's change, and not for the platform's
	case !every(rolls, func(x roll) bool { return !x.expired }): // whatever holds them up, those who wait must be told
		return outcome.Stalled(reason, message)
	case reason == v1alpha1.ReasonAvailable:
		return outcome.Wait(0, v1alpha1.ReasonProgressing, "page and notifier are being replaced one by one")
	default:
		return outcome.Await(outcome.Patience, reason, message)
	}
}

const serving = "page and notifier serve"

// judge names what holds the workloads up, the worst first.
func judge(rolls []roll, namespace string) (reason, message string) {
	switch {
	case !every(rolls, func(x roll) bool { return x.exists }):
		return v1alpha1.ReasonProgressing, "page and notifier do not run yet"
	case refused(rolls) != rollouthealth.Refusal{}:
		return refused(rolls).Reason, refused(rolls).Message()
	case homeless(rolls) != nil:
		return v1alpha1.ReasonPodsUnschedulable, "no node takes the pods: " + homeless(rolls).words
	case !every(rolls, func(x roll) bool { return !x.expired || x.available }):
		return v1alpha1.ReasonPodsFailing, "pods do not become ready; see: kubectl get pods -n " + namespace
	case !every(rolls, func(x roll) bool { return !x.expired }):
		return v1alpha1.ReasonProgressDeadlineExceeded, "the new pods do not become ready, and the old ones serve on; see: kubectl get pods -n " + namespace
	case every(rolls, func(x roll) bool { return x.available }):
		return v1alpha1.ReasonAvailable, serving
	case !every(rolls, func(x roll) bool { return !x.finished || x.available }):
		return v1alpha1.ReasonPodsFailing, "pods that served are not ready any more; see: kubectl get pods -n " + namespace
	default:
		return v1alpha1.ReasonProgressing, "page and notifier are starting"
	}
}

// homeless is a pod that no node takes, of a workload that does not serve meanwhile; nil = there is none.
func homeless(rolls []roll) *waiting {
	for _, x := range rolls {
		if x.waiting != nil && !x.available {
			return x.waiting
		}
	}
	return nil
}

// refused is the first refusal that keeps a roll from its end.
func refused(rolls []roll) rollouthealth.Refusal {
	for _, x := range rolls {
		if !x.complete && x.refused != (rollouthealth.Refusal{}) {
			return x.refused
		}
	}
	return rollouthealth.Refusal{}
}

func every[T any](all []T, is func(T) bool) bool {
	return !slices.ContainsFunc(all, func(x T) bool { return !is(x) })
}

// world states the conditions that feed Operational.
func (r *Reconciler) world(ctx context.Context, s *scope) error {
	if s.output.Document == nil || s.keys == nil {
		return nil // what is known of the last good bundle stays
	}
	if !r.Reports.Asked(client.ObjectKeyFromObject(s.shop)) && world.Known(s.shop.Status.Conditions) {
		return nil
	}
	view := world.View{Output: s.output, Reports: s.reports, Shop: s.shop, Keys: s.keys, Wall: desired.Closed(desired.Input{Shop: s.shop, Bundle: s.output, Platform: r.Platform()})}
	world.Credentials(s.status, view, world.OfShop)
	world.Orders(s.status, view)
	world.Sender(s.status, view)
	volume, err := r.volume(ctx, s.shop)
	if err != nil {
		return err
	}
	world.Storage(s.status, view, stateOf(volume, s.refusal))
	return nil
}

// volume is the claim for the Shop's orders, or nil where there is none.
func (r *Reconciler) volume(ctx context.Context, shop *v1alpha1.Shop) (*corev1.PersistentVolumeClaim, error) {
	volume := &corev1.PersistentVolumeClaim{}
	err := r.Client.Get(ctx, client.ObjectKey{Namespace: shop.Namespace, Name: desired.VolumeName(shop.Name)}, volume)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the volume of the Shop: %w", err)
	}
	return volume, nil
}

// track tells the poller which pods to ask. A Shop that only waits for its first order is not asked more often.
func (r *Reconciler) track(ctx context.Context, s *scope) error {
	services, err := r.services(ctx, s.shop)
	if err != nil {
		return err
	}
	slicesOf := &discoveryv1.EndpointSliceList{}
	err = r.Client.List(ctx, slicesOf, client.InNamespace(s.shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: s.shop.Name})
	if err != nil {
		return fmt.Errorf("listing the EndpointSlices of the Shop: %w", err)
	}
	ours := slices.DeleteFunc(slicesOf.Items, func(e discoveryv1.EndpointSlice) bool {
		owner := metav1.GetControllerOfNoCopy(&e)
		return owner == nil || !slices.Contains(services, owner.UID)
	})
	r.Reports.Track(client.ObjectKeyFromObject(s.shop), addresses(ours), world.Urgent(s.shop.Status.Conditions))
	return nil
}

// services are the Shop's own: only the EndpointSlices that were made for them lead to its pods. Labels alone prove
// nothing, because anybody may write them.
func (r *Reconciler) services(ctx context.Context, shop *v1alpha1.Shop) ([]types.UID, error) {
	var ids []types.UID
	for _, component := range components {
		service := &corev1.Service{}
		key := client.ObjectKey{Namespace: shop.Namespace, Name: desired.WorkloadName(shop.Name, component)}
		err := r.Client.Get(ctx, key, service)
		if client.IgnoreNotFound(err) != nil {
			return nil, fmt.Errorf("reading the Service %s: %w", key, err)
		}
		if err == nil && metav1.IsControlledBy(service, shop) {
			ids = append(ids, service.UID)
		}
	}
	return ids, nil
}

// addresses are those of the pods behind the Services, ready or not, sorted and without repetition.
func addresses(endpoints []discoveryv1.EndpointSlice) []netip.Addr {
	var all []netip.Addr
	for _, slice := range endpoints {
		for _, endpoint := range slice.Endpoints {
			pod := endpoint.TargetRef
			if pod == nil || pod.Kind != "Pod" || pod.Namespace != slice.Namespace || len(endpoint.Addresses) == 0 {
				continue
			}
			if address, err := netip.ParseAddr(endpoint.Addresses[0]); err == nil && reports.Askable(address) {
				all = append(all, address)
			}
		}
	}
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}
