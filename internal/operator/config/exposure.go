package config

import (
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
)

// Exposure is how Shops are reached.
type Exposure struct {
	// Type of Shops that leave spec.exposure out: Ingress (default), Gateway or None.
	Type v1alpha1.ExposureType `json:"type"`
	// IngressClassName of Ingresses; empty = the default class of the cluster.
	IngressClassName string `json:"ingressClassName"`
	// Gateway names the Gateways of Shops that leave it out; needed for type Gateway.
	Gateway v1alpha1.GatewayExposure `json:"gateway"`
	// TLS of Ingresses of Shops that leave it out: External (default) or CertManager with its issuer.
	TLS v1alpha1.ExposureTLS `json:"tls"`
	// Grants say which namespaces may use hostnames below which suffixes; without any, every one may use every one.
	Grants dnscheck.Grants `json:"grants"`
	// CheckDomains is Enabled (default) or Disabled: whether the operator looks at DNS and certificates.
	CheckDomains string `json:"checkDomains"`
	// Addresses are the IP addresses and DNS names to which hostnames should lead; empty = what the routes say.
	Addresses []string `json:"addresses"`
	// Resolver is the DNS server to ask, as address and port; empty = the cluster's resolver.
	Resolver string `json:"resolver"`
}

// Whether the operator looks at DNS and certificates.
const (
	Enabled  = "Enabled"
	Disabled = "Disabled"
)

func defaultExposure() Exposure {
	return Exposure{Type: v1alpha1.ExposureIngress, TLS: v1alpha1.ExposureTLS{Type: v1alpha1.TLSExternal}, CheckDomains: Enabled}
}

func (e Exposure) validate(p *problems) {
	types := []v1alpha1.ExposureType{v1alpha1.ExposureIngress, v1alpha1.ExposureGateway, v1alpha1.ExposureNone}
	p.check(slices.Contains(types, e.Type), "exposure.type %q must be Ingress, Gateway or None", e.Type)
	refs := e.Gateway.ParentRefs
	p.check(e.Type != v1alpha1.ExposureGateway || len(refs) > 0, "exposure.gateway.parentRefs must name a Gateway when exposure.type is Gateway")
	p.check(len(refs) <= 4, "exposure.gateway.parentRefs must not have more than 4 entries")
	for i, ref := range refs {
		p.check(ref.Name != "" && ref.Namespace != "", "exposure.gateway.parentRefs[%d] must have a name and a namespace", i)
	}
	p.check(e.CheckDomains == Enabled || e.CheckDomains == Disabled, "exposure.checkDomains %q must be Enabled or Disabled", e.CheckDomains)
	e.validateTLS(p)
	e.validateAddresses(p)
	for i, grant := range e.Grants {
		validateGrant(p, i, grant)
	}
}

func (e Exposure) validateTLS(p *problems) {
	p.check(e.TLS.Type == v1alpha1.TLSExternal || e.TLS.Type == v1alpha1.TLSCertManager,
		"exposure.tls.type %q must be External or CertManager: only a Shop can name a Secret", e.TLS.Type)
	p.check(e.TLS.SecretRef == nil, "exposure.tls.secretRef must not be set: only a Shop can name a Secret")
	p.check((e.TLS.Type == v1alpha1.TLSCertManager) == (e.TLS.IssuerRef != nil), "exposure.tls.issuerRef must be set when, and only when, the type is CertManager")
	if e.TLS.IssuerRef != nil {
		kinds := []v1alpha1.IssuerKind{v1alpha1.IssuerCluster, v1alpha1.IssuerNamespaced}
		p.check(slices.Contains(kinds, e.TLS.IssuerRef.Kind), "exposure.tls.issuerRef.kind %q must be ClusterIssuer or Issuer", e.TLS.IssuerRef.Kind)
		p.check(e.TLS.IssuerRef.Name != "", "exposure.tls.issuerRef.name must be set")
	}
}

func (e Exposure) validateAddresses(p *problems) {
	for i, value := range e.Addresses {
		_, err := netip.ParseAddr(value)
		p.check(err == nil || dnsName(value), "exposure.addresses[%d] %q must be an IP address or a DNS name", i, value)
	}
	if e.Resolver != "" {
		_, err := netip.ParseAddrPort(e.Resolver)
		p.check(err == nil, "exposure.resolver %q must be an IP address with a port, such as 10.96.0.10:53", e.Resolver)
	}
}

func validateGrant(p *problems, i int, g dnscheck.Grant) {
	p.check(len(g.Namespaces) > 0 && len(g.Suffixes) > 0, "exposure.grants[%d] must have namespaces and suffixes", i)
	for _, namespace := range g.Namespaces {
		p.check(namespace == dnscheck.EveryNamespace || len(validation.IsDNS1123Label(namespace)) == 0, "exposure.grants[%d].namespaces: %q must be the name of a namespace, or *", i, namespace)
	}
	for _, suffix := range g.Suffixes {
		p.check(dnsName(strings.ReplaceAll(suffix, dnscheck.NamespacePlaceholder, "a")), "exposure.grants[%d].suffixes: %q must be a lower-case DNS name without a leading dot", i, suffix)
	}
}

func dnsName(value string) bool { return len(validation.IsDNS1123Subdomain(value)) == 0 }
