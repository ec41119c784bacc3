package dataplane_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/corpus"
)

// oldSeed is of the journeys that are imported.
const oldSeed = 11

// openOfTen is how many of ten old orders are still open when they are imported.
const openOfTen = 3

// old is a journey as it stood when its shop began to use this.
type old struct {
	corpus.Journey
	open   bool
	shop   []corpus.Delivery // what its shop says of it
	others []corpus.Delivery // what carriers and aggregators say of it
}

// oldOrders are journeys of about so many orders that were placed days to months before an instant, so many of ten open.
func oldOrders(orders int, cut time.Time) iter.Seq[old] {
	return func(yield func(old) bool) {
		for index, made := 0, 0; made < orders; index++ {
			o, found := oldOrder(index, made%10 < openOfTen, cut)
			if !found {
				continue // no journey of this index is as it should be: a season of its own, say
			}
			made += len(o.Truth.Orders)
			if !yield(o) {
				return
			}
		}
	}
}

// oldOrder looks for a day on which the journey may have begun, so that it is open at an instant, or over.
func oldOrder(index int, open bool, cut time.Time) (old, bool) {
	for try := range 6 {
		days := 30 + (index*37+try*53)%270
		if open {
			days = 3 + (index*7+try*5)%24
		}
		j := corpus.AtDay(oldSeed, index, cut.AddDate(0, 0, -days))
		switch {
		case !began(j.Truth, cut):
		case open == isOpen(j.Truth, cut) && (open || j.Truth.Until.Before(cut)):
			return cutAt(j, open, cut), true
		case !open:
			return old{}, false // it is one that never ends
		}
	}
	return old{}, false
}

// began reports whether its shop knows all its orders, for so long that they are no new ones.
func began(t corpus.Truth, cut time.Time) bool {
	return !slices.ContainsFunc(t.Orders, func(order corpus.Order) bool {
		return order.PlacedAt.After(cut.AddDate(0, 0, -3)) || order.HeardAt.After(cut.Add(-6*time.Hour))
	})
}

// cutAt divides what was sent until a time by its source, without what is sent again later.
func cutAt(j corpus.Journey, open bool, cut time.Time) old {
	o := old{Journey: j, open: open}
	newest := map[string]bool{}
	for _, d := range slices.Backward(j.Deliveries) {
		name := resource(d)
		if d.At.After(cut) || name != "" && newest[name] {
			continue
		}
		newest[name] = true
		if isShop(d) {
			o.shop = append(o.shop, d)
		} else {
			o.others = append(o.others, d)
		}
	}
	slices.Reverse(o.shop)
	slices.Reverse(o.others)
	o.others = together(o.others)
	return o
}

// together makes one batch of the api deliveries about parcels, as its documentation asks of senders of many.
func together(deliveries []corpus.Delivery) []corpus.Delivery {
	type event struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	var rest []corpus.Delivery
	var batch struct {
		Type string  `json:"type"`
		Data []event `json:"data"`
	}
	last := -1
	for i, d := range deliveries {
		var one event
		if d.Source != corpus.SourceAPI || json.Unmarshal(d.Body, &one) != nil {
			rest = append(rest, d)
			continue
		}
		last = i
		var several []event
		if one.Type != "batch" || json.Unmarshal(one.Data, &several) != nil {
			several = []event{one}
		}
		batch.Data = append(batch.Data, several...)
	}
	if last < 0 {
		return rest
	}
	batch.Type = "batch"
	body, err := json.Marshal(batch)
	if err != nil {
		panic(err) // it has just been read
	}
	return append(rest, corpus.Delivery{At: deliveries[last].At, Source: corpus.SourceAPI, Header: deliveries[last].Header, Body: body})
}

// isOpen reports whether something of the journey's orders is still to come, as far as a source has sent it.
func isOpen(t corpus.Truth, at time.Time) bool {
	for _, o := range t.Orders {
		state, _ := o.KnownStateAt(at)
		if state.State == corpus.OrderCancelled || state.State == corpus.OrderCollected {
			continue
		}
		parcels := slices.DeleteFunc(t.ParcelsOf(o.Number), func(p corpus.Parcel) bool { return p.Direction == corpus.Return })
		if len(parcels) == 0 || slices.ContainsFunc(parcels, func(p corpus.Parcel) bool { return !p.Over(at) }) {
			return true
		}
	}
	return false
}

// isShop reports whether a delivery is about an order or a shipment, and not about scans.
func isShop(d corpus.Delivery) bool {
	var api struct{ Type string }
	return d.Source == corpus.SourceShopify || d.Source == corpus.SourceAPI && json.Unmarshal(d.Body, &api) == nil && api.Type == "order.upserted"
}

// resource names what a delivery tells the whole of; "" = only a part of something.
func resource(d corpus.Delivery) string {
	var said struct {
		ID     int64
		Type   string
		Data   struct{ Number, PlacedAt string }
		Result struct{ ID string }
	}
	_ = json.Unmarshal(d.Body, &said) // ids of other types stay empty
	switch {
	case d.Source == corpus.SourceShopify && d.Header["X-Shopify-Topic"] != "":
		return fmt.Sprint(d.Header["X-Shopify-Topic"][:6], said.ID)
	case d.Source == corpus.SourceAPI && said.Data.PlacedAt != "":
		return said.Data.Number
	case d.Source == corpus.SourceEasyPost:
		return said.Result.ID
	}
	return ""
}

// dated reports whether every scan bears the time at which it happened. One without a zone, or that is planned, may by its time lie after
// the import of its order: heard later it is live news by all that is known.
func (o old) dated() bool {
	return !slices.ContainsFunc(o.Truth.Parcels, func(p corpus.Parcel) bool {
		return slices.ContainsFunc(p.Steps, func(s corpus.Step) bool { return s.Planned || !s.Told.IsZero() })
	})
}

// sample is a parcel on its way of an order that shoppers may be told of.
type sample struct{ order, number, carrier, email string }

// sampled is the parcel of the only order of a journey, where it is on its way and nothing stands in the way of a message.
func (o old) sampled(cut time.Time) (sample, bool) {
	if len(o.Truth.Orders) != 1 || len(o.Truth.Parcels) != 1 || len(o.Truth.Foreign) > 0 || len(o.Truth.Orders[0].Recipients) != 1 {
		return sample{}, false
	}
	order, parcel := o.Truth.Orders[0], o.Truth.Parcels[0]
	number, named := parcel.NumberAt(cut)
	state, _ := parcel.KnownStateAt(cut)
	address := !order.AddressHeardAt.IsZero() && order.AddressHeardAt.Before(cut)
	moving := slices.Contains([]corpus.State{corpus.StateHandedToCarrier, corpus.StateInTransit}, state.State)
	if order.Test || order.Channel != corpus.ChannelWebshop || !named || !moving || !address || len(parcel.Legs) > 0 || len(parcel.Numbers) > 1 {
		return sample{}, false
	}
	return sample{order.Number, number, parcel.Carrier, order.Recipients[0].Email}, true
}
