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

// looks returns how the prober looks: it asks the resolver that the configuration names at that time.
func (o Options) looks() func(context.Context, dnscheck.Target) []dnscheck.Look {
	if o.Look != nil {
		return o.Look
	}
	return func(ctx context.Context, t dnscheck.Target) []dnscheck.Look {
		resolver := dnscheck.NewResolver(o.Config.Now().Exposure.Resolver)
		return dnscheck.Looker{Resolver: resolver, Now: time.Now}.Look(ctx, t)
	}
}
