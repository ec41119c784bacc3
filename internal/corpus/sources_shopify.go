package corpus

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

func (o *purchase) shopifyDeliveries() []Delivery {
	var deliveries []Delivery
	o.orderRevisions()
	for _, revision := range o.revisions {
		body := o.shopifyOrder(revision)
		if revision.parcel != nil {
			body = o.shopifyFulfillment(revision.parcel, revision.asOf, revision.updated)
		}
		deliveries = append(deliveries, o.s.shopifyDelivery(revision.arrives, revision.topic, body))
	}
	return deliveries
}

func (s *builder) shopifyDelivery(at time.Time, topic string, body object) Delivery {
	s.messages++
	return Delivery{At: at, Source: SourceShopify, Body: encode(body), Header: map[string]string{
		"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": fmt.Sprint(s.id(idMessage, s.messages)), "X-Shopify-API-Version": "2026-01",
		"X-Shopify-Triggered-At": utc(at),
	}}
}

// shopifyOrder returns the order as Shopify's Admin API returns it, without the fields that no mapping reads.
func (o *purchase) shopifyOrder(r revision) object {
	buyer, zone := o.buyer(), o.s.shop.Zone
	body := object{
		"id": o.external, "name": o.Number, "email": "", "contact_email": nil, "created_at": stamp(o.PlacedAt, zone),
		"updated_at": stamp(r.updated, zone), "cancelled_at": nil, "closed_at": nil, "test": o.Test, "source_name": o.sourceName(),
		"currency": o.Currency, "total_price": decimal(o.TotalMinor, o.Currency), "current_total_price": decimal(o.totalAt(r.asOf), o.Currency),
		"financial_status": o.financialStatus(r.asOf), "fulfillment_status": o.fulfillmentStatus(r.asOf), "customer_locale": o.Locale, "phone": nil,
		"tags": strings.Join(o.tags, ", "), "note": nilIfEmpty(o.deliveryNote), "line_items": o.shopifyLines(r.asOf),
		"shipping_lines": o.shippingLines(), "refunds": o.shopifyRefunds(r.asOf), "fulfillments": o.shopifyFulfillments(r.asOf),
		"customer": object{"first_name": buyer.FirstName, "last_name": lastName(buyer), "email": buyer.Email},
	}
	if said(o.AddressHeardAt, r.asOf) {
		body["email"], body["contact_email"] = buyer.Email, buyer.Email
	} else {
		body["customer"] = nil
	}
	if o.step(r.asOf) == OrderCancelled {
		body["cancelled_at"], body["cancel_reason"] = stamp(o.cancelledAt(r.asOf), zone), "customer"
	}
	body["shipping_address"], body["billing_address"] = nil, shopifyAddress(o.billing, buyer.Name)
	if destination, found := o.DestinationAt(r.asOf); found {
		body["shipping_address"] = shopifyAddress(destination, destination.Name)
		body["billing_address"] = shopifyAddress(destination, buyer.Name)
	}
	return body
}

func lastName(person Recipient) string { return strings.TrimPrefix(person.Name, person.FirstName+" ") }

func (o *purchase) sourceName() string {
	switch o.Channel {
	case ChannelMarketplace:
		return "amazon-" + strings.ToLower(o.to.code)
	case ChannelPOS:
		return "pos"
	case ChannelSubscription:
		return "subscription_contract"
	default:
		return "web"
	}
}

func (o *purchase) cancelledAt(asOf time.Time) (at time.Time) {
	for _, step := range o.Steps {
		if step.State == OrderCancelled && said(step.HeardAt, asOf) {
			at = step.At
		}
	}
	return at
}

func shopifyAddress(d Destination, name string) object {
	first, last, _ := strings.Cut(name, " ")
	return object{
		"first_name": first, "last_name": last, "name": name, "company": nil, "address1": d.Street, "address2": nil, "zip": d.Postcode,
		"city": d.City, "province_code": nilIfEmpty(d.Region), "country_code": d.Country, "phone": nil,
	}
}

// shippingLines returns none for an order that is not sent.
func (o *purchase) shippingLines() []object {
	for _, line := range o.Lines {
		switch line.Method {
		case MethodPickup:
			return []object{{"title": o.counter, "code": o.counter, "source": "shopify", "price": "0.00"}}
		case MethodParcel, MethodLetter:
			return []object{{"title": "Standard", "code": "Standard", "source": "shopify", "price": "0.00"}}
		default:
		}
	}
	return []object{}
}

func (o *purchase) financialStatus(asOf time.Time) string {
	status := "paid"
	for _, refund := range o.Refunds {
		if said(refund.HeardAt, asOf) {
			status = "partially_refunded"
			if refund.Full {
				status = "refunded"
			}
		}
	}
	return status
}

// fulfillmentStatus returns null, "partial" or "fulfilled" by what is packed of what remains.
func (o *purchase) fulfillmentStatus(asOf time.Time) any {
	packed, wanted := 0, 0
	for _, line := range o.Lines {
		wanted += line.left(asOf)
		packed += o.packed(line.ID, asOf)
	}
	switch {
	case o.restocked && wanted == 0:
		return "restocked"
	case packed == 0:
		return nil
	case packed < wanted:
		return "partial"
	}
	return "fulfilled"
}

// packed returns how many pieces of a line are in parcels that were not cancelled or replaced.
func (o *purchase) packed(line string, asOf time.Time) int {
	count := 0
	for _, p := range o.known(asOf) {
		if p.Direction == Return || said(p.CancelledAt, asOf) || p.Replaces != "" {
			continue
		}
		for _, content := range p.Contents {
			if content.Line == line {
				count += content.Quantity
			}
		}
	}
	return count
}

func (o *purchase) shopifyLines(asOf time.Time) []object {
	lines := []object{}
	for i, line := range o.Lines {
		left := line.left(asOf)
		lines = append(lines, object{
			"id": parseID(line.ID), "name": line.Name, "title": line.Name, "variant_title": nilIfEmpty(o.variants[i]), "sku": line.SKU,
			"quantity": line.Quantity, "current_quantity": left, "fulfillable_quantity": max(0, left-o.packed(line.ID, asOf)),
			"price": decimal(o.prices[i], o.Currency), "requires_shipping": line.Method != MethodDigital,
		})
	}
	return lines
}

// parseID returns the number that an id of decimal digits is.
func parseID(id string) int64 {
	var n int64
	for _, digit := range id {
		n = n*10 + int64(digit-'0')
	}
	return n
}

func (o *purchase) shopifyRefunds(asOf time.Time) []object {
	refunds := []object{}
	for i, refund := range o.Refunds {
		if said(refund.HeardAt, asOf) {
			refunds = append(refunds, object{
				"id": o.s.id(idRefund, o.n*10+i), "created_at": stamp(refund.At, o.s.shop.Zone), "refund_line_items": []object{},
				"transactions": []object{{"kind": "refund", "status": "success", "amount": decimal(refund.AmountMinor, o.Currency), "created_at": stamp(refund.At, o.s.shop.Zone)}},
			})
		}
	}
	return refunds
}

func (o *purchase) shopifyFulfillments(asOf time.Time) []object {
	list := []object{}
	for _, p := range o.known(asOf) {
		if p.Direction == Outbound {
			list = append(list, o.shopifyFulfillment(p, asOf, p.packedAt))
		}
	}
	return list
}

func (o *purchase) shopifyFulfillment(p *parcel, asOf, updated time.Time) object {
	zone := o.s.shop.Zone
	body := object{
		"id": p.fulfillmentOf(o), "order_id": o.external, "name": fmt.Sprintf("%s.%d", o.Number, p.n+1), "status": "success", "shipment_status": nil,
		"created_at": stamp(p.packedAt, zone), "updated_at": stamp(updated, zone), "tracking_company": nil, "tracking_number": nil,
		"tracking_numbers": []string{}, "tracking_urls": []string{}, "email": o.buyer().Email, "line_items": o.fulfillmentLines(p),
	}
	if said(p.CancelledAt, asOf) {
		body["status"] = "cancelled"
	}
	if number, found := p.NumberAt(asOf); found && p.Method == MethodParcel {
		body["tracking_company"], body["tracking_number"], body["tracking_numbers"] = cmp.Or(p.shopAlias, p.alias), number, []string{number}
	}
	return body
}

// fulfillmentOf returns the id of the parcel's fulfilment in an order; each order in one box has its own.
func (p *parcel) fulfillmentOf(o *purchase) int64 {
	if o == p.order {
		return p.fulfillment
	}
	return p.fulfillment + 500
}

func (o *purchase) fulfillmentLines(p *parcel) []object {
	lines := []object{}
	for _, content := range p.Contents {
		if content.Order == o.Number {
			lines = append(lines, object{"id": parseID(content.Line), "quantity": content.Quantity})
		}
	}
	return lines
}

// shopifyEvents returns fulfillment events, as apps and carriers of the platform write them.
func (p *parcel) shopifyEvents() []Delivery {
	var deliveries []Delivery
	for i, arrival := range p.arrivals() {
		for k, sc := range p.scansToReport(arrival) {
			body := p.shopifyEvent(sc, arrival)
			body["id"] = p.s.id(idEvent, p.n*100+i*5+k)
			deliveries = append(deliveries, p.s.shopifyDelivery(arrival, "fulfillment_events/create", body))
		}
	}
	return deliveries
}

func (p *parcel) shopifyEvent(sc *scan, arrival time.Time) object {
	status := cmp.Or(sc.code, shopifyWords[sc.State])
	switch {
	case sc.Delayed:
		status = "delayed"
	case sc.State == StateDelivered && p.waited():
		status = "picked_up"
	}
	body := object{
		"fulfillment_id": p.fulfillment, "order_id": p.order.external, "status": status, "message": sc.Text, "happened_at": stamp(sc.At, p.zone),
		"created_at": utc(arrival), "updated_at": utc(arrival), "city": nilIfEmpty(sc.Place), "province": nil, "zip": nil, "country": nil,
		"estimated_delivery_at": nil,
	}
	if day := p.day(arrival); day != nil && !p.finished(sc.State) {
		body["estimated_delivery_at"] = stamp(StartOf(day.Day, p.zone), p.zone)
	}
	return body
}
