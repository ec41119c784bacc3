package routes

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// Domains find out whether the hostnames of Shops lead to their pages. They never look themselves: what was seen comes from
// the prober.
type Domains struct {
	Routes   Routes
	Prober   *dnscheck.Prober
	Settings func() dnscheck.Settings // what counts now
}

// Seen is what was found out about the hostnames of a Shop.
type Seen struct {
	Domain status.Finding // for DomainReady
	DNS    *v1alpha1.DNS  // what to enter at the registrar; nil = nothing
}

// Look returns what is seen of the Shop's hostnames; false = nothing more than what its status says already.
func (d Domains) Look(ctx context.Context, shop *v1alpha1.Shop) (Seen, bool, error) {
	key := client.ObjectKeyFromObject(shop)
	e, settings := d.Routes.Exposure(shop), d.Settings()
	if e.Type == v1alpha1.ExposureNone {
		d.Prober.Forget(key)
		service := desired.WorkloadName(shop.Name, bundle.PageComponent)
		return Seen{Domain: status.Holds(v1alpha1.ReasonNotNeeded, fmt.Sprintf("spec.exposure.type is None: route the hostname to the Service %s yourself", service))}, true, nil
	}
	route, err := d.Routes.status(ctx, shop, e)
	if err != nil {
		return Seen{}, false, err
	}
	if !settings.Check {
		d.Prober.Forget(key)
		return Seen{Domain: route.override(status.Holds(v1alpha1.ReasonNotNeeded, "the platform does not check DNS and certificates (exposure.checkDomains)"))}, true, nil
	}
	target := targetOf(shop, route, settings)
	if e.Type == v1alpha1.ExposureIngress {
		target.Class = e.IngressClass
	}
	d.Prober.Track(key, target)
	looks := d.Prober.Latest(key)
	if c := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionDomainReady); len(looks) == 0 && c != nil && c.ObservedGeneration == shop.Generation {
		return Seen{}, false, nil // an operator that has just started knows no better than what is on record of this generation
	}
	found := dnscheck.Diagnose(target, looks, e.TLSType())
	seen := Seen{Domain: route.override(status.Finding{Status: found.Status, Reason: found.Reason, Message: found.Message})}
	if len(found.Records) > 0 {
		seen.DNS = &v1alpha1.DNS{Records: found.Records}
	}
	return seen, true, nil
}

// Forget stops looking.
func (d Domains) Forget(shop client.ObjectKey) { d.Prober.Forget(shop) }

// targetOf returns where the hostnames should lead: where the platform says, else where the route says.
func targetOf(shop *v1alpha1.Shop, route routeStatus, settings dnscheck.Settings) dnscheck.Target {
	t := dnscheck.Target{Hostnames: desired.Hostnames(shop), Port: settings.Port}
	t.Addresses, t.Names = dnscheck.Split(route.addresses)
	if len(settings.Addresses) > 0 {
		t.Addresses, t.Names = dnscheck.Split(settings.Addresses)
		t.Own = t.Addresses
	}
	return t
}

// override replaces the finding while the route is not accepted: nothing can work before.
func (s routeStatus) override(seen status.Finding) status.Finding {
	switch s.state {
	case metav1.ConditionFalse:
		return status.Fails(v1alpha1.ReasonRouteNotAccepted, s.message)
	case metav1.ConditionUnknown:
		return status.Undecided(v1alpha1.ReasonNotYetObserved, s.message)
	default:
		return seen
	}
}
