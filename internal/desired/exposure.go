package desired

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
)

// Exposure is how a Shop is reached from outside, after everything that it leaves out has been filled in. As a part of
// Platform it is what fills in. Its zero value is an Ingress of the cluster's default class without TLS of its own.
type Exposure struct {
	Type         v1alpha1.ExposureType // "" = Ingress
	IngressClass string                // "" = the cluster's default
	ParentRefs   []v1alpha1.GatewayReference
	TLS          *v1alpha1.ExposureTLS // of an Ingress; nil = External
}

// ExposureOf returns what holds for the Shop.
func ExposureOf(shop *v1alpha1.Shop, platform Exposure) Exposure {
	out := platform
	out.Type = cmp.Or(out.Type, v1alpha1.ExposureIngress)
	e := shop.Spec.Exposure
	if e == nil {
		return out
	}
	out.Type = cmp.Or(e.Type, out.Type)
	if e.Ingress != nil {
		out.IngressClass = string(e.Ingress.ClassName)
	}
	if e.Gateway != nil {
		out.ParentRefs = e.Gateway.ParentRefs
	}
	if e.TLS != nil {
		out.TLS = e.TLS
	}
	return out
}

// TLSType returns where the certificates come from; the listeners of a Gateway bring theirs.
func (e Exposure) TLSType() v1alpha1.TLSType {
	if e.Type != v1alpha1.ExposureIngress || e.TLS == nil {
		return v1alpha1.TLSExternal
	}
	return e.TLS.Type
}

// Host is a hostname and what is served there: everything below a path.
type Host struct {
	Name string
	Path string
}

// Hosts returns all hostnames of a Shop: its own first, then its aliases, then that of its webhooks. At the last one
// nothing but the webhooks is served, and at the others they are served, too: a provider that knows an endpoint below
// the Shop's own hostname goes on reaching it.
func Hosts(shop *v1alpha1.Shop) []Host {
	hosts := []Host{{string(shop.Spec.Hostname), "/"}}
	for _, a := range shop.Spec.Aliases {
		hosts = append(hosts, Host{string(a.Hostname), "/"})
	}
	if e := shop.Spec.Exposure; e != nil && e.WebhookHostname != "" {
		hosts = append(hosts, Host{string(e.WebhookHostname), bundle.HookPath})
	}
	return hosts
}

// Hostnames returns the names of all Hosts.
func Hostnames(shop *v1alpha1.Shop) []string {
	hosts := Hosts(shop)
	names := make([]string, 0, len(hosts))
	for _, host := range hosts {
		names = append(names, host.Name)
	}
	return names
}

// routes returns the objects that route the hostnames to the page; none where exposure is None.
func routes(in Input) []Object {
	switch e := ExposureOf(in.Shop, in.Platform.Exposure); e.Type {
	case v1alpha1.ExposureIngress:
		return []Object{ingress(in.Shop, e)}
	case v1alpha1.ExposureGateway:
		return httpRoutes(in.Shop, e)
	default:
		return nil
	}
}

// certificateName returns the Secret with the certificate of the host at this place. Each host has its own, so that one
// whose DNS is not right yet keeps no other from being renewed.
func certificateName(shop string, place int, host string) string {
	if place == 0 {
		return TLSSecretName(shop)
	}
	sum := sha256.Sum256([]byte(host))
	return TLSSecretName(shop) + "-" + hex.EncodeToString(sum[:])[:8]
}
