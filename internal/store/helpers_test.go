package store_test

import (
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// one piece of something.
var one = func() tracking.Quantity {
	q, err := locale.ParseQuantity("1")
	if err != nil {
		panic(err)
	}
	return q
}()

// orderSaid is a source's word about an order that was placed at noon.
func orderSaid(source, external, number string) tracking.Record {
	return taken(tracking.Statement{
		Key:     tracking.Key{Source: source, Kind: tracking.KindOrder, Ref: external},
		Speaker: tracking.RankShop, Stamp: tracking.Stamp{Version: noon, Heard: noon},
		Order: &tracking.OrderSaid{
			ExternalID: external, Number: number, PlacedAt: noon, Locale: "nl", Tags: []string{"gift"},
			Customer:    tracking.Recipient{Name: "Noor Jansen", Email: "noor@example.org"},
			Destination: tracking.Address{Postcode: "1015 CJ", Country: "NL"},
			Lines:       []tracking.Line{{ID: "1", SKU: "OAK", Name: "Oak stool", Quantity: one, PriceMinor: 1995}},
			Money:       tracking.Money{Currency: "EUR", TotalMinor: 1995},
		},
		Phases: []tracking.PhaseChange{{Phase: tracking.OrderReceived, At: noon, Heard: noon}},
	})
}

// shipmentSaid is a source's word about what it packed of an order, in one parcel.
func shipmentSaid(source, ref, external, parcel string) tracking.Record {
	at := noon.Add(time.Hour)
	return taken(tracking.Statement{
		Key:     tracking.Key{Source: source, Kind: tracking.KindShipment, Ref: ref},
		Speaker: tracking.RankShop, Stamp: tracking.Stamp{Version: at, Heard: at},
		Shipment: &tracking.ShipmentSaid{
			Order: tracking.OrderHint{ExternalID: external}, Direction: tracking.Outbound, CreatedAt: at,
			Parcels: []tracking.ParcelSaid{{Carrier: "postnl", Number: parcel}},
		},
	})
}

// trackerSaid is a carrier's word about a parcel: a scan an hour, from two hours after noon.
func trackerSaid(source, number string, scans ...tracking.Status) tracking.Record {
	s := tracking.Statement{
		Key:     tracking.Key{Source: source, Kind: tracking.KindTracker, Ref: number},
		Speaker: tracking.RankCarrier, Stamp: tracking.Stamp{Version: noon.Add(2 * time.Hour), Heard: noon.Add(2 * time.Hour)},
		Tracker: &tracking.TrackerSaid{Carrier: "postnl", Number: number},
	}
	for i, status := range scans {
		at := noon.Add(time.Duration(2+i) * time.Hour)
		s.Scans = append(s.Scans, tracking.Scan{ID: number + string(status), Status: status, Told: at, Heard: at, Location: "Utrecht", Text: "On its way", Code: "Q1"})
	}
	return taken(s)
}

func taken(s tracking.Statement) (r tracking.Record) {
	r.Take(s)
	return r
}

// put stores an order with its records, and its form for the previous version.
func put(t testing.TB, s *store.Store, id string, records ...tracking.Record) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.PutOrder(t.Context(), store.OrderRow{ID: id, PlacedAt: noon, BundleHash: "b1"}); err != nil {
			return err
		}
		for _, r := range records {
			if err := tx.SaveRecord(t.Context(), r, store.RecordJoined, id); err != nil {
				return err
			}
		}
		order, err := tx.Order(t.Context(), id)
		if err != nil {
			return err
		}
		return tx.WriteLegacy(t.Context(), order)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wait stores records that belong to no order yet.
func wait(t testing.TB, s *store.Store, records ...tracking.Record) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		for _, r := range records {
			if err := tx.SaveRecord(t.Context(), r, store.RecordWaiting); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
