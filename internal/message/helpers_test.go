package message

import (
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// t0 is a Tuesday noon in Amsterdam.
var t0 = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

func hours(n float64) time.Time { return t0.Add(time.Duration(n * float64(time.Hour))) }

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func utc(now time.Time) Clock { return Clock{Zone: time.UTC, Now: now} }

func dayOf(t time.Time) locale.Day { return locale.DayOf(t, t.Location()) }

func quantity(t testing.TB, text string) locale.Quantity {
	t.Helper()
	q, err := locale.ParseQuantity(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func setting(t testing.TB) tracking.Setting {
	return tracking.Setting{
		Zone: zoneOf(t, "Europe/Amsterdam"), HomeCountry: "NL",
		Promise: bundle.Promise{HandlingBusinessDays: 1, Transit: []bundle.Transit{{Name: "all", MinBusinessDays: 1, MaxBusinessDays: 2}}},
	}
}

// purchase collects what sources say of one order.
type purchase struct {
	t       testing.TB
	records map[tracking.Key]*tracking.Record
	order   []tracking.Key
	said    tracking.OrderSaid
}

// buy begins an order of boots and socks.
func buy(t testing.TB, change ...func(*tracking.OrderSaid)) *purchase {
	t.Helper()
	p := &purchase{t: t, records: map[tracking.Key]*tracking.Record{}}
	p.said = tracking.OrderSaid{
		ExternalID: "4501", Number: "#1001", PlacedAt: t0, Phase: tracking.OrderReceived,
		Customer:    tracking.Recipient{Name: "Noor Jansen", Email: "noor@shopper.example"},
		Destination: tracking.Address{Postcode: "1017 AB", City: "Amsterdam", Country: "NL"},
		Lines: []tracking.Line{
			{ID: "l1", Name: "Boots", Quantity: locale.Units(1), PriceMinor: 9000}, {ID: "l2", Name: "Socks", Quantity: locale.Units(2), PriceMinor: 500},
		},
		Money: tracking.Money{Currency: "EUR", TotalMinor: 10000},
	}
	for _, c := range change {
		c(&p.said)
	}
	return p.say(tracking.Statement{Key: tracking.Key{Source: "api", Kind: tracking.KindOrder, Ref: "4501"}, Speaker: tracking.RankShop, Order: &p.said}, t0)
}

func (p *purchase) say(s tracking.Statement, heard time.Time) *purchase {
	s.Stamp = tracking.Stamp{Version: heard, Heard: heard}
	if p.records[s.Key] == nil {
		p.records[s.Key] = &tracking.Record{}
		p.order = append(p.order, s.Key)
	}
	p.records[s.Key].Take(s)
	return p
}

// ship adds a shipment with its lines and parcels.
func (p *purchase) ship(ref string, said tracking.ShipmentSaid) *purchase {
	said.Order = tracking.OrderHint{ExternalID: "4501"}
	if said.CreatedAt.IsZero() {
		said.CreatedAt = hours(20)
	}
	s := tracking.Statement{Key: tracking.Key{Source: "api", Kind: tracking.KindShipment, Ref: ref}, Speaker: tracking.RankShop, Shipment: &said}
	if said.Phase != "" {
		s.Phases = []tracking.PhaseChange{{Phase: said.Phase, At: said.CreatedAt, Heard: said.CreatedAt}}
	}
	return p.say(s, said.CreatedAt)
}

// parcel adds a shipment of one parcel that holds a line.
func (p *purchase) parcel(carrier, number, line string) *purchase {
	quantity := map[string]int{"l1": 1, "l2": 2}[line]
	return p.ship(number, tracking.ShipmentSaid{Phase: tracking.Shipped, Lines: []tracking.LineShare{{ID: line, Quantity: locale.Units(quantity)}}, Parcels: []tracking.ParcelSaid{{Carrier: carrier, Number: number}}})
}

// scans adds what a carrier says of a number, heard when it was told.
func (p *purchase) scans(carrier, number string, eta *tracking.ETA, scans ...tracking.Scan) *purchase {
	heard := hours(21)
	for i := range scans {
		if scans[i].Told.IsZero() {
			scans[i].Told = hours(22)
		}
		scans[i].Heard, scans[i].Sequence = scans[i].Told, i
		scans[i].ID = number + string(scans[i].Status) + scans[i].Told.String()
		heard = scans[i].Heard
	}
	s := tracking.Statement{
		Key: tracking.Key{Source: "aggregator", Kind: tracking.KindTracker, Ref: number}, Speaker: tracking.RankAggregator,
		Tracker: &tracking.TrackerSaid{Carrier: carrier, Number: number}, Scans: scans,
	}
	if eta != nil {
		eta.Source = tracking.ETAFromCarrier
		s.Dates = []tracking.StatedDate{{ETA: *eta, At: heard, Heard: heard}}
	}
	return p.say(s, heard)
}

// at returns the order and its journey at an instant.
func (p *purchase) at(now time.Time) (tracking.Order, tracking.Journey) {
	p.t.Helper()
	var records []tracking.Record
	for _, key := range p.order {
		records = append(records, *p.records[key])
	}
	joined := tracking.Join(records)
	if len(joined.Groups) != 1 {
		p.t.Fatalf("%d orders", len(joined.Groups))
	}
	var members []tracking.Record
	for _, i := range joined.Groups[0].Records {
		members = append(members, records[i])
	}
	o := tracking.Assemble("id", members, joined.Groups[0].Bounds)
	return o, tracking.Project(o, setting(p.t), now)
}

func parcelOf(number string) tracking.Subject {
	return tracking.Subject{Kind: tracking.SubjectParcel, Ref: number}
}

// mail renders news about a subject at an instant, or fails.
func (p *purchase) mail(r *Renderer, occasion tracking.Occasion, of tracking.Subject, now time.Time) Mail {
	p.t.Helper()
	o, j := p.at(now)
	at := now
	if parcel := j.Parcel(of); parcel != nil && tracking.Occasion(parcel.Status) == occasion {
		at = parcel.Since
	}
	m, err := r.Mail(tracking.News{Occasion: occasion, Subject: of, At: at, Heard: at}, o, j, o.Buyer, links, now)
	if err != nil {
		p.t.Fatalf("%s: %v", occasion, err)
	}
	return m
}
