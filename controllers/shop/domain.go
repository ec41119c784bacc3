package shop

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/domain"
)

// domain states DomainReady and status.dns. It never looks itself: what was seen comes from the prober.
func (r *Reconciler) domain(ctx context.Context, s *scope) error {
	if !s.status.Is(v1alpha1.ConditionHostnameAccepted) {
		return nil // what others hold is not ours to look at, and our old route serves on
	}
	key, kind := client.ObjectKeyFromObject(s.shop), v1alpha1.ConditionDomainReady
	e, settings := r.exposure(s.shop), r.Settings()
	if e.Type == v1alpha1.ExposureNone {
		r.Domains.Forget(key)
		s.shop.Status.DNS = nil
		s.status.True(kind, v1alpha1.ReasonNotNeeded, fmt.Sprintf("somebody else leads the hostname to the Service %s", desired.WorkloadName(s.shop.Name, bundle.PageComponent)))
		return nil
	}
	route, err := r.standing(ctx, s.shop, e)
	if err != nil {
		return err
	}
	target := domainTarget(s.shop, route, settings)
	if !settings.Check {
		r.Domains.Forget(key)
		s.shop.Status.DNS = nil
		stateRoute(s, route, metav1.ConditionTrue, v1alpha1.ReasonNotNeeded, "the platform does not look at DNS and certificates")
		return nil
	}
	r.Domains.Track(key, target)
	looks := r.Domains.Latest(key)
	if c := meta.FindStatusCondition(s.shop.Status.Conditions, kind); len(looks) == 0 && c != nil && c.ObservedGeneration == s.shop.Generation {
		return nil // an operator that has just started knows no better than what is on record of this generation
	}
	found := domain.Diagnose(target, looks, e.TLSType())
	s.shop.Status.DNS = nil
	if len(found.Records) > 0 {
		s.shop.Status.DNS = &v1alpha1.DNS{Records: found.Records}
	}
	stateRoute(s, route, found.Status, found.Reason, found.Message)
	return nil
}

// domainTarget is where the hostnames should lead: where the platform says, else where the route says.
func domainTarget(shop *v1alpha1.Shop, route standing, settings domain.Settings) domain.Target {
	t := domain.Target{Hostnames: hostnames(shop), Port: settings.Port}
	t.Addresses, t.Names = domain.Split(route.leads)
	if len(settings.Addresses) > 0 {
		t.Addresses, t.Names = domain.Split(settings.Addresses)
		t.Own = t.Addresses
	}
	return t
}

// stateRoute lets a route that is not taken outweigh whatever was seen: nothing can be right before.
func stateRoute(s *scope, route standing, state metav1.ConditionStatus, reason, message string) {
	kind := v1alpha1.ConditionDomainReady
	switch {
	case route.state == metav1.ConditionFalse:
		s.status.False(kind, v1alpha1.ReasonRouteNotAccepted, route.message)
	case route.state == metav1.ConditionUnknown:
		s.status.Unknown(kind, v1alpha1.ReasonNotYetObserved, route.message)
	case state == metav1.ConditionTrue:
		s.status.True(kind, reason, message)
	case state == metav1.ConditionFalse:
		s.status.False(kind, reason, message)
	default:
		s.status.Unknown(kind, reason, message)
	}
}
