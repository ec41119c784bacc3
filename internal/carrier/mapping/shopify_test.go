package mapping

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// shopifyOrder maps the order of testdata after a change to it.
func shopifyOrder(t *testing.T, change func(order map[string]any)) Result {
	t.Helper()
	body, err := os.ReadFile("testdata/shopify/orders_create.json")
	if err != nil {
		t.Fatal(err)
	}
	var order map[string]any
	if err := json.Unmarshal(body, &order); err != nil {
		t.Fatal(err)
	}
	change(order)
	if body, err = json.Marshal(order); err != nil {
		t.Fatal(err)
	}
	result, err := mapper(t, "shopify").Map(t.Context(), receipt("orders/create", body))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestAnEmptyAddressInAShopifyOrderHidesNoOther(t *testing.T) {
	for want, given := range map[string]map[string]any{
		"first@shopper.example":   {"email": "first@shopper.example", "contact_email": "second@shopper.example"},
		"second@shopper.example":  {"email": "", "contact_email": "second@shopper.example"},
		"account@shopper.example": {"email": "", "contact_email": nil, "customer": map[string]any{"email": "account@shopper.example"}},
		"":                        {"email": "", "contact_email": nil, "customer": map[string]any{"email": ""}},
	} {
		got := shopifyOrder(t, func(order map[string]any) {
			for field, value := range given {
				order[field] = value
			}
		})
		if email := got.Statements[0].Order.Customer.Email; email != want {
			t.Errorf("%v: got %q, want %q", given, email, want)
		}
	}
}

func TestAShopifyOrderThatIsNotSentAnywhereIsIgnored(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(order map[string]any)
		ignored bool
	}{
		{"at the counter", func(o map[string]any) { o["shipping_address"], o["shipping_lines"] = nil, []any{} }, true},
		{"digital", func(o map[string]any) { delete(o, "shipping_address"); delete(o, "shipping_lines") }, true},
		{"collected in the shop", func(o map[string]any) { o["shipping_address"] = nil }, false},
		{"sent, by a shop that hides addresses from us", func(o map[string]any) {
			delete(o, "shipping_address")
			delete(o, "shipping_lines")
			o["fulfillments"] = []any{map[string]any{"id": 2, "status": "success", "tracking_numbers": []string{"P1001"}}}
		}, false},
		{"sent for free", func(o map[string]any) { o["shipping_lines"] = []any{} }, false},
	} {
		if got := shopifyOrder(t, c.change); got.Ignored != c.ignored {
			t.Errorf("%s: ignored %t", c.name, got.Ignored)
		}
	}
}

func TestAShopifyOrderIsCancelledWhenItIsEmptied(t *testing.T) {
	const edited = "2026-05-20T10:00:00+02:00"
	empty := func(order map[string]any) {
		order["updated_at"], order["fulfillments"] = edited, []any{}
		for _, line := range order["line_items"].([]any) {
			line.(map[string]any)["current_quantity"] = 0
		}
	}
	for name, change := range map[string]func(map[string]any){
		"edited to nothing": empty,
		"restocked": func(order map[string]any) {
			order["updated_at"], order["financial_status"], order["fulfillment_status"] = edited, "refunded", "restocked"
		},
	} {
		got := shopifyOrder(t, func(order map[string]any) {
			delete(order, "refunds")
			delete(order, "cancelled_at")
			change(order)
		}).Statements[0].Phases
		want, err := time.Parse(time.RFC3339, edited)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Phase != tracking.OrderCancelled || !got[0].At.Equal(want) {
			t.Errorf("%s: %+v, want cancelled at %s", name, got, want)
		}
	}
}
