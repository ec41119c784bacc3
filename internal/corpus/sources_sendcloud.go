package corpus

import (
	"fmt"
	"strings"
	"time"
)

// sendcloudEvents returns integration webhooks, or event subscriptions where the account has them.
func (p *parcel) sendcloudEvents() []Delivery {
	deliveries := p.sendcloudReady()
	for _, arrival := range p.arrivals() {
		for _, sc := range p.scansToReport(arrival) {
			body := p.sendcloudStatus(sc, arrival)
			if p.reporter == reporterSubscribe {
				body = p.sendcloudEvent(sc)
			}
			deliveries = append(deliveries, Delivery{At: arrival, Source: SourceSendcloud, Body: encode(body)})
		}
	}
	return deliveries
}

// sendcloudOrder returns the order's id: the shop's, or one of the account's own.
func (p *parcel) sendcloudOrder() string {
	if p.fulfillment%3 == 0 {
		return fmt.Sprintf("sc-%d", p.fulfillment)
	}
	return p.order.ExternalID
}

// sendcloudReady returns what an integration says of a parcel that has a label and was not announced to the carrier yet.
func (p *parcel) sendcloudReady() []Delivery {
	if p.reporter != reporterHooks || p.Direction == Return || p.order.Imported || len(p.Numbers) != 1 || p.fulfillment%2 == 0 {
		return nil
	}
	at := p.packedAt.Add(p.s.seconds(30, 90))
	if heard := maxTime(at, p.order.HeardAt); heard.Before(p.Numbers[0].HeardAt) {
		p.Numbers[0].HeardAt, p.CarrierHeardAt = heard, earliest(p.CarrierHeardAt, heard)
	}
	body := p.sendcloudStatus(&scan{Step: Step{At: at}}, at)
	body["parcel"].(object)["status"] = object{"id": 1000, "message": "Ready to send"}
	return []Delivery{{At: at, Source: SourceSendcloud, Body: encode(body)}}
}

func (p *parcel) sendcloudStatus(sc *scan, arrival time.Time) object {
	id := sendcloudIDs[sc.State]
	if sc.Delayed {
		id = 4
	}
	if sc.State == StateDelivered && p.waited() {
		id = 93
	}
	if sc.State == StateAttemptFailed && sc.Reason == ReasonRefused {
		id = 62991
	}
	status := object{"id": id, "message": sendcloudMessages[id]}
	if sc.code != "" {
		status = object{"id": 62990, "message": sc.code}
	}
	parcel := object{
		"id": p.fulfillment, "tracking_number": p.finalNumber(), "tracking_url": nil, "order_number": p.order.Number,
		"external_order_id": p.sendcloudOrder(), "name": p.order.buyer().Name, "carrier": object{"code": sendcloudCarrierCode(p.Carrier)},
		"status": status, "is_return": p.Direction == Return, "expected_delivery_date": nil,
	}
	if day := p.day(arrival); day != nil && !p.finished(sc.State) {
		parcel["expected_delivery_date"] = string(day.Day)
	}
	return object{
		"action": "parcel_status_changed", "timestamp": arrival.UnixMilli(), "carrier_status_change_timestamp": sc.At.Unix(), "parcel": parcel,
	}
}

// waited reports whether the parcel was at a pick-up point.
func (p *parcel) waited() bool {
	for _, sc := range p.scans {
		if sc.State == StateAtPickup {
			return true
		}
	}
	return false
}

func sendcloudCarrierCode(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), " ", "_")
}

func (p *parcel) sendcloudEvent(sc *scan) object {
	say := sendcloudPhases[sc.State]
	if exception := sendcloudReasons[sc.Reason]; exception != "" {
		say.detail = exception
	} else if sc.Delayed {
		say.detail = "delivery_delay"
	}
	if sc.code != "" {
		say.code = sc.code
	}
	return object{
		"event_type": "parcels.event.created",
		"data": object{
			"parcel": object{"id": p.fulfillment, "tracking_number": p.finalNumber(), "carrier_code": sendcloudCarrierCode(p.Carrier), "order_number": p.order.Number},
			"event": object{
				"phase": say.code, "exception": say.detail, "is_returned": sc.State == StateReturning || sc.State == StateReturned,
				"timestamp": utc(sc.At), "description": sc.Text,
			},
		},
	}
}
