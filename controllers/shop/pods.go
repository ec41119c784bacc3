package shop

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/health"
	"github.com/wismo-dev/wismo/internal/operator/reports"
)

// pods finds the pods of Shops that are to be asked for reports.
type pods struct {
	Client  client.Reader // reads come from the cache
	Reports *reports.Poller
}

// track tells the poller which pods to ask. A Shop that only waits for its first order is not asked more often.
func (p pods) track(ctx context.Context, shop *v1alpha1.Shop) error {
	services, err := p.services(ctx, shop)
	if err != nil {
		return err
	}
	slicesOf := &discoveryv1.EndpointSliceList{}
	err = p.Client.List(ctx, slicesOf, client.InNamespace(shop.Namespace), client.MatchingLabels{v1alpha1.LabelShop: shop.Name})
	if err != nil {
		return fmt.Errorf("listing the EndpointSlices of the Shop: %w", err)
	}
	ours := slices.DeleteFunc(slicesOf.Items, func(e discoveryv1.EndpointSlice) bool {
		owner := metav1.GetControllerOfNoCopy(&e)
		return owner == nil || !slices.Contains(services, owner.UID)
	})
	urgent := health.Urgent(shop.Status.Conditions) || !activityInForce(shop)
	p.Reports.Track(client.ObjectKeyFromObject(shop), addresses(ours), urgent)
	return nil
}

// activityInForce reports whether the pods have read the activity that the Shop is to have.
func activityInForce(shop *v1alpha1.Shop) bool {
	effective := shop.Status.Effective
	return effective != nil && effective.Activity == v1alpha1.Activity(compile.ActivityOf(shop).Activity)
}

// services returns the Shop's own: only the EndpointSlices that were made for them lead to its pods. Labels alone prove
// nothing, because any user may write them.
func (p pods) services(ctx context.Context, shop *v1alpha1.Shop) ([]types.UID, error) {
	var ids []types.UID
	for _, component := range workloads.Components {
		service := &corev1.Service{}
		key := client.ObjectKey{Namespace: shop.Namespace, Name: desired.WorkloadName(shop.Name, component)}
		err := p.Client.Get(ctx, key, service)
		if client.IgnoreNotFound(err) != nil {
			return nil, fmt.Errorf("reading the Service %s: %w", key, err)
		}
		if err == nil && metav1.IsControlledBy(service, shop) {
			ids = append(ids, service.UID)
		}
	}
	return ids, nil
}

// addresses returns those of the pods behind the Services, ready or not, sorted and without repetition.
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
