package legacy

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Source is the source of carriers' statements that the previous version stored without one. No configured source has this name.
const Source = "_earlier"

// OwnParcels is the suffix of the ref of the shipment that holds an order's parcels without a shipment.
const OwnParcels = "/parcels"

// Statements returns the changes of the previous version to an order as statements. Was is the order as this version wrote it last; if
// it is zero, the statements hold the whole order. Scans and phases get the time at which the previous version recorded them, or if it
// did not, the time at which they happened.
func Statements(was, is Order) []tracking.Statement {
	c := conversion{was: was, is: is, whole: was.ID == "", at: firstSet(is.UpdatedAt, is.PlacedAt, time.UnixMilli(1).UTC())}
	if is.PlacedAt.After(c.at) {
		c.at = is.PlacedAt
	}
	c.key = orderKey(is, c.at)
	c.addOrder()
	c.addShipments()
	for i := range is.Parcels {
		c.addTracker(is.Parcels[i])
	}
	return c.statements
}

// Orphan returns the statement about a parcel whose order the previous version did not know.
func Orphan(source, ref string, p Parcel, hintExternal, hintNumber string) tracking.Statement {
	s := tracking.Statement{
		Key: tracking.Key{Source: source, Kind: tracking.KindTracker, Ref: ref}, Speaker: tracking.RankAggregator,
		Tracker: &tracking.TrackerSaid{
			Carrier: p.Carrier, Number: p.Number, URL: p.URL,
			Order: tracking.OrderHint{ExternalID: hintExternal, Number: hintNumber},
		},
	}
	if p.Number == "" {
		s.Tracker.Shipment = p.ShipmentID
	}
	log(&s, p.Events)
	s.Stamp = stamp(firstSet(p.FirstAt, time.UnixMilli(1).UTC()))
	return s
}

type conversion struct {
	was, is    Order
	key        tracking.Key
	whole      bool
	at         time.Time // the version of the shop's statement
	statements []tracking.Statement
}

// orderKey returns the key of the order at its source, as mappings make it: of its own id, else of the number and the day.
func orderKey(o Order, at time.Time) tracking.Key {
	s := tracking.Statement{
		Key:   tracking.Key{Source: o.Source, Kind: tracking.KindOrder, Ref: cmp.Or(o.ExternalID, "#"+strings.TrimPrefix(o.Number, "#"))},
		Stamp: stamp(at), Order: &tracking.OrderSaid{ExternalID: o.ExternalID, PlacedAt: o.PlacedAt},
	}
	return tracking.Identify([]tracking.Statement{s})[0].Key
}

func stamp(at time.Time) tracking.Stamp { return tracking.Stamp{Version: at, Heard: at} }

func firstSet(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func (c *conversion) addOrder() {
	is := c.is
	s := tracking.Statement{
		Key: c.key, Speaker: tracking.RankShop, Stamp: stamp(c.at),
		Order: &tracking.OrderSaid{
			ExternalID: is.ExternalID, Number: is.Number, PlacedAt: is.PlacedAt, Phase: tracking.Phase(is.Phase), Locale: is.Locale,
			Customer:    tracking.Recipient{Name: is.Customer.Name, Email: is.Customer.Email, Phone: is.Customer.Phone},
			Destination: tracking.Address{Street: is.To.Street, Postcode: is.To.Postcode, City: is.To.City, Country: is.To.Country},
			Money:       tracking.Money{Currency: is.Currency, TotalMinor: is.TotalMinor},
			Promise:     eta(is.Promise),
		},
	}
	for _, item := range is.Items {
		s.Order.Lines = append(s.Order.Lines, line(item))
	}
	for _, phase := range Phases() {
		if at := is.PhaseTimes[phase]; !at.IsZero() && (c.was.PhaseTimes[phase].IsZero() || at.Before(c.was.PhaseTimes[phase])) {
			s.Phases = append(s.Phases, tracking.PhaseChange{Phase: tracking.Phase(phase), At: at, Heard: at})
		}
	}
	if !c.whole {
		s.Fields = c.changedFields()
	}
	if c.whole || len(s.Fields) > 0 || len(s.Phases) > 0 {
		c.statements = append(c.statements, s)
	}
}

func line(item Item) tracking.Line {
	quantity, err := locale.ParseQuantity(strconv.Itoa(max(1, item.Quantity))) // it did not store a line that was removed
	if err != nil {
		quantity = tracking.Quantity{}
	}
	return tracking.Line{Name: item.Name, SKU: item.SKU, Quantity: quantity, PriceMinor: item.PriceMinor}
}

// changedFields returns the names of the fields of tracking.OrderSaid that the previous version has changed.
func (c *conversion) changedFields() []string {
	fields := []string{}
	for _, f := range []struct {
		name    string
		was, is any
	}{
		{"Number", c.was.Number, c.is.Number},
		{"PlacedAt", c.was.PlacedAt, c.is.PlacedAt},
		{"Phase", c.was.Phase, c.is.Phase},
		{"Locale", c.was.Locale, c.is.Locale},
		{"Customer", c.was.Customer, c.is.Customer},
		{"Destination", c.was.To, c.is.To},
		{"Lines", c.was.Items, c.is.Items},
		{"Money", []any{c.was.Currency, c.was.TotalMinor}, []any{c.is.Currency, c.is.TotalMinor}},
		{"Promise", c.was.Promise, c.is.Promise},
	} {
		if !same(f.was, f.is) {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// same compares two values in the form in which they are stored, where a time has no monotonic clock.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// addShipments adds statements about the shipments of the order that have a new parcel, with all their parcels.
func (c *conversion) addShipments() {
	var refs []string
	parcels := map[string][]Parcel{}
	isNew := map[string]bool{}
	for _, p := range c.is.Parcels {
		ref := cmp.Or(p.ShipmentID, c.key.Ref+OwnParcels)
		if parcels[ref] == nil {
			refs = append(refs, ref)
		}
		parcels[ref] = append(parcels[ref], p)
		known := c.knownParcel(p)
		isNew[ref] = isNew[ref] || known == nil || known.ShipmentID != p.ShipmentID
	}
	for _, ref := range refs {
		if isNew[ref] {
			c.statements = append(c.statements, c.shipmentStatement(ref, parcels[ref]))
		}
	}
}

func (c *conversion) knownParcel(like Parcel) *Parcel {
	for i := range c.was.Parcels {
		if c.was.Parcels[i].is(like.Carrier, like.Number) {
			return &c.was.Parcels[i]
		}
	}
	return nil
}

func (c *conversion) shipmentStatement(ref string, parcels []Parcel) tracking.Statement {
	said := &tracking.ShipmentSaid{
		Order: tracking.OrderHint{
			ExternalID: c.is.ExternalID, Number: c.is.Number, Email: c.is.Customer.Email, Postcode: c.is.To.Postcode, Country: c.is.To.Country,
		},
		Direction: tracking.Outbound,
	}
	first := time.Time{}
	for _, p := range parcels {
		said.Parcels = append(said.Parcels, tracking.ParcelSaid{Carrier: p.Carrier, Number: p.Number, URL: p.URL})
		if !p.FirstAt.IsZero() && (first.IsZero() || p.FirstAt.Before(first)) {
			first = p.FirstAt
		}
	}
	s := tracking.Statement{
		Key:     tracking.Key{Source: c.is.Source, Kind: tracking.KindShipment, Ref: ref},
		Speaker: tracking.RankShop, Stamp: stamp(firstSet(first, c.at)), Shipment: said,
	}
	if !c.whole {
		s.Fields = []string{"Order", "Parcels"}
		s.Stamp = stamp(c.at)
	}
	return s
}

// addTracker adds a statement with the new events of a parcel.
func (c *conversion) addTracker(p Parcel) {
	known := map[string]bool{}
	if was := c.knownParcel(p); was != nil {
		for _, e := range was.Events {
			known[e.Key] = true
		}
	}
	var events []Event
	for _, e := range p.Events {
		if !known[e.Key] {
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		return
	}
	s := tracking.Statement{
		Key: tracking.Key{Source: Source, Kind: tracking.KindTracker, Ref: c.is.Source + "/" + c.key.Ref + "/" + NormalNumber(p.Number)},
		// The source of the events is not known: it ranks after a carrier and before a shop.
		Speaker: tracking.RankAggregator,
		Tracker: &tracking.TrackerSaid{Carrier: p.Carrier, Number: p.Number, URL: p.URL},
	}
	log(&s, events)
	s.Stamp = stamp(firstSet(p.FirstAt, c.at))
	c.statements = append(c.statements, s)
}

// log adds the events to a statement as scans and stated dates.
func log(s *tracking.Statement, events []Event) {
	for i, e := range events {
		heard := firstSet(e.Recorded, e.Time, time.UnixMilli(1).UTC())
		if e.ETA != nil {
			s.Dates = append(s.Dates, tracking.StatedDate{ETA: *eta(e.ETA), At: firstSet(e.Time, heard), Heard: heard})
		}
		if isScan(e) {
			s.Scans = append(s.Scans, tracking.Scan{
				ID: e.Key, Status: tracking.Status(e.Status), Reason: tracking.Reason(e.Reason), Delayed: e.Delayed,
				Returning: e.Returning, ActionRequired: e.ActionRequired, Told: e.Time, Heard: heard, Sequence: i,
				Location: e.Location, Text: e.Text, Code: e.Code,
			})
		}
	}
}

// isScan reports whether the event holds more than a date.
func isScan(e Event) bool {
	return e.Status != "" || e.Text != "" || e.Code != "" || e.Location != "" || e.Delayed || e.ActionRequired || e.ETA == nil
}

func eta(e *ETA) *tracking.ETA {
	if e == nil {
		return nil
	}
	return &tracking.ETA{From: e.From, To: e.To, DayOnly: e.DayOnly, Source: tracking.ETASource(e.Source)}
}
