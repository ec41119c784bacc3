package config

import (
	"net/netip"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
)

// HouseRelay is the platform's mail server, which takes mails of this cluster without a log-in.
type HouseRelay struct {
	// Host is a DNS name or an IP address; empty = there is no relay.
	Host string `json:"host"`
	// Port is 587 by default.
	Port int `json:"port"`
	// TLS is StartTLS (default), Implicit or None.
	TLS string `json:"tls"`
	// Domain of the senders: a Shop without a sender of its own mails as <shop>@<domain>.
	Domain string `json:"domain"`
}

func defaultHouseRelay() HouseRelay { return HouseRelay{Port: 587, TLS: "StartTLS"} }

func (r HouseRelay) validate(p *problems) {
	p.check(slices.Contains([]string{"StartTLS", "Implicit", "None"}, r.TLS),
		"houseRelay.tls %q must be StartTLS, Implicit or None", r.TLS)
	p.port("houseRelay.port", r.Port, 1)
	p.check((r.Host == "") == (r.Domain == ""),
		"houseRelay.host and houseRelay.domain must be set together: the senders of Shops are <shop>@<domain>")
	if r.Host == "" || r.Domain == "" {
		return
	}
	p.named("houseRelay.domain", r.Domain, validation.IsDNS1123Subdomain(r.Domain))
	if _, err := netip.ParseAddr(r.Host); err != nil {
		p.named("houseRelay.host", r.Host, validation.IsDNS1123Subdomain(r.Host))
	}
}
