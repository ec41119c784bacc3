package corpus

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// apiEvents returns the messages about a parcel's scans.
func (p *parcel) apiEvents() []Delivery {
	var deliveries []Delivery
	for _, arrival := range p.arrivals() {
		var batch []object
		for _, sc := range p.scansToReport(arrival) {
			batch = append(batch, object{"type": "parcel.event", "data": p.apiEvent(sc, p.day(arrival))})
		}
		if len(batch) > 1 {
			deliveries = append(deliveries, p.s.apiDelivery(arrival, arrival, "batch", batch))
			continue
		}
		for _, one := range batch {
			deliveries = append(deliveries, p.s.apiDelivery(arrival, arrival, "parcel.event", one["data"]))
		}
	}
	return deliveries
}

func (p *parcel) apiEvent(sc *scan, day *statedDay) object {
	event := object{
		"orderNumber": p.order.Number, "carrier": p.alias, "number": p.finalNumber(), "status": cmp.Or(sc.code, string(sc.State)),
		"time": cmp.Or(sc.clock, sc.At.In(Location(p.zone)).Format(time.RFC3339)), "text": sc.Text,
	}
	maps.Copy(event, p.apiDetails(sc))
	given(event, "location", sc.Place)
	given(event, "reason", string(sc.Reason))
	if sc.Delayed {
		event["delayed"] = true
	}
	if day != nil && p.statesDay(sc, day) {
		event["eta"] = apiDay(day.StatedDay, p.zone)
	}
	if p.order.Source == SourceAPI && p.order.shipments && p.listedByShop() {
		event["shipmentID"] = p.shipmentID()
	}
	return event
}

// statesDay reports whether an event about a scan states a day.
func (p *parcel) statesDay(sc *scan, day *statedDay) bool {
	return !p.finished(sc.State) && !day.At.Before(sc.At)
}

// given adds a field that has a value.
func given(document object, field, value string) {
	if value != "" {
		document[field] = value
	}
}

// apiDetails returns what few scans have.
func (p *parcel) apiDetails(sc *scan) object {
	details := object{}
	if sc.pickup != nil {
		pickup := object{"name": sc.pickup.Name, "address": sc.pickup.Address, "until": string(sc.pickup.Until)}
		given(pickup, "code", sc.pickup.Code)
		given(pickup, "hours", sc.pickup.Hours)
		details["pickup"] = pickup
	}
	if sc.action != nil {
		action := object{}
		given(action, "by", string(sc.action.By))
		given(action, "url", sc.action.URL)
		details["actionRequired"], details["action"] = true, action
	}
	if sc.proof != nil {
		proof := object{}
		given(proof, "note", sc.proof.Note)
		given(proof, "signedBy", sc.proof.SignedBy)
		details["proof"] = proof
	}
	if sc.leg != nil {
		details["legs"] = []object{{"number": sc.leg.Number, "carrier": sc.leg.Carrier, "role": sc.leg.Role}}
	}
	if sc.under != nil {
		details["number"], details["carrier"] = sc.under.Number, sc.under.Carrier
	}
	if p.Pieces != nil && sc.pieces > 0 {
		details["pieces"] = object{"total": p.Pieces.Total, "delivered": sc.pieces}
	}
	return details
}

// finished reports whether no day is stated any more in a state.
func (p *parcel) finished(state State) bool {
	return slices.Contains([]State{StateDelivered, StateReturned, StateLost, StateDisposed, StateCancelled, StateAtPickup, StateReturning}, state)
}
