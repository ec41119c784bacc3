package corpus

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

type object = map[string]any

// encode cannot fail: its values are texts, numbers and times of this package's own making.
func encode(value any) json.RawMessage {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return body
}

// apiPhases are the API's words for the states of an order.
var apiPhases = map[OrderState]string{
	OrderPlaced: "OrderReceived", OrderPreparing: "Preparing", OrderShipped: "Shipped", OrderReadyToCollect: "ReadyToShip",
	OrderCollected: "Shipped", OrderCancelled: "OrderCancelled", OrderReinstated: "Preparing",
}

// apiShipmentPhases are the API's words for what is not told by scans.
var apiShipmentPhases = map[State]string{
	StateReadyToCollect: "ReadyToCollect", StateDelivered: "Collected", StateSentByLetter: "Shipped", StateSentElectronical: "Shipped",
	StateLabelCreated: "Shipped", StateCancelled: "Cancelled",
}

// apiDelivery returns one message of the built-in source, as its page documents it.
func (s *builder) apiDelivery(at, stated time.Time, kind string, data any) Delivery {
	s.messages++
	return Delivery{
		At: at, Source: SourceAPI, Header: map[string]string{"webhook-id": fmt.Sprintf("msg_%d", s.id(idMessage, s.messages))},
		Body: encode(object{"type": kind, "timestamp": stamp(stated, s.shop.Zone), "data": data}),
	}
}

// stamp writes an instant as shop systems do: with the offset of the shop.
func stamp(t time.Time, zone string) string { return t.In(Location(zone)).Format(time.RFC3339) }

func (o *purchase) apiDeliveries() []Delivery {
	var (
		deliveries []Delivery
		last       map[string]string
	)
	o.orderRevisions()
	for _, revision := range o.revisions {
		document := o.apiDocument(revision)
		data := document
		if last != nil && o.partial {
			data = changed(document, last)
		}
		last = fields(document)
		deliveries = append(deliveries, o.s.apiDelivery(revision.arrives, revision.updated, "order.upserted", data))
	}
	return deliveries
}

// fields returns the top-level fields of a document as they are written.
func fields(document object) map[string]string {
	written := make(map[string]string, len(document))
	for field, value := range document {
		written[field] = string(encode(value))
	}
	return written
}

// changed returns what a system sends that sends changes only; null clears what is not there any more.
func changed(document object, last map[string]string) object {
	data := object{"number": document["number"], "externalID": document["externalID"], "updatedAt": document["updatedAt"]}
	for field, value := range fields(document) {
		if last[field] != value {
			data[field] = document[field]
		}
	}
	for field := range last {
		if _, kept := document[field]; !kept {
			data[field] = nil
		}
	}
	return data
}

// apiDocument returns the whole order as it was at a revision.
func (o *purchase) apiDocument(r revision) object {
	zone := o.s.shop.Zone
	document := object{
		"number": o.Number, "externalID": o.ExternalID, "placedAt": stamp(o.PlacedAt, zone), "updatedAt": stamp(r.updated, zone),
		"phase": apiPhases[o.step(r.asOf)], "locale": o.Locale, "currency": o.Currency, "totalMinor": o.totalAt(r.asOf), "items": o.apiItems(r.asOf),
	}
	o.apiPeople(document, r.asOf)
	if destination, found := o.DestinationAt(r.asOf); found {
		document["destination"] = apiAddress(destination)
	}
	if day, found := lastSaid(o.Days, r.asOf, func(d StatedDay) time.Time { return d.HeardAt }); found {
		document["promise"] = apiDay(day, o.zone)
	}
	o.apiMoney(document, r.asOf)
	if parcels := o.known(r.asOf); o.shipments && len(parcels) > 0 {
		document["shipments"] = o.apiShipments(parcels, r.asOf)
	} else if len(parcels) > 0 {
		document["parcels"] = apiParcels(parcels, r.asOf)
	}
	o.apiChannel(document)
	if method := o.method(); method != MethodParcel {
		document["method"] = string(method)
	}
	given(document, "deliveryNote", o.deliveryNote)
	if len(o.tags) > 0 {
		document["tags"] = o.tags
	}
	return document
}

func (o *purchase) apiChannel(document object) {
	if o.Test {
		document["test"] = true
	}
	if o.Channel != ChannelWebshop {
		document["channel"] = string(o.Channel)
	}
	if o.Channel == ChannelMarketplace {
		document["marketplace"] = true
	}
}

// method returns the one that all lines have, a parcel where they differ.
func (o *purchase) method() Method {
	for _, line := range o.Lines {
		if line.Method != o.Lines[0].Method {
			return MethodParcel
		}
	}
	return o.Lines[0].Method
}

func (o *purchase) apiPeople(document object, asOf time.Time) {
	customer := object{"name": o.buyer().Name}
	if o.buyer().FirstName != "" {
		customer["firstName"] = o.buyer().FirstName
	}
	if said(o.AddressHeardAt, asOf) {
		customer["email"] = o.buyer().Email
	}
	if o.buyer().Phone != "" {
		customer["phone"] = o.buyer().Phone
	}
	document["customer"] = customer
	if len(o.Recipients) == 1 {
		return
	}
	var recipients []object
	for _, person := range o.Recipients {
		entry := object{"role": string(person.Role), "name": person.Name, "email": person.Email}
		if person.PONumber != "" {
			entry["poNumber"] = person.PONumber
		}
		recipients = append(recipients, entry)
	}
	document["recipients"] = recipients
}

func apiAddress(d Destination) object {
	return object{"name": d.Name, "street": d.Street, "postcode": d.Postcode, "city": d.City, "region": d.Region, "country": d.Country}
}

func apiDay(day StatedDay, zone string) object {
	switch {
	case !day.From.IsZero():
		return object{"from": stamp(day.From, zone), "to": stamp(day.To, zone)}
	case day.FirstDay != "":
		return object{"from": string(day.FirstDay), "to": string(day.Day)}
	}
	return object{"date": string(day.Day)}
}

func (o *purchase) apiMoney(document object, asOf time.Time) {
	var refunds []object
	var back int64
	for _, refund := range o.Refunds {
		if said(refund.HeardAt, asOf) {
			back += refund.AmountMinor
			refunds = append(refunds, object{"amountMinor": refund.AmountMinor, "at": stamp(refund.At, o.s.shop.Zone)})
		}
	}
	if len(refunds) > 0 {
		document["refunds"], document["refundedMinor"] = refunds, back
	}
}

// totalAt returns the total without what was taken off the order.
func (o *purchase) totalAt(asOf time.Time) int64 {
	var total int64
	for i, line := range o.Lines {
		total += o.prices[i] * int64(line.left(asOf))
	}
	return total
}

func (o *purchase) apiItems(asOf time.Time) []object {
	items := []object{}
	for i, line := range o.Lines {
		left := line.left(asOf)
		if left == 0 {
			continue
		}
		item := object{"id": line.ID, "name": line.Name, "sku": line.SKU, "quantity": left, "priceMinor": o.prices[i]}
		if o.variants[i] != "" {
			item["variant"] = o.variants[i]
		}
		if line.Method != MethodParcel {
			item["method"] = string(line.Method)
		}
		if line.AvailableFrom != "" {
			item["availableFrom"] = string(line.AvailableFrom)
		}
		items = append(items, item)
	}
	return items
}

// apiParcels returns the list of numbers that simple systems send.
func apiParcels(parcels []*parcel, asOf time.Time) []object {
	list := []object{}
	for _, p := range parcels {
		number, found := p.NumberAt(asOf)
		if p.Method == MethodParcel && found && !said(p.CancelledAt, asOf) {
			list = append(list, object{"carrier": cmp.Or(p.shopAlias, p.alias), "number": number})
		}
	}
	return list
}

func (o *purchase) apiShipments(parcels []*parcel, asOf time.Time) []object {
	list := []object{}
	for _, p := range parcels {
		shipment := object{
			"id": p.shipmentID(), "direction": string(p.Direction), "method": string(p.Method), "phase": apiShipmentPhases[p.shopState(asOf)],
			"lines": p.apiLines(o), "parcels": apiParcels([]*parcel{p}, asOf), "origin": object{"country": p.Origin},
		}
		if said(p.CancelledAt, asOf) {
			shipment["phase"] = "Cancelled"
		}
		if p.Direction == Return {
			shipment["phase"] = "ReturnRequested"
		}
		if replaced, found := p.replaced(); found && said(p.ReplacedAt, asOf) {
			shipment["replaces"] = replaced.shipmentID()
		}
		if p.own != nil && said(p.own.HeardAt, asOf) {
			shipment["promise"] = apiDay(*p.own, p.zone)
		}
		if p.ReturnLabel != nil && said(p.ReturnLabel.HeardAt, asOf) {
			shipment["returnLabel"] = object{"url": p.ReturnLabel.URL, "until": string(p.ReturnLabel.Until)}
		}
		list = append(list, shipment)
	}
	return list
}

func (p *parcel) shipmentID() string { return fmt.Sprintf("S%d", p.fulfillment) }

// apiLines returns the lines of one order in the parcel.
func (p *parcel) apiLines(o *purchase) []object {
	lines := []object{}
	for _, content := range p.Contents {
		if content.Order == o.Number {
			lines = append(lines, object{"id": content.Line, "quantity": content.Quantity})
		}
	}
	return lines
}

// shopState returns the state that the shop itself has told by an instant.
func (p *parcel) shopState(asOf time.Time) State {
	state := StateLabelCreated
	for _, sc := range p.scans {
		if sc.shop && said(sc.arrives, asOf) {
			state = sc.State
		}
	}
	return state
}

// replaced returns the parcel that this one was sent instead of.
func (p *parcel) replaced() (*parcel, bool) {
	i := slices.IndexFunc(p.s.parcels, func(other *parcel) bool { return other.ID == p.Replaces })
	if i < 0 {
		return nil, false
	}
	return p.s.parcels[i], true
}
