package shop

import (
	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/world"
)

// publish writes into the status what the merchant has to know: where orders come in, and what holds after everything
// that was left out has been filled in. Without a new bundle the old answers stay true.
func (r *Reconciler) publish(s *scope) {
	document := s.output.Document
	if document == nil {
		return
	}
	endpoints := make([]v1alpha1.Endpoint, 0, len(s.output.Endpoints))
	for _, e := range s.output.Endpoints {
		if e.Object == compile.ShopObject {
			endpoints = append(endpoints, v1alpha1.Endpoint{
				Name: v1alpha1.Key(e.Name), URL: v1alpha1.EndpointURL(e.URL), Keys: world.EndpointKeys(s.keys, e.Source, s.now),
			})
		}
	}
	s.shop.Status.Endpoints = endpoints
	effective := &v1alpha1.EffectiveShop{
		TimeZone:  v1alpha1.TimeZone(document.TimeZone),
		Sender:    v1alpha1.EmailAddress(document.Email.FromAddress),
		Policy:    &v1alpha1.EffectivePolicy{Source: v1alpha1.PolicyBuiltIn},
		Templates: s.shop.Spec.Templates,
		Release:   s.at().Current,
	}
	for _, locale := range document.Locales {
		effective.Locales = append(effective.Locales, v1alpha1.Locale(locale))
	}
	if ref := s.shop.Spec.NotificationPolicyRef; ref != nil {
		effective.Policy = &v1alpha1.EffectivePolicy{Source: v1alpha1.PolicySource(ref.Source), Name: ref.Name}
	}
	s.shop.Status.Effective = effective
}
