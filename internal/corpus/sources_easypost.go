package corpus

import (
	"fmt"
	"time"
)

// easypostEvents returns tracker.updated events: each holds the whole history as it is known, the oldest first.
func (p *parcel) easypostEvents() []Delivery {
	var deliveries []Delivery
	for i, arrival := range p.arrivals() {
		heard := p.heardBy(arrival)
		details := append([]object{}, p.before...)
		for _, sc := range heard {
			details = append(details, p.easypostDetail(sc))
		}
		if len(details) == 0 {
			continue
		}
		deliveries = append(deliveries, Delivery{At: arrival, Source: SourceEasyPost, Body: encode(object{
			"id": fmt.Sprintf("evt_%d_%d", p.s.id(idEvent, p.n), i), "object": "Event", "description": "tracker.updated", "mode": "production",
			"status": "pending", "created_at": utc(arrival), "updated_at": utc(arrival), "previous_attributes": object{},
			"result": p.tracker(arrival, details),
		})})
	}
	return deliveries
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// tracker returns the state of the parcel as it is known at an arrival.
func (p *parcel) tracker(arrival time.Time, details []object) object {
	last := details[len(details)-1]
	tracker := object{
		"id": fmt.Sprintf("trk_%d", p.s.id(idTracker, p.n)), "object": "Tracker", "mode": "production",
		"tracking_code": p.finalNumber(), "carrier": p.alias, "public_url": nil, "status": last["status"],
		"status_detail": last["status_detail"], "is_return": p.Direction == Return, "finalized": last["status"] == "delivered",
		"created_at": details[0]["datetime"], "updated_at": utc(arrival), "est_delivery_date": nil, "tracking_details": details,
		"carrier_detail": nil, "signed_by": nil, "weight": nil,
	}
	if day := p.day(arrival); day != nil {
		tracker["est_delivery_date"] = utc(clock(parseDay(day.Day), p.zone, 20*60))
		tracker["carrier_detail"] = object{
			"object": "CarrierDetail", "est_delivery_date_local": string(day.Day), "est_delivery_time_local": nil,
		}
	}
	return tracker
}

func parseDay(day Day) date {
	d, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		panic(err) // days are made by this package
	}
	return d
}

func (p *parcel) easypostDetail(sc *scan) object {
	say := p.easypostWord(sc)
	at := utc(sc.At)
	if sc.clock != "" {
		at = sc.clock
	}
	return object{
		"object": "TrackingDetail", "message": sc.Text, "description": sc.Text, "status": say.code, "status_detail": say.detail,
		"datetime": at, "source": p.alias, "carrier_code": nil,
		"tracking_location": object{"object": "TrackingLocation", "city": nilIfEmpty(sc.Place), "state": nil, "country": nil, "zip": nil},
	}
}

func nilIfEmpty(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (p *parcel) easypostWord(sc *scan) word {
	say := easypostWords[sc.State]
	switch {
	case p.Direction == Return && sc.State == StateReturning:
		say = word{"in_transit", "arrived_at_facility"}
	case p.Direction == Return && sc.State == StateReturned:
		say = word{"delivered", "arrived_at_destination"}
	case sc.code != "":
		say = word{sc.code, "unknown"}
	}
	if detail := easypostReasons[sc.Reason]; detail != "" && p.vocabulary().reason(sc.Step) {
		say.detail = detail
	} else if sc.Delayed {
		say.detail = "delayed"
	}
	return say
}
