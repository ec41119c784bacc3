package corpus

import (
	"fmt"
	"slices"
	"time"
)

// purchase is an order that is being built. What the shop's system knows of it at an instant is what has been heard
// by then; each revision is one webhook about it.
type purchase struct {
	Order
	s            *builder
	n            int // index of the order in the journey
	to           *country
	zone         string
	external     int64 // the id at the platform
	prices       []int64
	variants     []string
	promises     bool // the shop states days
	shipments    bool // api: shipments with lines rather than a list of numbers
	partial      bool // api: later documents hold what changed only
	parcels      []*parcel
	revisions    []revision
	leave        date // as planned
	arrive       date
	deliveryNote string
	counter      string // where the shopper collects
	billing      Destination
	tags         []string
	restocked    bool   // shopify: refunded in full and not called cancelled
	fixup        func() // moves what is heard, when the webhooks have been made
}

// revision is one webhook of the shop's system: the state of the order when it was asOf, which arrives at.
type revision struct {
	arrives, asOf time.Time
	updated       time.Time // the time that the document itself gives
	topic         string
	parcel        *parcel // for fulfilments
}

// orderRevisions gives each revision a later time than those that hold less, as a shop system does: it has one clock.
func (o *purchase) orderRevisions() {
	slices.SortStableFunc(o.revisions, func(a, b revision) int { return a.asOf.Compare(b.asOf) })
	for i := range o.revisions {
		if i > 0 && !o.revisions[i].updated.After(o.revisions[i-1].updated) {
			o.revisions[i].updated = o.revisions[i-1].updated.Add(time.Second)
		}
	}
}

// order writes a purchase of between 1 and 4 lines that is sent as parcels; nothing is sent before place.
func (s *builder) order(code string) *purchase {
	to := countries[code]
	n := len(s.orders)
	o := &purchase{
		s: s, n: n, to: to, external: s.id(idOrder, n),
		shipments: s.chance(60), partial: s.chance(35), promises: s.chance(75),
	}
	placed := clock(s.start, s.home.zone, s.between(0, 24*60-1))
	if s.chance(80) { // most people are awake
		placed = clock(s.start, s.home.zone, s.between(8*60, 22*60+59))
	}
	town := pick(s, to.towns...)
	o.zone = town.zoneIn(to)
	first, last := pick(s, to.first...), pick(s, to.last...)
	o.Order = Order{
		Number: s.orderNumber(n), ExternalID: fmt.Sprint(o.external), Source: s.platform, PlacedAt: placed.Add(s.seconds(0, 59)),
		Locale: to.locale, Channel: ChannelWebshop, Currency: s.home.currency,
		Recipients: []Recipient{{
			Role: RoleBuyer, Name: first + " " + last, FirstName: first, Email: fmt.Sprintf("shopper-%d-%d@shopper.example", s.index, n),
			Phone: to.dial + s.digits(4),
		}},
		Destinations: []Destination{{
			Name: first + " " + last, Street: town.street, Postcode: town.postcode, City: town.city, Region: town.region,
			Country: code, Zone: o.zone,
		}},
	}
	if s.chance(10) {
		o.deliveryNote = pick(s, "Please ring twice", "The bell is broken", "Second floor, please")
	}
	o.addLines(s.between(1, 4))
	o.plan()
	s.orders = append(s.orders, o)
	return o
}

// destination returns a country of the shop's shoppers, mostly its own.
func (s *builder) destination() string {
	if s.chance(78) {
		return s.home.code
	}
	return pick(s, abroad[s.home.code]...)
}

func (s *builder) orderNumber(n int) string {
	serial := 100_000 + s.index*10 + n
	switch s.index % 3 {
	case 0:
		return fmt.Sprintf("%s-%d", s.home.code, serial)
	default:
		return fmt.Sprintf("#%d", serial)
	}
}

func (o *purchase) addLines(count int) {
	for range count {
		i := o.s.rng.IntN(len(goods))
		if slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Name == goods[i].name }) {
			continue
		}
		o.addLine(goods[i].name, goods[i].variant, goods[i].price, 1+o.s.rng.IntN(2), MethodParcel)
	}
}

// addLine adds a line and its price to the order.
func (o *purchase) addLine(name, variant string, price int64, quantity int, method Method) {
	if o.Currency == "SEK" {
		price *= 10
	}
	k := len(o.Lines)
	o.Lines = append(o.Lines, Line{
		ID: fmt.Sprint(o.s.id(idLine, o.n*20+k)), Name: name, SKU: fmt.Sprintf("SKU-%d", 100+k), Quantity: quantity, Method: method,
	})
	o.prices, o.variants = append(o.prices, price), append(o.variants, variant)
	o.TotalMinor += price * int64(quantity)
}

// plan sets when it should leave and arrive.
func (o *purchase) plan() {
	s := o.s
	o.leave = workday(dateOf(o.PlacedAt, s.home.zone), s.between(0, 1), s.home.code)
	if clock(o.leave, s.home.zone, 14*60).Before(o.PlacedAt) {
		o.leave = workday(o.leave.AddDate(0, 0, 1), 0, s.home.code)
	}
	low, high := transit(s.home.code, o.to.code)
	o.arrive = roundDay(o.leave.AddDate(0, 0, 1), s.between(low, high)-1, o.to.code)
}

// all returns everything that is still to be sent.
func (o *purchase) all() []Content {
	var contents []Content
	for _, line := range o.Lines {
		if left := line.Quantity - line.RemovedQuantity; left > 0 && line.Method == MethodParcel {
			contents = append(contents, Content{Order: o.Number, Line: line.ID, Quantity: left})
		}
	}
	return contents
}

// notify adds a webhook of the order as it is at a time, and returns when it arrives.
func (o *purchase) notify(at time.Time, topic string) time.Time {
	arrives := at.Add(o.s.seconds(2, 40))
	o.revisions = append(o.revisions, revision{arrives: arrives, asOf: arrives, updated: at, topic: topic})
	return arrives
}

// place sends the order for the first time, with the promised day if there is one.
func (o *purchase) place() *purchase {
	heard := o.notify(o.PlacedAt, "orders/create")
	o.HeardAt, o.AddressHeardAt = heard, heard
	for i := range o.Destinations {
		o.Destinations[i].HeardAt = heard
	}
	o.Steps = append(o.Steps, OrderStep{State: OrderPlaced, At: o.PlacedAt, HeardAt: heard})
	if o.states() {
		o.promise(o.arrive, o.PlacedAt, heard)
	}
	return o
}

// states reports whether the shop states days, which only the API can express.
func (o *purchase) states() bool { return o.promises && o.Source == SourceAPI }

func (o *purchase) promise(day date, at, heard time.Time) {
	stated := StatedDay{Day: written(day), By: ByShop, At: at, HeardAt: heard}
	o.Days = append(o.Days, stated)
	for _, p := range o.parcels {
		if p.Direction == Outbound && p.Method == MethodParcel {
			p.Days = append(p.Days, stated)
		}
	}
}

// become adds a step of the whole order, which the shop sends.
func (o *purchase) become(state OrderState, at time.Time) {
	topic := "orders/updated"
	if state == OrderCancelled {
		topic = "orders/cancelled"
	}
	heard := o.notify(at, topic)
	if o.Source == SourceShopify && state == OrderPreparing {
		heard = time.Time{} // Shopify cannot express it
	}
	o.Steps = append(o.Steps, OrderStep{State: state, At: at, HeardAt: heard})
}

// idle has the platform send the order again without a change, as apps make it do.
func (o *purchase) idle() {
	if o.Source == SourceShopify && o.s.chance(30) {
		o.notify(o.PlacedAt.Add(o.s.minutes(1, 15)), "orders/updated")
	}
}

// prepare has the shop say that it is packing, as some do.
func (o *purchase) prepare() {
	if o.Source == SourceAPI && o.s.chance(40) {
		at := o.PlacedAt.Add(o.s.minutes(20, 90))
		if at.Before(clock(o.leave, o.s.home.zone, 10*60)) {
			o.become(OrderPreparing, at)
		}
	}
}

// refund is money that goes back.
func (o *purchase) refund(minor int64, at time.Time) {
	heard := o.notify(at, "orders/updated")
	paidBack := minor
	for _, earlier := range o.Refunds {
		paidBack += earlier.AmountMinor
	}
	o.Refunds = append(o.Refunds, Refund{AmountMinor: minor, Full: paidBack >= o.TotalMinor, At: at, HeardAt: heard})
}

// remove takes a whole line off the order and returns what it cost.
func (o *purchase) remove(i int, at time.Time) int64 {
	heard := o.notify(at, "orders/updated")
	line := &o.Lines[i]
	line.RemovedAt, line.RemovedQuantity = heard, line.Quantity
	return o.prices[i] * int64(line.Quantity)
}

// buyer returns the recipient who pays.
func (o *purchase) buyer() Recipient { return o.Recipients[0] }

// notifyParcel sends that a parcel was packed, changed or cancelled; at Shopify that is a webhook of the fulfilment and
// one of the order.
func (o *purchase) notifyParcel(p *parcel, at time.Time, topic string) time.Time {
	if o.Source == SourceAPI {
		return o.notify(at, topic)
	}
	arrives := at.Add(o.s.seconds(2, 40))
	o.revisions = append(o.revisions,
		revision{arrives: arrives, asOf: arrives, updated: at, topic: topic, parcel: p},
		revision{arrives: arrives.Add(o.s.seconds(0, 5)), asOf: arrives.Add(5 * time.Second), updated: at.Add(time.Second), topic: "orders/updated"})
	return arrives
}

// deliveries returns the webhooks of the shop's system.
func (o *purchase) deliveries() []Delivery {
	slices.SortStableFunc(o.revisions, func(a, b revision) int { return a.arrives.Compare(b.arrives) })
	if o.Source == SourceAPI {
		return o.apiDeliveries()
	}
	return o.shopifyDeliveries()
}

// step returns the last step that the shop's system knows at an instant.
func (o *purchase) step(asOf time.Time) OrderState {
	state := OrderPlaced
	for _, step := range o.Steps {
		if said(step.HeardAt, asOf) {
			state = step.State
		}
	}
	return state
}

// known returns the parcels that the shop's system knows at an instant.
func (o *purchase) known(asOf time.Time) []*parcel {
	var found []*parcel
	for _, p := range o.parcels {
		if said(p.listedByShopAt(), asOf) {
			found = append(found, p)
		}
	}
	return found
}

// left returns what remains of a line at an instant.
func (l Line) left(asOf time.Time) int {
	if said(l.RemovedAt, asOf) {
		return l.Quantity - l.RemovedQuantity
	}
	return l.Quantity
}
