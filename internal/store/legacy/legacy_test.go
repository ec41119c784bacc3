package legacy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/store/legacy"
	"github.com/wismo-dev/wismo/internal/tracking"
)

var noon = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)

// drawn is an order of the previous version: up to four parcels with events of all kinds.
func drawn(r *rapid.T) legacy.Order {
	o := legacy.Order{
		ID: "o1", Number: "#A-1001", ExternalID: rapid.SampledFrom([]string{"", "77"}).Draw(r, "external id"), Source: "shop",
		PlacedAt: noon, UpdatedAt: noon.Add(time.Hour), PhaseTimes: map[string]time.Time{"OrderReceived": noon}, Phase: "OrderReceived",
		Customer: legacy.Customer{Name: "Noor Jansen", Email: "noor@example.org"}, To: legacy.Address{Postcode: "1015 CJ", Country: "NL"},
		Items: []legacy.Item{{Name: "Oak stool", SKU: "OAK", Quantity: rapid.IntRange(1, 3).Draw(r, "quantity"), PriceMinor: 1995}}, Currency: "EUR", TotalMinor: 1995,
	}
	if rapid.Bool().Draw(r, "packed") {
		o.Phase, o.PhaseTimes["Packed"] = "Packed", noon.Add(30*time.Minute)
	}
	for i := range rapid.IntRange(0, 4).Draw(r, "parcels") {
		p := legacy.Parcel{Carrier: "postnl", Number: fmt.Sprint("3S", i), FirstAt: noon, ShipmentID: rapid.SampledFrom([]string{"", "s1", "s2"}).Draw(r, "shipment")}
		for n := range rapid.IntRange(0, 6).Draw(r, "events") {
			at := noon.Add(time.Duration(2+n) * time.Hour)
			e := legacy.Event{Key: fmt.Sprintf("k%d-%d", i, n), Time: at, Location: "Utrecht", Status: rapid.SampledFrom([]string{"", "InTransit", "Delivered", "DeliveryAttemptFailed"}).Draw(r, "status")}
			if e.Status == "" {
				e.Text = "On its way"
			}
			if rapid.Bool().Draw(r, "dated") {
				day := noon.Truncate(24*time.Hour).AddDate(0, 0, n)
				e.ETA = &legacy.ETA{From: day, To: day, DayOnly: true, Source: "Carrier"}
			}
			p.Events = append(p.Events, e)
		}
		o.Parcels = append(o.Parcels, p)
	}
	return o
}

// records are those that the statements make.
func records(known []tracking.Record, statements []tracking.Statement) []tracking.Record {
	all := append([]tracking.Record{}, known...)
	for _, s := range statements {
		at := -1
		for i := range all {
			if all[i].Key == s.Key {
				at = i
			}
		}
		if at < 0 {
			at, all = len(all), append(all, tracking.Record{})
		}
		all[at].Take(s)
	}
	return all
}

func TestAnOrderComesBackFromItsRecordsAsItWas(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		was := drawn(r)
		order := tracking.Assemble(was.ID, records(nil, legacy.Statements(legacy.Order{}, was)), tracking.Bounds{})
		got := legacy.Of(order, legacy.Lead{ExternalID: was.ExternalID, UpdatedAt: was.UpdatedAt})
		if diff := cmp.Diff(was, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(legacy.Parcel{}, "FirstAt"),
			cmpopts.SortSlices(func(a, b legacy.Parcel) bool { return a.Number < b.Number })); diff != "" {
			r.Errorf("(-was +got):\n%s", diff)
		}
	})
}

func TestOfAnOrderThatIsKnownOnlyWhatWasAddedIsStated(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		was := drawn(r)
		if again := legacy.Statements(was, was); len(again) != 0 {
			r.Errorf("nothing was added, and %d things are stated", len(again))
		}
		is := was
		is.UpdatedAt, is.Customer.Email = noon.Add(24*time.Hour), "corrected@example.org"
		is.Parcels = append(append([]legacy.Parcel{}, was.Parcels...), legacy.Parcel{Carrier: "gls", Number: "NEW", FirstAt: is.UpdatedAt,
			Events: []legacy.Event{{Key: "new", Status: "InTransit", Time: is.UpdatedAt, Recorded: is.UpdatedAt}}})
		known := records(nil, legacy.Statements(legacy.Order{}, was))
		order := tracking.Assemble(was.ID, records(known, legacy.Statements(was, is)), tracking.Bounds{})
		if order.Buyer.Email != "corrected@example.org" || len(order.Lines) != 1 {
			r.Errorf("the order is now of %q, with %d lines", order.Buyer.Email, len(order.Lines))
		}
		parcels := 0
		for _, s := range order.Shipments {
			parcels += len(s.Parcels)
		}
		if parcels != len(is.Parcels) {
			r.Errorf("%d parcels, want %d", parcels, len(is.Parcels))
		}
	})
}

func TestTheVersionBeforeIsToldNothingOfReturnsAndReplacedParcels(t *testing.T) {
	parcel := func(number string) []tracking.Parcel {
		return []tracking.Parcel{{Number: number, Scans: []tracking.Scan{{ID: number, Status: tracking.Delivered, Told: noon, Heard: noon}}}}
	}
	got := legacy.Of(tracking.Order{ID: "o1", Number: "#1", Shipments: []tracking.Shipment{
		{Direction: tracking.Outbound, Ref: "s1", Parcels: parcel("SENT"), Phases: []tracking.PhaseChange{{Phase: tracking.Shipped, At: noon}}},
		{Direction: tracking.Outbound, Ref: "s2", Parcels: parcel("LOST"), ReplacedBy: "s1"},
		{Direction: tracking.Outbound, Ref: "s3", Parcels: []tracking.Parcel{{Number: "PLANNED", Scans: []tracking.Scan{{ID: "p", Status: tracking.Delivered, Heard: noon, Planned: true}}}}},
		{Direction: tracking.Return, Ref: "s4", Parcels: parcel("BACK")},
	}}, legacy.Lead{})
	var numbers []string
	for _, p := range got.Parcels {
		numbers = append(numbers, fmt.Sprint(p.Number, len(p.Events)))
	}
	if diff := cmp.Diff([]string{"SENT1", "PLANNED0"}, numbers); diff != "" {
		t.Error(diff)
	}
	if got.Phase != "" {
		t.Errorf("one of two shipments was sent, and the order is %s", got.Phase)
	}
}
