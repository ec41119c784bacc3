package journey

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// ShopifyOrder is orders/create: the resource as Shopify's Admin API shows it, without the many fields that say nothing.
func ShopifyOrder(source string, order Order) Webhook {
	first, last, _ := strings.Cut(order.Name, " ")
	address := object{
		"first_name": first, "last_name": last, "name": order.Name, "company": nil,
		"address1": order.Street, "address2": nil, "zip": order.Postcode, "city": order.City,
		"country_code": order.Country, "phone": nil,
	}
	body := object{
		"id": id(order.Number), "name": "#" + order.Number, "email": order.Email, "contact_email": order.Email,
		"created_at": order.PlacedAt, "updated_at": order.PlacedAt, "cancelled_at": nil, "closed_at": nil, "test": false,
		"currency": order.Currency, "total_price": price(order.PriceMinor),
		"financial_status": "paid", "fulfillment_status": nil, "customer_locale": order.Locale, "phone": nil,
		"line_items": []object{{
			"id": id(order.Number, order.SKU), "name": order.Item, "title": order.Item, "sku": order.SKU,
			"quantity": 1, "price": price(order.PriceMinor),
		}},
		"shipping_address": address, "billing_address": address, "fulfillments": []object{},
		"customer": object{"first_name": first, "last_name": last, "email": order.Email},
	}
	return shopifyHook(source, "orders/create", order, "the order", order.PlacedAt, body)
}

// ShopifyFulfillment is fulfillments/create: the parcel has a carrier and a number.
func ShopifyFulfillment(source string, order Order, at time.Time) Webhook {
	body := object{
		"id": id(order.Number, "fulfillment"), "order_id": id(order.Number), "name": "#" + order.Number + ".1",
		"status": "success", "shipment_status": nil, "created_at": at, "updated_at": at,
		"tracking_company": order.Carrier, "tracking_number": order.Parcel, "tracking_numbers": []string{order.Parcel},
		"tracking_urls": []string{}, "email": order.Email,
	}
	return shopifyHook(source, "fulfillments/create", order, "the parcel's number", at, body)
}

func shopifyHook(source, topic string, order Order, tells string, at time.Time, body object) Webhook {
	return Webhook{
		Tells: tells, At: at, Source: source, Scheme: Shopify, Body: encode(body),
		Header: http.Header{
			"X-Shopify-Topic":       {topic},
			"X-Shopify-Webhook-Id":  {fmt.Sprintf("%d", id(topic, order.Number))},
			"X-Shopify-Shop-Domain": {"fjallro.myshopify.example"},
			"X-Shopify-Api-Version": {"2026-01"},
		},
	}
}
