package shop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// A claim is a Lease in the operator's namespace, named after the hostname: whoever creates it holds the hostname.
const (
	claimPrefix        = "host-"
	hostnameAnnotation = v1alpha1.GroupName + "/hostname"
	namespaceLabel     = v1alpha1.GroupName + "/shop-namespace"
)

// routeGone is how long a freed hostname waits before the route is looked at again, and conflictInterval how long a Shop
// waits for another one's hostname, if no watch tells sooner.
const (
	routeGone        = 5 * time.Second
	conflictInterval = time.Minute
)

// claimName is the Lease of a hostname.
func claimName(hostname string) string {
	sum := sha256.Sum256([]byte(hostname))
	return claimPrefix + hex.EncodeToString(sum[:])[:20]
}

// hostnames are all that a Shop needs for itself.
func hostnames(shop *v1alpha1.Shop) []string {
	var all []string
	for _, host := range desired.Hosts(shop) {
		all = append(all, host.Name)
	}
	return all
}

// holder names one Shop, and not another one of the same name later.
func holder(o client.Object) string {
	return o.GetNamespace() + "/" + o.GetName() + "/" + string(o.GetUID())
}

// claim takes the Shop's hostnames. A Shop that cannot have all changes nothing, so its old route serves on.
func (r *Reconciler) claim(ctx context.Context, s *scope) outcome.Outcome {
	s.hostnames = hostnames(s.shop)
	grants := r.Settings().Grants
	for _, hostname := range s.hostnames {
		if !grants.Allow(s.shop.Namespace, hostname) {
			return refuse(s, v1alpha1.ReasonHostnameNotGranted, fmt.Sprintf("the platform does not grant the hostname %s to the namespace %s: use one below a suffix that it grants, or ask it for a grant", hostname, s.shop.Namespace))
		}
	}
	ordered, err := r.contestedFirst(ctx, s.shop, s.hostnames)
	if err != nil {
		return outcome.Retry(err)
	}
	taken := make([]*coordinationv1.Lease, 0, len(ordered))
	for _, hostname := range ordered {
		lease, held, err := r.claimOne(ctx, s.shop, hostname)
		if err != nil {
			return outcome.Retry(errors.Join(fmt.Errorf("claiming the hostname %s: %w", hostname, err), r.giveBack(ctx, s.shop, taken)))
		}
		if !held {
			out := refuse(s, v1alpha1.ReasonHostnameConflict, fmt.Sprintf("the hostname %s is taken by another Shop of this cluster: choose another one, or ask the platform who holds it", hostname))
			return out.And(r.loseAll(ctx, s.shop, taken)).LookAfter(conflictInterval)
		}
		if lease != nil {
			taken = append(taken, lease)
		}
	}
	s.status.True(v1alpha1.ConditionHostnameAccepted, v1alpha1.ReasonClaimed, "the hostname is this Shop's")
	return outcome.Done()
}

func refuse(s *scope, reason, message string) outcome.Outcome {
	s.status.False(v1alpha1.ConditionHostnameAccepted, reason, message)
	return outcome.Stalled(reason, message)
}

// loseAll keeps a Shop that lost the race for one hostname from holding the others that it does not serve: those taken
// just now, which the cache may not show yet, and those left by an operator that ended in between.
func (r *Reconciler) loseAll(ctx context.Context, shop *v1alpha1.Shop, taken []*coordinationv1.Lease) outcome.Outcome {
	if err := r.giveBack(ctx, shop, taken); err != nil {
		return outcome.Retry(err)
	}
	return r.free(ctx, client.ObjectKeyFromObject(shop), nil)
}

// giveBack deletes the claims that were taken just now, unless a route needs them.
func (r *Reconciler) giveBack(ctx context.Context, shop *v1alpha1.Shop, taken []*coordinationv1.Lease) error {
	for _, lease := range taken {
		routed, err := r.routed(ctx, client.ObjectKeyFromObject(shop), lease.Annotations[hostnameAnnotation])
		if err != nil {
			return err
		}
		if routed {
			continue
		}
		if err := r.Applier.Delete(ctx, lease); err != nil && !apierrors.IsConflict(err) {
			return err
		}
	}
	return nil
}

// contestedFirst puts the hostnames that somebody else seems to hold before all others, so that a Shop which cannot have
// those takes none; and sorts, so that of two Shops that want the same ones, one gets all.
func (r *Reconciler) contestedFirst(ctx context.Context, shop *v1alpha1.Shop, all []string) ([]string, error) {
	var contested, rest []string
	for _, hostname := range slices.Sorted(slices.Values(all)) {
		lease := &coordinationv1.Lease{}
		err := r.Client.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: claimName(hostname)}, lease)
		switch {
		case client.IgnoreNotFound(err) != nil:
			return nil, fmt.Errorf("reading the claim of the hostname %s: %w", hostname, err)
		case err == nil && !holds(shop, lease):
			contested = append(contested, hostname)
		default:
			rest = append(rest, hostname)
		}
	}
	return append(contested, rest...), nil
}

// claimOne says whether the hostname is the Shop's now, and returns the claim if it was taken only now. Creating the
// Lease is the lock.
func (r *Reconciler) claimOne(ctx context.Context, shop *v1alpha1.Shop, hostname string) (*coordinationv1.Lease, bool, error) {
	lease := &coordinationv1.Lease{}
	key := client.ObjectKey{Namespace: r.Namespace, Name: claimName(hostname)}
	err := r.Client.Get(ctx, key, lease)
	if err == nil && holds(shop, lease) {
		return nil, true, nil
	}
	if client.IgnoreNotFound(err) != nil {
		return nil, false, err
	}
	if apierrors.IsNotFound(err) {
		if heir, err := r.heir(ctx, shop, hostname); err != nil || heir {
			return nil, false, err
		}
		mine := r.newClaim(shop, hostname)
		if err := r.Client.Create(ctx, mine); !apierrors.IsAlreadyExists(err) {
			return mine, err == nil, err
		}
	}
	return r.takeOver(ctx, shop, hostname)
}

// takeOver takes a claim that is there, if nobody needs it any more. Somebody was faster, or the cache is behind: only
// the API server knows.
func (r *Reconciler) takeOver(ctx context.Context, shop *v1alpha1.Shop, hostname string) (*coordinationv1.Lease, bool, error) {
	lease := &coordinationv1.Lease{}
	if err := r.Live.Get(ctx, client.ObjectKey{Namespace: r.Namespace, Name: claimName(hostname)}, lease); err != nil {
		return nil, false, err
	}
	if holds(shop, lease) {
		return nil, true, nil
	}
	abandoned, err := r.abandoned(ctx, shop, lease)
	if err != nil || !abandoned {
		return nil, false, err
	}
	lease.Labels = r.newClaim(shop, hostname).Labels
	lease.Spec.HolderIdentity = new(holder(shop))
	return lease, true, r.Client.Update(ctx, lease) // the resource version makes this a lock too
}

func holds(shop *v1alpha1.Shop, lease *coordinationv1.Lease) bool {
	return lease.Spec.HolderIdentity != nil && *lease.Spec.HolderIdentity == holder(shop)
}

// abandoned says whether the holder is a Shop that is no more, and its route is gone too. That is so for an earlier
// Shop of the same name at once: the route is taken over. Only that one inherits while it wants the hostname, so that
// after a restore, in which every Shop gets a new uid, everybody holds what was held before, whoever comes first.
func (r *Reconciler) abandoned(ctx context.Context, shop *v1alpha1.Shop, lease *coordinationv1.Lease) (bool, error) {
	if lease.Spec.HolderIdentity == nil {
		return true, nil
	}
	parts := strings.Split(*lease.Spec.HolderIdentity, "/")
	if len(parts) != 3 {
		return false, fmt.Errorf("the Lease %s/%s has no holder that this operator can read", lease.Namespace, lease.Name)
	}
	other := types.NamespacedName{Namespace: parts[0], Name: parts[1]}
	if other == client.ObjectKeyFromObject(shop) {
		return true, nil
	}
	current := &v1alpha1.Shop{}
	err := r.Live.Get(ctx, other, current)
	if client.IgnoreNotFound(err) != nil {
		return false, err
	}
	hostname := lease.Annotations[hostnameAnnotation]
	if err == nil && slices.Contains(hostnames(current), hostname) {
		return false, nil
	}
	if err == nil && string(current.UID) == parts[2] {
		return r.handsOver(ctx, shop, current, hostname)
	}
	routed, err := r.routed(ctx, other, lease.Annotations[hostnameAnnotation])
	return !routed, err
}

// heir says whether another Shop serves the hostname although nobody claims it, as when its claim was deleted by hand:
// it is about to claim it again. A route proves nothing unless its Shop is there and wants the hostname.
func (r *Reconciler) heir(ctx context.Context, shop *v1alpha1.Shop, hostname string) (bool, error) {
	for _, routes := range r.routeKinds() {
		if err := r.Applier.Reader.List(ctx, routes, client.MatchingFields{hostField: hostname}); err != nil {
			return false, fmt.Errorf("listing the routes of %s: %w", hostname, err)
		}
		objects, err := meta.ExtractList(routes)
		if err != nil {
			return false, fmt.Errorf("listing the routes of %s: %w", hostname, err)
		}
		for _, object := range objects {
			if serves, err := r.serves(ctx, object, shop, hostname); err != nil || serves {
				return serves, err
			}
		}
	}
	return false, nil
}

// serves says whether the route belongs to another Shop that wants the hostname. The API server is asked, because the
// cache may still show what has just been let go.
func (r *Reconciler) serves(ctx context.Context, object runtime.Object, than *v1alpha1.Shop, hostname string) (bool, error) {
	route, err := meta.Accessor(object)
	if err != nil {
		return false, err
	}
	owner, other := metav1.GetControllerOfNoCopy(route), &v1alpha1.Shop{}
	if owner == nil || owner.UID == than.UID {
		return false, nil
	}
	key := client.ObjectKey{Namespace: route.GetNamespace(), Name: owner.Name}
	if err := r.Live.Get(ctx, key, other); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	if other.UID != owner.UID || !slices.Contains(hostnames(other), hostname) {
		return false, nil
	}
	return r.routed(ctx, key, hostname)
}

func (r *Reconciler) newClaim(shop *v1alpha1.Shop, hostname string) *coordinationv1.Lease {
	return &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: r.Namespace, Name: claimName(hostname),
			Labels: map[string]string{
				desired.ManagedByLabel: desired.ManagedBy, v1alpha1.LabelShop: shop.Name, namespaceLabel: shop.Namespace,
			},
			Annotations: map[string]string{hostnameAnnotation: hostname},
		},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: new(holder(shop))},
	}
}

// release frees the hostnames that the Shop had before, as soon as its route has let go of them.
func (r *Reconciler) release(ctx context.Context, s *scope) outcome.Outcome {
	return r.free(ctx, client.ObjectKeyFromObject(s.shop), s.hostnames)
}

// free gives up every claim of the Shop but those kept, once no route of the Shop uses it.
func (r *Reconciler) free(ctx context.Context, shop types.NamespacedName, kept []string) outcome.Outcome {
	claims := &coordinationv1.LeaseList{}
	err := r.Client.List(ctx, claims, client.InNamespace(r.Namespace), client.MatchingFields{holderField: shop.String()})
	if err != nil {
		return outcome.Retry(fmt.Errorf("listing the claimed hostnames: %w", err))
	}
	out := outcome.Done()
	for i := range claims.Items {
		claim := &claims.Items[i]
		hostname := claim.Annotations[hostnameAnnotation]
		if slices.Contains(kept, hostname) {
			continue
		}
		routed, err := r.routed(ctx, shop, hostname)
		switch {
		case err != nil:
			return outcome.Retry(err)
		case routed:
			out = out.And(outcome.Look(routeGone))
		default:
			if err := r.Applier.Delete(ctx, claim); err != nil {
				return outcome.Retry(err)
			}
		}
	}
	return out
}
