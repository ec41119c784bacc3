package desired

import (
	networkingv1 "k8s.io/api/networking/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// Annotations by which cert-manager knows whom to ask for a certificate.
const (
	certManagerIssuer        = "cert-manager.io/issuer"
	certManagerClusterIssuer = "cert-manager.io/cluster-issuer"
)

// Exposed says whether the Shop has an Ingress. Without spec.exposure it has one.
func Exposed(shop *v1alpha1.Shop) bool {
	return shop.Spec.Exposure == nil || shop.Spec.Exposure.Type == v1alpha1.ExposureIngress
}

// ingress leads the Shop's hostnames to its page, or is nil where somebody else does.
func ingress(in Input) Object {
	shop := in.Shop
	if !Exposed(shop) {
		return nil
	}
	hosts := Hostnames(shop)
	spec := networkingv1ac.IngressSpec().WithRules(rule(shop, hosts[0], "/"))
	for _, host := range hosts[1:] {
		spec.WithRules(rule(shop, host, "/"))
	}
	e := shop.Spec.Exposure
	if e != nil && e.WebhookHostname != "" {
		hosts = append(hosts, string(e.WebhookHostname))
		spec.WithRules(rule(shop, string(e.WebhookHostname), bundle.HookPath))
	}
	if class := ingressClass(in); class != "" {
		spec.WithIngressClassName(class)
	}
	i := networkingv1ac.Ingress(IngressName(shop.Name), shop.Namespace).
		WithLabels(labels(shop.Name)).
		WithOwnerReferences(ownedBy(shop)).
		WithSpec(spec)
	if e != nil && e.TLS != nil {
		certificate(i, shop, e.TLS, hosts)
	}
	return i
}

// Hostnames are those under which the page is reached: the Shop's own first, then its aliases.
func Hostnames(shop *v1alpha1.Shop) []string {
	hosts := []string{string(shop.Spec.Hostname)}
	for _, a := range shop.Spec.Aliases {
		hosts = append(hosts, string(a.Hostname))
	}
	return hosts
}

func ingressClass(in Input) string {
	if e := in.Shop.Spec.Exposure; e != nil && e.Ingress != nil {
		return string(e.Ingress.ClassName)
	}
	return in.Platform.IngressClass
}

func rule(shop *v1alpha1.Shop, host, path string) *networkingv1ac.IngressRuleApplyConfiguration {
	backend := networkingv1ac.IngressBackend().WithService(networkingv1ac.IngressServiceBackend().
		WithName(WorkloadName(shop.Name, bundle.PageComponent)).
		WithPort(networkingv1ac.ServiceBackendPort().WithName(pagePortName)))
	return networkingv1ac.IngressRule().WithHost(host).
		WithHTTP(networkingv1ac.HTTPIngressRuleValue().WithPaths(networkingv1ac.HTTPIngressPath().
			WithPath(path).WithPathType(networkingv1.PathTypePrefix).WithBackend(backend)))
}

func certificate(i *networkingv1ac.IngressApplyConfiguration, shop *v1alpha1.Shop, tls *v1alpha1.ExposureTLS, hosts []string) {
	secret := TLSSecretName(shop.Name)
	switch tls.Type {
	case v1alpha1.TLSCertManager:
		annotation := certManagerIssuer
		if tls.IssuerRef.Kind == v1alpha1.IssuerCluster {
			annotation = certManagerClusterIssuer
		}
		i.WithAnnotations(map[string]string{annotation: string(tls.IssuerRef.Name)})
	case v1alpha1.TLSSecret:
		secret = string(tls.SecretRef.Name)
	case v1alpha1.TLSExternal:
		return
	}
	i.Spec.WithTLS(networkingv1ac.IngressTLS().WithHosts(hosts...).WithSecretName(secret))
}
