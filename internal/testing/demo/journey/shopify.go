package journey

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ShopifyOrder is orders/create: the resource as Shopify's Admin API shows it, without the many fields that say nothing.
func ShopifyOrder(source string, order Order) Webhook {
	return shopifyHook(source, "orders/create", order, "the order", order.PlacedAt, shopifyOrder(order))
}

func shopifyOrder(order Order) object {
	first, last, _ := strings.Cut(order.Name, " ")
	address := object{
		"first_name": first, "last_name": last, "name": order.Name, "company": nil,
		"address1": order.Street, "address2": nil, "zip": order.Postcode, "city": order.City,
		"country_code": order.Country, "phone": nil,
	}
	lines := make([]object, 0, len(order.Items))
	for _, item := range order.Items {
		lines = append(lines, shopifyLine(order, item, 1))
	}
	return object{
		"id": id(order.Number), "name": "#" + order.Number, "email": order.Email, "contact_email": order.Email,
		"created_at": order.PlacedAt, "updated_at": order.PlacedAt, "cancelled_at": nil, "closed_at": nil, "test": false,
		"currency": order.Currency, "total_price": price(order.totalMinor()), "current_total_price": price(order.totalMinor()),
		"financial_status": "paid", "fulfillment_status": nil, "customer_locale": order.Locale, "phone": nil,
		"line_items": lines, "shipping_address": address, "billing_address": address,
		"fulfillments": []object{}, "refunds": []object{},
		"customer": object{"first_name": first, "last_name": last, "email": order.Email},
	}
}

// shopifyLine is an item of an order, of which so many pieces are left after edits and refunds.
func shopifyLine(order Order, item Item, left int) object {
	return object{
		"id": id(order.Number, item.SKU), "name": item.Name, "title": item.Name, "sku": item.SKU,
		"quantity": 1, "current_quantity": left, "price": price(item.PriceMinor),
	}
}

// shopifyFulfillment sends some items under one number. Its status is "open" until the warehouse has sent it, then "success".
// It was made at created, and changed last at updated.
func shopifyFulfillment(order Order, parcel, status string, created, updated time.Time, items []Item) object {
	lines := make([]object, 0, len(items))
	for _, item := range items {
		lines = append(lines, shopifyLine(order, item, 1))
	}
	return object{
		"id": id(order.Number, "fulfillment"), "order_id": id(order.Number), "name": "#" + order.Number + ".1",
		"status": status, "shipment_status": nil, "created_at": created, "updated_at": updated,
		"tracking_company": order.Carrier, "tracking_number": parcel, "tracking_numbers": []string{parcel},
		"tracking_urls": []string{}, "email": order.Email, "line_items": lines,
	}
}

// shopifyRefund is orders/updated after one item was taken back: it is no longer in the order, and its price was paid back.
func shopifyRefund(source string, order Order, item Item, at time.Time, fulfillment object) Webhook {
	body := shopifyOrder(order)
	lines := make([]object, 0, len(order.Items))
	for _, other := range order.Items {
		left := 1
		if other == item {
			left = 0
		}
		lines = append(lines, shopifyLine(order, other, left))
	}
	return shopifyHook(source, "orders/updated", order, "a refund of "+item.Name, at, with(body, object{
		"updated_at": at, "financial_status": "partially_refunded", "fulfillment_status": "fulfilled", "line_items": lines,
		"current_total_price": price(order.totalMinor() - item.PriceMinor), "fulfillments": []object{fulfillment},
		"refunds": []object{{
			"id": id(order.Number, "refund"), "created_at": at, "processed_at": at,
			"refund_line_items": []object{{"line_item_id": id(order.Number, item.SKU), "quantity": 1}},
			"transactions": []object{{
				"id": id(order.Number, "transaction"), "kind": "refund", "status": "success", "amount": price(item.PriceMinor),
				"currency": order.Currency, "created_at": at, "processed_at": at,
			}},
		}},
	}))
}

func shopifyHook(source, topic string, order Order, tells string, at time.Time, body object) Webhook {
	return Webhook{
		Tells: tells, At: at, Source: source, Scheme: Shopify, Body: encode(body),
		Header: http.Header{
			"X-Shopify-Topic":       {topic},
			"X-Shopify-Webhook-Id":  {fmt.Sprintf("%d", id(topic, order.Number, at.String()))},
			"X-Shopify-Shop-Domain": {"fjallro.myshopify.example"},
			"X-Shopify-Api-Version": {"2026-01"},
		},
	}
}
