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
	hooks := []Webhook{apiHook(order, "order.upserted", "the order", order.PlacedAt, object{
		"number": order.Number, "placedAt": order.PlacedAt, "updatedAt": order.PlacedAt, "locale": order.Locale,
		"customer": object{"name": order.Name, "email": order.Email},
		"destination": object{
			"street": order.Street, "postcode": order.Postcode, "city": order.City, "country": order.Country,
		},
		"items":    []object{{"name": order.Item, "sku": order.SKU, "quantity": 1, "priceMinor": order.PriceMinor}},
		"currency": order.Currency, "totalMinor": order.PriceMinor,
	})}
	for _, scan := range order.Scans {
		event := object{
			"carrier": order.Carrier, "number": order.Parcel, "orderNumber": order.Number,
			"status": scan.Status, "time": scan.At, "location": scan.Location, "text": scan.Text,
		}
		if scan.Status != "Delivered" {
			event["eta"] = object{"date": order.Arrives.Format(time.DateOnly)}
		}
		hooks = append(hooks, apiHook(order, "parcel.event", scan.Status, scan.At, event))
	}
	return hooks
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
