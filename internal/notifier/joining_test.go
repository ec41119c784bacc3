package notifier_test

import (
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/store"
)

// scanned returns what an aggregator tells: a parcel's number, and nothing of an order.
func scanned(t *testing.T, number string, at time.Time) string {
	t.Helper()
	return encode(t, map[string]any{"description": "tracker.updated", "result": map[string]any{
		"tracking_code": number, "carrier": "PostNL", "status": "in_transit", "updated_at": at.Format(time.RFC3339),
		"tracking_details": []any{map[string]any{"status": "in_transit", "datetime": at.Format(time.RFC3339), "message": "Sorted"}},
	}})
}

func withoutParcels(order map[string]any) { delete(order, "parcels") }

func TestAPreOrderIsJoinedByItsCarrierMonthsLater(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	placed := s.now()
	s.postOrder("1001", withoutParcels)
	s.work(n)
	s.wait(150 * 24 * time.Hour)
	s.postOrder("1001", func(order map[string]any) { order["placedAt"] = placed.Format(time.RFC3339) })
	s.work(n)
	s.wait(time.Hour)
	s.post("carrier-easypost", scanned(t, "P1001", s.now()))
	s.work(n)
	if got := len(s.parcels("1001")[0].Scans); got != 1 {
		t.Errorf("%d events on the order, want 1", got)
	}
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Sent", "Shipped Sent"})
}

func TestACarrierMaySpeakBeforeTheShopNamesTheParcel(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.postOrder("1001", withoutParcels)
	s.post("carrier-easypost", scanned(t, "P1001", s.now()))
	s.post("api", event(t, "1001", "LabelCreated", s.now().Add(-time.Hour)))
	s.work(n)
	if got := len(s.parcels("1001")[0].Scans); got != 2 {
		t.Errorf("%d events on the order, want 2", got)
	}
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Superseded", "Shipped Sent"})
}

func TestWhatOneCarrierSaysOfTheOrderHoldsForTheOther(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.post("carrier-easypost", scanned(t, "P1001", s.now()))
	s.post("api", event(t, "1001", "LabelCreated", s.now().Add(-time.Hour)))
	s.postOrder("1001", withoutParcels)
	s.work(n)
	if got := s.parcels("1001"); len(got) != 1 || len(got[0].Scans) != 2 {
		t.Errorf("the order has %+v, want one parcel with 2 events", got)
	}
}

func TestAnOldOrderThatIsEditedIsNotTold(t *testing.T) {
	s := newShop(t)
	s.doc.Sources = append(s.doc.Sources, bundle.Source{Name: "shopify", Kind: bundle.Orders, EndpointID: "c", Definition: "shopify", Intake: "Webhook"})
	n := s.notifier(s.store)
	lastYear := s.now().AddDate(-1, 0, 0)
	s.edited(lastYear, lastYear.Add(24*time.Hour))
	s.work(n)
	want(t, "messages", s.messages("1001"), nil)
	want(t, "why", s.rules("1001", "Shipped"), []string{"Queue muted"})
}

// edited posts what a platform sends when somebody touches a fulfilled order, today.
func (s *shop) edited(placed, fulfilled time.Time) {
	s.t.Helper()
	_, err := s.store.AppendReceipt(s.t.Context(), store.Receipt{
		Source: "shopify", DedupeKey: "1", ReceivedAt: s.now(), Header: map[string]string{"X-Shopify-Topic": "orders/updated"},
		Body: []byte(encode(s.t, map[string]any{
			"id": 1, "name": "#1001", "email": "noor@example.org", "created_at": placed.Format(time.RFC3339),
			"updated_at": s.now().Format(time.RFC3339), "fulfillment_status": "fulfilled",
			"fulfillments": []any{map[string]any{"id": 2, "status": "success", "created_at": fulfilled.Format(time.RFC3339), "tracking_numbers": []string{"P1001"}}},
		})),
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestACarriersOwnIDForAnOrderDoesNotHideItsNumber(t *testing.T) {
	s := newShop(t)
	s.doc.Sources = append(s.doc.Sources, bundle.Source{Name: "sendcloud", Kind: bundle.Carrier, EndpointID: "d", Definition: "sendcloud", Intake: "Webhook"})
	n := s.notifier(s.store)
	s.postOrder("1001", withoutParcels, func(order map[string]any) { order["externalID"] = "gid-77" })
	s.work(n)
	s.post("sendcloud", encode(t, map[string]any{
		"action": "parcel_status_changed", "timestamp": s.now().UnixMilli(),
		"parcel": map[string]any{"id": 3, "tracking_number": "3S1", "order_number": "1001", "external_order_id": "42",
			"carrier": map[string]any{"code": "postnl"}, "status": map[string]any{"id": 92, "message": "Driver en route"}},
	}))
	s.work(n)
	if got := s.parcels("1001"); len(got) != 1 {
		t.Errorf("%d parcels on the order, want 1", len(got))
	}
}
