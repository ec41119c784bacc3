// Package hostnames decides which Shop may use which hostname. A hostname is claimed before a route for it is created, and freed
// after its last route is deleted; the first claim wins. The package creates no routes and asks no DNS server.
package hostnames

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// Indexes of the cache: shopsByClaimIndex finds the Shops that want the hostname of a Lease, leasesByShopIndex the Leases that a Shop
// holds.
const (
	shopsByClaimIndex = "claims"
	leasesByShopIndex = "shop"
)

// A claim is a Lease in the operator's namespace whose name is derived from the hostname. The Shop for which it is created holds the
// hostname.
const (
	claimPrefix        = "host-"
	hostnameAnnotation = v1alpha1.GroupName + "/hostname"
	namespaceLabel     = v1alpha1.GroupName + "/shop-namespace"
)

// routeGone is after how long to check again whether the route of a hostname to free is gone, conflictInterval after how long a Shop
// checks again whether a hostname of another Shop is free. A watch may reconcile it earlier.
const (
	routeGone        = 5 * time.Second
	conflictInterval = time.Minute
)

// claimName returns the Lease of a hostname.
func claimName(hostname string) string {
	sum := sha256.Sum256([]byte(hostname))
	return claimPrefix + hex.EncodeToString(sum[:])[:20]
}

// Routes finds the routes of hostnames. A claim must not pass to another Shop while a route for its hostname exists.
type Routes interface {
	// HasRoute reports whether a route of the Shop exists for the hostname, as the API server knows it now.
	HasRoute(ctx context.Context, shop types.NamespacedName, hostname string) (bool, error)
	// ByHostname returns the routes of all Shops for the hostname.
	ByHostname(ctx context.Context, hostname string) ([]metav1.Object, error)
}

// Claims manages the hostname claims of all Shops of the cluster.
type Claims struct {
	Client    client.Client // reads come from the cache
	Live      client.Reader // the API server itself, for what must not be stale
	Routes    Routes
	Namespace string // the operator's own, where the claims are
	// Installation is the id of this installation, of which each claim bears a copy.
	Installation string
}

// Index adds the indexes to the cache, so that a lookup does not read every Shop.
func Index(ctx context.Context, in client.FieldIndexer) error {
	return errors.Join(
		in.IndexField(ctx, &v1alpha1.Shop{}, shopsByClaimIndex, func(o client.Object) []string {
			shop, _ := o.(*v1alpha1.Shop)
			claims := make([]string, 0, 1)
			for _, hostname := range desired.Hostnames(shop) {
				claims = append(claims, claimName(hostname))
			}
			return claims
		}),
		in.IndexField(ctx, &coordinationv1.Lease{}, leasesByShopIndex, func(o client.Object) []string {
			return []string{o.GetLabels()[namespaceLabel] + "/" + o.GetLabels()[v1alpha1.LabelShop]}
		}),
	)
}

// Wanting selects the Shops that want the hostname of a claim.
func Wanting(claim client.Object) client.ListOption {
	return client.MatchingFields{shopsByClaimIndex: claim.GetName()}
}

// holder returns the identity of one Shop. A later Shop of the same name has another one.
func holder(o client.Object) string {
	return o.GetNamespace() + "/" + o.GetName() + "/" + string(o.GetUID())
}

// Acquire claims all hostnames of the Shop, and returns the condition HostnameAccepted. If the Shop cannot have all, it keeps the
// claims that it had and gets no new ones, so that its old route continues to serve.
func (c Claims) Acquire(ctx context.Context, shop *v1alpha1.Shop, grants dnscheck.Grants) (status.Finding, outcome.Outcome) {
	all := desired.Hostnames(shop)
	for _, hostname := range all {
		if !grants.Allow(shop.Namespace, hostname) {
			return refused(v1alpha1.ReasonHostnameNotGranted, fmt.Sprintf("the hostname %s is not granted to the namespace %s: use a hostname that the platform grants, or ask the platform's operators for a grant", hostname, shop.Namespace))
		}
	}
	ordered, err := c.contestedFirst(ctx, shop, all)
	if err != nil {
		return status.Finding{}, outcome.Retry(err)
	}
	taken := make([]*coordinationv1.Lease, 0, len(ordered))
	for _, hostname := range ordered {
		lease, held, err := c.acquireOne(ctx, shop, hostname)
		if err != nil {
			return status.Finding{}, outcome.Retry(errors.Join(fmt.Errorf("claiming the hostname %s: %w", hostname, err), c.giveBack(ctx, shop, taken)))
		}
		if !held {
			message, err := c.conflict(ctx, hostname)
			if err != nil {
				return status.Finding{}, outcome.Retry(err)
			}
			finding, out := refused(v1alpha1.ReasonHostnameConflict, message)
			return finding, out.And(c.loseAll(ctx, shop, taken)).LookAfter(conflictInterval)
		}
		if lease != nil {
			taken = append(taken, lease)
		}
	}
	for _, lease := range taken {
		ctrl.LoggerFrom(ctx).Info("Claimed a hostname", "hostname", lease.Annotations[hostnameAnnotation])
	}
	return status.Holds(v1alpha1.ReasonClaimed, "all hostnames of the Shop are claimed"), outcome.Done()
}

func refused(reason, message string) (status.Finding, outcome.Outcome) {
	return status.Fails(reason, message), outcome.Stalled(reason, message)
}

// loseAll frees the hostnames of a Shop that cannot have all, unless a route of it uses them: those taken by this call, which the cache
// may not show yet, and those left by an operator that was stopped in between.
func (c Claims) loseAll(ctx context.Context, shop *v1alpha1.Shop, taken []*coordinationv1.Lease) outcome.Outcome {
	if err := c.giveBack(ctx, shop, taken); err != nil {
		return outcome.Retry(err)
	}
	return c.Free(ctx, client.ObjectKeyFromObject(shop), nil)
}

// giveBack deletes the claims taken by this call, unless a route of the Shop uses them.
func (c Claims) giveBack(ctx context.Context, shop *v1alpha1.Shop, taken []*coordinationv1.Lease) error {
	for _, lease := range taken {
		routed, err := c.Routes.HasRoute(ctx, client.ObjectKeyFromObject(shop), lease.Annotations[hostnameAnnotation])
		if err != nil {
			return err
		}
		if routed {
			continue
		}
		if err := c.remove(ctx, lease); err != nil && !apierrors.IsConflict(err) {
			return err
		}
	}
	return nil
}

// contestedFirst returns the hostnames in the order in which to claim them: first those that another Shop seems to hold, so that a Shop
// which cannot have those claims none. Each part is sorted, so that of two Shops that want the same hostnames, one gets all.
func (c Claims) contestedFirst(ctx context.Context, shop *v1alpha1.Shop, all []string) ([]string, error) {
	var contested, rest []string
	for _, hostname := range slices.Sorted(slices.Values(all)) {
		lease := &coordinationv1.Lease{}
		err := c.Client.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: claimName(hostname)}, lease)
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

// acquireOne reports whether the Shop holds the hostname, and returns the claim if this call took it. The name of the Lease makes sure
// that only one Shop can create it.
func (c Claims) acquireOne(ctx context.Context, shop *v1alpha1.Shop, hostname string) (*coordinationv1.Lease, bool, error) {
	lease := &coordinationv1.Lease{}
	key := client.ObjectKey{Namespace: c.Namespace, Name: claimName(hostname)}
	err := c.Client.Get(ctx, key, lease)
	if err == nil && holds(shop, lease) {
		return nil, true, nil
	}
	if client.IgnoreNotFound(err) != nil {
		return nil, false, err
	}
	if apierrors.IsNotFound(err) {
		if served, err := c.servedByOther(ctx, shop, hostname); err != nil || served {
			return nil, false, err
		}
		mine := c.newClaim(shop, hostname)
		if err := c.Client.Create(ctx, mine); !apierrors.IsAlreadyExists(err) {
			return mine, err == nil, err
		}
	}
	return c.takeOver(ctx, shop, hostname)
}

func (c Claims) newClaim(shop *v1alpha1.Shop, hostname string) *coordinationv1.Lease {
	return &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: c.Namespace, Name: claimName(hostname),
			Labels: map[string]string{
				desired.ManagedByLabel: desired.ManagedBy, v1alpha1.LabelShop: shop.Name, namespaceLabel: shop.Namespace,
			},
			Annotations: map[string]string{hostnameAnnotation: hostname, v1alpha1.AnnotationInstallation: c.Installation},
		},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: new(holder(shop))},
	}
}

// Free deletes every claim of the Shop except those of the kept hostnames. It waits for a claim whose hostname a route still uses.
func (c Claims) Free(ctx context.Context, shop types.NamespacedName, kept []string) outcome.Outcome {
	claims := &coordinationv1.LeaseList{}
	err := c.Client.List(ctx, claims, client.InNamespace(c.Namespace), client.MatchingFields{leasesByShopIndex: shop.String()})
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
		routed, err := c.Routes.HasRoute(ctx, shop, hostname)
		switch {
		case err != nil:
			return outcome.Retry(err)
		case routed:
			out = out.And(outcome.Look(routeGone))
		default:
			if err := c.remove(ctx, claim); err != nil {
				return outcome.Retry(err)
			}
			ctrl.LoggerFrom(ctx).Info("Freed a hostname", "hostname", hostname)
		}
	}
	return out
}

func (c Claims) remove(ctx context.Context, claim *coordinationv1.Lease) error {
	return apply.Applier{Writer: c.Client}.Delete(ctx, claim)
}
