package journey

import (
	"fmt"
	"net/http"
	"time"
)

// EasyPostTracker tells each scan as the tracker.updated event that EasyPost sends: the whole history so far, the newest
// last. Status and Detail of the scans are EasyPost's words.
func EasyPostTracker(source string, order Order) []Webhook {
	details := make([]object, 0, len(order.Scans))
	hooks := make([]Webhook, 0, len(order.Scans))
	for _, scan := range order.Scans {
		details = append(details, object{
			"object": "TrackingDetail", "message": scan.Text, "description": scan.Text,
			"status": scan.Status, "status_detail": scan.Detail, "datetime": scan.At.UTC().Format(time.RFC3339),
			"source": order.Carrier, "carrier_code": nil,
			"tracking_location": object{
				"object": "TrackingLocation", "city": scan.Location, "state": nil, "country": order.Country, "zip": nil,
			},
		})
		hooks = append(hooks, Webhook{
			Tells: scan.Status, At: scan.At, Source: source, Scheme: EasyPost, Header: http.Header{},
			Body: encode(trackerEvent(order, scan, details)),
		})
	}
	return hooks
}

func trackerEvent(order Order, scan Scan, details []object) object {
	tracker := object{
		"id": fmt.Sprintf("trk_%d", id(order.Parcel)), "object": "Tracker", "mode": "production",
		"tracking_code": order.Parcel, "carrier": order.Carrier, "public_url": nil,
		"status": scan.Status, "status_detail": scan.Detail, "is_return": false, "finalized": scan.Status == "delivered",
		"created_at": details[0]["datetime"], "updated_at": scan.At.UTC().Format(time.RFC3339),
		"est_delivery_date": order.Arrives.UTC().Format(time.RFC3339),
		"tracking_details":  details,
		"carrier_detail": object{
			"object": "CarrierDetail", "est_delivery_date_local": order.Arrives.Format(time.DateOnly),
			"est_delivery_time_local": nil,
		},
	}
	return object{
		"id": fmt.Sprintf("evt_%d", id(order.Parcel, scan.Status, scan.At.String())), "object": "Event",
		"description": "tracker.updated", "mode": "production", "status": "pending",
		"created_at": scan.At.UTC().Format(time.RFC3339), "updated_at": scan.At.UTC().Format(time.RFC3339),
		"previous_attributes": object{}, "result": tracker,
	}
}
