package corpus

import (
	"bytes"
	"fmt"
	"maps"
	"time"
)

// The webhooks about a parcel: which source sends them, twice if its carrier has that habit, and what of the parcel they contain. The bodies
// are in the file of each source, sources_*.go.

// deliveries returns the webhooks that the parcel's reporter sends about it; none if it has no reporter.
func (p *parcel) deliveries() []Delivery {
	var deliveries []Delivery
	switch p.reporter {
	case reporterAPI:
		deliveries = p.apiEvents()
	case reporterEasyPost:
		deliveries = p.easypostEvents()
	case reporterHooks, reporterSubscribe:
		deliveries = p.sendcloudEvents()
	case reporterShopify:
		deliveries = p.shopifyEvents()
	case reporterNone:
	}
	if p.carrierHabit != habitTwice {
		return deliveries
	}
	doubled := make([]Delivery, 0, 2*len(deliveries))
	for _, delivery := range deliveries {
		again := delivery
		again.At = delivery.At.Add(p.s.seconds(1, 1800))
		if p.s.chance(50) { // a new message with the same content, rather than the same message sent again
			p.s.messages++
			again.Body = bytes.Replace(delivery.Body, []byte(`"id":"evt_`), []byte(`"id":"evt_2`), 1)
			again.Header = maps.Clone(delivery.Header)
			if _, found := again.Header["webhook-id"]; found {
				again.Header["webhook-id"] = fmt.Sprintf("msg_%d", p.s.id(idMessage, p.s.messages))
			}
		}
		doubled = append(doubled, delivery, again)
	}
	return doubled
}

// finalNumber returns the last of the parcel's numbers, under which the carrier has it; those before it were wrong.
func (p *parcel) finalNumber() string { return p.Numbers[len(p.Numbers)-1].Number }

// scansToReport returns the scans that a webhook arriving at the instant reports: those that arrive then. If only a new day arrives, it is
// the last scan again.
func (p *parcel) scansToReport(arrival time.Time) []*scan {
	if scans := p.scansAt(arrival); len(scans) > 0 {
		return scans
	}
	heard := p.heardBy(arrival)
	return heard[max(0, len(heard)-1):]
}

// listedByShopAt returns when the shop's system first lists the parcel; zero = never.
func (p *parcel) listedByShopAt() time.Time {
	if p.unlisted {
		return time.Time{}
	}
	for _, sc := range p.scans {
		if sc.shop {
			return sc.arrives
		}
	}
	return time.Time{}
}

// listedByShop reports whether the shop's system ever lists the parcel.
func (p *parcel) listedByShop() bool { return !p.listedByShopAt().IsZero() }
