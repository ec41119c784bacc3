package tracking

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// EventKey is the identity of an event within its parcel: equal for a redelivery, different for another scan.
// It leaves out what wismo derives (the status, where the carrier gave a code), so that a mended mapping
// does not double the history.
func EventKey(e Event) string {
	what := e.Code
	if what == "" {
		what = string(e.Status)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{
		strconv.FormatInt(e.Time.UnixMilli(), 10), what, e.Location, e.Text,
	}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// NormalNumber is the form in which order and parcel numbers are compared: upper case, without spaces and a leading '#'.
func NormalNumber(number string) string {
	return strings.TrimPrefix(strings.ToUpper(strings.Join(strings.Fields(number), "")), "#")
}

// ParcelKey names a parcel within its order.
func ParcelKey(carrier, number string) string {
	return carrier + ":" + NormalNumber(number)
}

// Apply merges a change into the order. Zero fields never erase; a change older than what is known fills gaps only;
// phases are kept with the earliest time each was reached, so that the order of arrival does not matter.
func Apply(order *Order, change OrderChange) {
	in, newer := change.Order, !change.At.Before(order.UpdatedAt)
	merge(&order.ID, in.ID, false)
	merge(&order.Number, in.Number, newer)
	merge(&order.ExternalID, in.ExternalID, newer)
	merge(&order.Source, in.Source, false)
	merge(&order.Locale, in.Locale, newer)
	merge(&order.Customer.Name, in.Customer.Name, newer)
	merge(&order.Customer.Email, in.Customer.Email, newer)
	merge(&order.Customer.Phone, in.Customer.Phone, newer)
	merge(&order.To.Street, in.To.Street, newer)
	merge(&order.To.Postcode, in.To.Postcode, newer)
	merge(&order.To.City, in.To.City, newer)
	merge(&order.To.Country, in.To.Country, newer)
	merge(&order.Promise, in.Promise, newer)
	if len(in.Items) > 0 && (newer || len(order.Items) == 0) {
		order.Items = slices.Clone(in.Items)
	}
	if in.Currency != "" && (newer || order.Currency == "") {
		order.Currency, order.TotalMinor = in.Currency, in.TotalMinor
	}
	order.PlacedAt = earliest(order.PlacedAt, in.PlacedAt)
	applyPhases(order, in, change.At)
	for _, p := range in.Parcels {
		ApplyEvents(order, ParcelEvents{Carrier: p.Carrier, Number: p.Number, ShipmentID: p.ShipmentID, URL: p.URL, Events: p.Events})
	}
	if newer && !phaseOnly(in) {
		order.UpdatedAt = change.At
	}
}

// phaseOnly says that a change tells how far the order is and nothing else of it. A carrier or a fulfillment may tell so by
// a clock of its own; what the shop says of the order meanwhile must not look old beside it.
func phaseOnly(in Order) bool {
	in.ID, in.Number, in.ExternalID, in.Source = "", "", "", ""
	in.Phase, in.PhaseTimes = "", nil
	return reflect.ValueOf(in).IsZero()
}

func merge[T comparable](known *T, said T, overwrite bool) {
	var zero T
	if said != zero && (overwrite || *known == zero) {
		*known = said
	}
}

func applyPhases(order *Order, in Order, at time.Time) {
	times := maps.Clone(in.PhaseTimes)
	if times == nil {
		times = map[Phase]time.Time{}
	}
	if in.Phase != "" && times[in.Phase].IsZero() {
		times[in.Phase] = at
	}
	if order.PhaseTimes == nil {
		order.PhaseTimes = map[Phase]time.Time{}
	}
	for phase, reached := range times {
		order.PhaseTimes[phase] = earliest(order.PhaseTimes[phase], reached)
	}
	for _, phase := range Phases() {
		if !order.PhaseTimes[phase].IsZero() {
			order.Phase = phase
		}
	}
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// ApplyEvents merges events into the order's parcel of that number, which it adds when it is new; events without a number
// go to the parcels of their shipment or, where none bears its id, to the order's only parcel. It says whether it found
// a parcel. Events are known by their key: a second delivery changes nothing; they are kept oldest first by the carrier's clock.
func ApplyEvents(order *Order, said ParcelEvents) bool {
	if NormalNumber(said.Number) != "" {
		order.parcel(said.Carrier, said.Number).take(said)
		return true
	}
	found := false
	for i := range order.Parcels {
		if said.ShipmentID != "" && order.Parcels[i].ShipmentID == said.ShipmentID {
			order.Parcels[i].take(said)
			found = true
		}
	}
	if !found && len(order.Parcels) == 1 && (said.ShipmentID == "" || order.Parcels[0].ShipmentID == "") {
		order.Parcels[0].take(said)
		return true
	}
	return found
}

func (p *Parcel) take(said ParcelEvents) {
	merge(&p.Carrier, said.Carrier, false)
	merge(&p.ShipmentID, said.ShipmentID, false)
	merge(&p.URL, said.URL, false)
	known := make(map[string]int, len(p.Events))
	for i, e := range p.Events {
		known[e.Key] = i
	}
	for _, e := range said.Events {
		if e.Key == "" {
			e.Key = EventKey(e)
		}
		if i, ok := known[e.Key]; ok {
			p.Events[i].Recorded = earliest(p.Events[i].Recorded, e.Recorded)
			continue
		}
		known[e.Key] = len(p.Events)
		p.Events = append(p.Events, e)
	}
	slices.SortFunc(p.Events, compareEvents)
}

// parcel finds the parcel of that number, whose carrier may be known on one side only, or adds it.
func (o *Order) parcel(carrier, number string) *Parcel {
	for i := range o.Parcels {
		if o.Parcels[i].Is(carrier, number) {
			return &o.Parcels[i]
		}
	}
	o.Parcels = append(o.Parcels, Parcel{Carrier: carrier, Number: number})
	return &o.Parcels[len(o.Parcels)-1]
}

// Is says whether the name means this parcel: the numbers agree, and the carriers do unless one of them is not known.
func (p Parcel) Is(carrier, number string) bool {
	return NormalNumber(p.Number) == NormalNumber(number) && (p.Carrier == carrier || p.Carrier == "" || carrier == "")
}

// compareEvents orders by the carrier's clock; at the same instant the more advanced status counts as the later.
func compareEvents(a, b Event) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(progress(a.Status), progress(b.Status)), cmp.Compare(a.Key, b.Key))
}

// progress is how far a status stands on the way; Statuses is written in that order, but for terminal ones, which end it.
func progress(s Status) int {
	at := slices.Index(Statuses(), s)
	if s.Terminal() {
		return at + len(Statuses())
	}
	return at
}
