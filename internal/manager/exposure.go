package manager

import (
	"context"
	"time"

	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
)

// httpsPort is where shoppers' browsers look, unless the platform's links name another port.
const httpsPort = 443

func exposureOf(c config.Exposure) desired.Exposure {
	return desired.Exposure{Type: c.Type, IngressClass: c.IngressClassName, ParentRefs: c.Gateway.ParentRefs, TLS: &c.TLS}
}

func domainSettings(c config.Config) dnscheck.Settings {
	s := dnscheck.Settings{Grants: c.Exposure.Grants, Check: c.Exposure.CheckDomains == config.Enabled, Addresses: c.Exposure.Addresses}
	if c.Links.Scheme == "https" {
		s.Port = httpsPort
		if c.Links.Port != 0 {
			s.Port = uint16(c.Links.Port)
		}
	}
	return s
}

// checkHostnames returns how the prober looks: it asks the resolver that the configuration names at that time.
func (o Options) checkHostnames() func(context.Context, dnscheck.Target) []dnscheck.Result {
	if o.CheckHostnames != nil {
		return o.CheckHostnames
	}
	return func(ctx context.Context, t dnscheck.Target) []dnscheck.Result {
		resolver := dnscheck.NewResolver(o.Config.Current().Exposure.Resolver)
		return dnscheck.Checker{Resolver: resolver, Now: time.Now}.Check(ctx, t)
	}
}
