package journey

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// APISource is the order source that every Shop has.
const APISource = "api"

type object = map[string]any

// API tells the journey through the built-in source api: the order, then each scan as a parcel event whose status is
// one of wismo's own.
func API(order Order) []Webhook {
	hooks := []Webhook{apiOrder(order)}
	for _, scan := range order.Scans {
		event := object{}
		if scan.Status != "Delivered" {
			event["eta"] = onDay(order.Arrives)
		}
		hooks = append(hooks, apiScan(order, order.Parcel, scan, event))
	}
	return hooks
}

// apiOrder is the order as it was placed.
func apiOrder(order Order) Webhook {
	return apiHook(order, "order.upserted", "the order", order.PlacedAt, object{
		"number": order.Number, "externalID": "A-" + order.Number, "placedAt": order.PlacedAt, "updatedAt": order.PlacedAt,
		"locale": order.Locale, "customer": object{"name": order.Name, "email": order.Email},
		"destination": object{
			"street": order.Street, "postcode": order.Postcode, "city": order.City, "country": order.Country,
		},
		"items": apiItems(order.Items), "currency": order.Currency, "totalMinor": order.totalMinor(),
	})
}

func apiItems(items []Item) []object {
	all := make([]object, 0, len(items))
	for _, item := range items {
		all = append(all, object{"id": item.SKU, "name": item.Name, "sku": item.SKU, "quantity": 1, "priceMinor": item.PriceMinor})
	}
	return all
}

// apiChange is what the shop says of its order later: the given fields alone.
func apiChange(order Order, tells string, at time.Time, fields object) Webhook {
	return apiHook(order, "order.upserted", tells, at, with(fields, object{
		"number": order.Number, "externalID": "A-" + order.Number, "updatedAt": at,
	}))
}

// apiShipment is what the shop says of one of the order's shipments.
func apiShipment(order Order, id, tells string, at time.Time, fields object) Webhook {
	return apiHook(order, "shipment.upserted", tells, at, with(fields, object{
		"id": id + "-" + order.Number, "orderNumber": order.Number, "externalID": "A-" + order.Number, "updatedAt": at,
	}))
}

// apiPacked is a shipment that is ready for the carrier: what is in it, and the number of its parcel.
func apiPacked(order Order, id string, at time.Time, parcel string, items ...Item) Webhook {
	return apiShipment(order, id, "a parcel packed", at, object{
		"phase": "Packed", "phaseAt": at, "lines": apiLines(items),
		"parcels": []object{{"carrier": order.Carrier, "number": parcel}},
	})
}

func apiLines(items []Item) []object {
	all := make([]object, 0, len(items))
	for _, item := range items {
		all = append(all, object{"id": item.SKU, "quantity": 1})
	}
	return all
}

// apiScan is an event of one parcel, with further fields.
func apiScan(order Order, parcel string, scan Scan, fields object) Webhook {
	return apiHook(order, "parcel.event", scan.Status, scan.At, with(fields, object{
		"carrier": order.Carrier, "number": parcel, "orderNumber": order.Number,
		"status": scan.Status, "time": scan.At, "location": scan.Location, "text": scan.Text,
	}))
}

// onDay is a promise or an expected time that names a day, in the zone of the time given.
func onDay(at time.Time) object { return object{"date": at.Format(time.DateOnly)} }

func with(fields, more object) object {
	for name, value := range more {
		fields[name] = value
	}
	return fields
}

func apiHook(order Order, kind, tells string, at time.Time, data object) Webhook {
	return Webhook{
		Tells: tells, At: at, Source: APISource, Scheme: StandardWebhooks,
		Header: http.Header{"Webhook-Id": {fmt.Sprintf("msg_%d", id(order.Number, kind, tells, at.String()))}},
		Body:   encode(object{"type": kind, "timestamp": at, "data": data}),
	}
}

// encode cannot fail: its values are texts, numbers and times of this package's own making.
func encode(value any) []byte {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return body
}
