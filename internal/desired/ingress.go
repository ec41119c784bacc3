package desired

import (
	networkingv1 "k8s.io/api/networking/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// Annotations that name the issuer for cert-manager.
const (
	certManagerIssuer        = "cert-manager.io/issuer"
	certManagerClusterIssuer = "cert-manager.io/cluster-issuer"
)

// ingress leads the Shop's hostnames to its page by an Ingress.
func ingress(shop *v1alpha1.Shop, e Exposure) Object {
	spec := networkingv1ac.IngressSpec()
	for _, host := range Hosts(shop) {
		spec.WithRules(rule(shop, host))
	}
	if e.IngressClass != "" {
		spec.WithIngressClassName(e.IngressClass)
	}
	i := networkingv1ac.Ingress(RouteName(shop.Name), shop.Namespace).
		WithLabels(labels(shop.Name)).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(spec)
	certificates(i, shop, e)
	return i
}

func rule(shop *v1alpha1.Shop, host Host) *networkingv1ac.IngressRuleApplyConfiguration {
	backend := networkingv1ac.IngressBackend().WithService(networkingv1ac.IngressServiceBackend().
		WithName(WorkloadName(shop.Name, bundle.PageComponent)).
		WithPort(networkingv1ac.ServiceBackendPort().WithName(pagePortName)))
	return networkingv1ac.IngressRule().WithHost(host.Name).
		WithHTTP(networkingv1ac.HTTPIngressRuleValue().WithPaths(networkingv1ac.HTTPIngressPath().
			WithPath(host.Path).WithPathType(networkingv1.PathTypePrefix).WithBackend(backend)))
}

// certificates names the Secrets that the ingress controller takes certificates from, and asks cert-manager to fill
// them. A Secret of the user covers all hosts.
func certificates(i *networkingv1ac.IngressApplyConfiguration, shop *v1alpha1.Shop, e Exposure) {
	hosts := Hosts(shop)
	switch e.TLSType() {
	case v1alpha1.TLSCertManager:
		annotation := certManagerIssuer
		if e.TLS.IssuerRef.Kind == v1alpha1.IssuerCluster {
			annotation = certManagerClusterIssuer
		}
		i.WithAnnotations(map[string]string{annotation: string(e.TLS.IssuerRef.Name)})
		for place, host := range hosts {
			i.Spec.WithTLS(networkingv1ac.IngressTLS().WithHosts(host.Name).WithSecretName(certificateName(shop.Name, place, host.Name)))
		}
	case v1alpha1.TLSSecret:
		entry := networkingv1ac.IngressTLS().WithSecretName(string(e.TLS.SecretRef.Name))
		for _, host := range hosts {
			entry.WithHosts(host.Name)
		}
		i.Spec.WithTLS(entry)
	case v1alpha1.TLSExternal: // the ingress controller has a certificate, or a proxy in front of it
	}
}
