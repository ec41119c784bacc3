package hostnames

import (
	"context"
	"fmt"
	"slices"
	"strings"

	coordinationv1 "k8s.io/api/coordination/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
)

// takeOver takes an existing claim that is no longer needed. It asks the API server, because another Shop may have been faster, or
// the cache may be stale.
func (c Claims) takeOver(ctx context.Context, shop *v1alpha1.Shop, hostname string) (*coordinationv1.Lease, bool, error) {
	lease := &coordinationv1.Lease{}
	if err := c.Live.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: claimName(hostname)}, lease); err != nil {
		return nil, false, err
	}
	if holds(shop, lease) {
		return nil, true, nil
	}
	abandoned, err := c.abandoned(ctx, shop, lease)
	if err != nil || !abandoned {
		return nil, false, err
	}
	lease.Labels = c.newClaim(shop, hostname).Labels
	lease.Spec.HolderIdentity = new(holder(shop))
	return lease, true, c.Client.Update(ctx, lease) // the resource version makes this a lock too
}

func holds(shop *v1alpha1.Shop, lease *coordinationv1.Lease) bool {
	return lease.Spec.HolderIdentity != nil && *lease.Spec.HolderIdentity == holder(shop)
}

// abandoned reports whether the holder is a Shop that is no more, and its route is gone too. That is so for an earlier
// Shop of the same name at once: the route is taken over. Only that one inherits while it wants the hostname, so that
// after a restore, in which every Shop gets a new uid, each Shop gets its hostname back, in whatever order they are reconciled.
func (c Claims) abandoned(ctx context.Context, shop *v1alpha1.Shop, lease *coordinationv1.Lease) (bool, error) {
	if lease.Labels[desired.ManagedByLabel] != desired.ManagedBy {
		return false, fmt.Errorf("the Lease %s/%s is not the operator's, and has the name of the claim of a hostname: delete the Lease to free the hostname", lease.Namespace, lease.Name)
	}
	if lease.Spec.HolderIdentity == nil {
		return true, nil
	}
	parts := strings.Split(*lease.Spec.HolderIdentity, "/")
	if len(parts) != 3 {
		return false, fmt.Errorf("the Lease %s/%s has the holder %q, which is not namespace/name/uid of a Shop: delete the Lease to free the hostname", lease.Namespace, lease.Name, *lease.Spec.HolderIdentity)
	}
	other := types.NamespacedName{Namespace: parts[0], Name: parts[1]}
	if other == client.ObjectKeyFromObject(shop) {
		return true, nil
	}
	current := &v1alpha1.Shop{}
	err := c.Live.Get(ctx, other, current)
	if client.IgnoreNotFound(err) != nil {
		return false, err
	}
	hostname := lease.Annotations[hostnameAnnotation]
	if err == nil && slices.Contains(desired.Hostnames(current), hostname) {
		return false, nil
	}
	if err == nil && string(current.UID) == parts[2] {
		return c.canHandOver(ctx, shop, current, hostname)
	}
	routed, err := c.Routes.HasRoute(ctx, other, lease.Annotations[hostnameAnnotation])
	return !routed, err
}

// conflict returns what keeps the hostname from a Shop that wants it: another Shop, or a route that a Shop left which is gone.
func (c Claims) conflict(ctx context.Context, hostname string) (string, error) {
	holder, err := c.holderOf(ctx, hostname)
	if err != nil {
		return "", fmt.Errorf("reading who has the hostname %s: %w", hostname, err)
	}
	routes, err := c.Routes.ByHostname(ctx, hostname)
	if err != nil {
		return "", err
	}
	for _, route := range routes {
		if holder == nil && metav1.GetControllerOfNoCopy(route) == nil {
			return fmt.Sprintf("no Shop has the hostname %s any more, but the %s %s/%s, which a deleted Shop left, still routes it: delete that object, or ask its owners to",
				hostname, kindOf(route), route.GetNamespace(), route.GetName()), nil
		}
	}
	return fmt.Sprintf("the hostname %s belongs to another Shop of this cluster: choose another hostname, or ask the platform's operators which Shop has it", hostname), nil
}

func kindOf(route metav1.Object) string {
	if _, ok := route.(*networkingv1.Ingress); ok {
		return "Ingress"
	}
	return "HTTPRoute"
}

// servedByOther reports whether another Shop serves the hostname without a claim, as when its claim was deleted by hand:
// it is about to claim it again. A route proves nothing unless its Shop is there and wants the hostname.
func (c Claims) servedByOther(ctx context.Context, shop *v1alpha1.Shop, hostname string) (bool, error) {
	routes, err := c.Routes.ByHostname(ctx, hostname)
	if err != nil {
		return false, err
	}
	for _, route := range routes {
		if serves, err := c.leadsOther(ctx, route, shop, hostname); err != nil || serves {
			return serves, err
		}
	}
	return false, nil
}

// leadsOther reports whether the route belongs to another Shop that wants the hostname. The API server is asked, because the
// cache may still show what has just been let go.
func (c Claims) leadsOther(ctx context.Context, route metav1.Object, than *v1alpha1.Shop, hostname string) (bool, error) {
	owner, other := metav1.GetControllerOfNoCopy(route), &v1alpha1.Shop{}
	if owner == nil || owner.UID == than.UID {
		return false, nil
	}
	key := client.ObjectKey{Namespace: route.GetNamespace(), Name: owner.Name}
	if err := c.Live.Get(ctx, key, other); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	if other.UID != owner.UID || !slices.Contains(desired.Hostnames(other), hostname) {
		return false, nil
	}
	return c.Routes.HasRoute(ctx, key, hostname)
}
