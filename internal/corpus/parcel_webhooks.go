package corpus

import (
	"bytes"
	"fmt"
	"maps"
	"time"
)

// deliveries returns the webhooks of the parcel's reporter.
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
		if p.s.chance(50) { // a message of its own rather than the same one tried again
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

// number returns the number under which the carrier has the parcel: the right one.
func (p *parcel) number() string { return p.Numbers[len(p.Numbers)-1].Number }

// toReport returns the scans that arrive at an instant; the last scan again when a day arrives alone.
func (p *parcel) toReport(arrival time.Time) []*scan {
	if scans := p.scansAt(arrival); len(scans) > 0 {
		return scans
	}
	heard := p.heardBy(arrival)
	return heard[max(0, len(heard)-1):]
}

// listedAt returns since when the shop's system knows the parcel; zero if it never does.
func (p *parcel) listedAt() time.Time {
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

func (p *parcel) shopListed() bool { return !p.listedAt().IsZero() }
