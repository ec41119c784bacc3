package mapping

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// says maps one payload of a provider of the catalog, of which everything is understood.
func says(t *testing.T, provider, topic, body string) []tracking.Statement {
	t.Helper()
	r, err := mapper(t, provider).Map(t.Context(), receipt(topic, []byte(body)))
	if err != nil || len(r.Degraded)+len(r.Quarantined)+len(r.Unmapped) > 0 {
		t.Fatalf("%v, degraded %v, quarantined %v, unmapped %v", err, r.Degraded, r.Quarantined, r.Unmapped)
	}
	return r.Statements
}

// api maps data of the source api.
func api(t *testing.T, kind, data string) []tracking.Statement {
	t.Helper()
	return says(t, "api", "", fmt.Sprintf(`{"type":%q,"data":%s}`, kind, data))
}

// tracker maps an EasyPost tracker with these fields beside its number and carrier.
func tracker(t *testing.T, fields string) tracking.Statement {
	t.Helper()
	return says(t, "easypost", "", `{"description":"tracker.updated","result":{"tracking_code":"AD0RET01","carrier":"DPD",`+fields+`}}`)[0]
}

func statuses(s tracking.Statement) []tracking.Status {
	var all []tracking.Status
	for _, scan := range s.Scans {
		all = append(all, scan.Status)
	}
	return all
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func want(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(tracking.Quantity{}, locale.Day{})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAnOrderKeepsItsNumberWhenAFulfilmentNamesAnother(t *testing.T) {
	for order, name := range map[string]string{"NL.1001": "NL.1001.1", "#1002": "#1002-F1", "1003/A": "1003/A.1"} {
		said := says(t, "shopify", "orders/create", fmt.Sprintf(`{"id":501,"name":%q,"shipping_address":{},"fulfillments":[{"id":901,"name":%q,"status":"success"}]}`, order, name))
		want(t, "the order's number", order, said[0].Order.Number)
		want(t, "the order of its shipment", tracking.OrderHint{ExternalID: "501", Number: order}, said[1].Shipment.Order)
		later := says(t, "shopify", "fulfillments/create", fmt.Sprintf(`{"id":901,"order_id":501,"name":%q,"status":"success","tracking_numbers":[]}`, name))
		if len(later) != 1 || later[0].Order != nil {
			t.Errorf("%s: a fulfilment speaks of the order: %+v", name, later)
		}
		want(t, "the order of the fulfilment", tracking.OrderHint{ExternalID: "501"}, later[0].Shipment.Order)
	}
}

func TestAFulfilmentThatNamesAnotherNumberNamesOnlyThatOne(t *testing.T) {
	said := says(t, "shopify", "fulfillments/update", `{"id":901,"order_id":501,"status":"success","updated_at":"2026-05-01T13:00:00+01:00",
		"tracking_company":"PostNL","tracking_numbers":["3SRIGHT001"],"shipment_status":"in_transit"}`)
	want(t, "parcels", []tracking.ParcelSaid{{Carrier: "postnl", Number: "3SRIGHT001"}}, said[0].Shipment.Parcels)
	want(t, "the tracker's number", "", said[1].Tracker.Number)
	want(t, "the tracker's shipment", "901", said[1].Tracker.Shipment)
}

func TestAnOrderOfAShopIsWholeAndListsItsShipments(t *testing.T) {
	said := says(t, "shopify", "orders/updated", `{"id":501,"name":"#1001","updated_at":"2026-05-01T12:00:01+02:00","shipping_address":{},
		"line_items":[{"id":1,"name":"Oak stool","quantity":1},{"id":2,"name":"Cushion","quantity":2}],"fulfillments":[
		{"id":901,"status":"success","created_at":"2026-05-01T10:00:00Z","tracking_numbers":["A1","A2"],"line_items":[{"id":1,"quantity":1}]},
		{"id":902,"status":"cancelled","updated_at":"2026-05-01T09:00:00Z"}]}`)
	want(t, "statements", 3, len(said))
	want(t, "fields", []string(nil), said[0].Fields)
	want(t, "the order's shipments", []string{"901", "902"}, *said[0].Order.Shipments)
	want(t, "contents", []tracking.LineShare{{ID: "1", Quantity: quantity(t, "1")}}, said[1].Shipment.Lines)
	want(t, "numbers", 2, len(said[1].Shipment.Parcels))
	want(t, "phases", []tracking.Phase{tracking.Shipped, tracking.Cancelled}, []tracking.Phase{said[1].Shipment.Phase, said[2].Shipment.Phase})
	want(t, "version of a shipment", at(t, "2026-05-01T10:00:01Z"), said[1].Stamp.Version)
	want(t, "positions", []int{0, 1, 2}, []int{said[0].Stamp.Position, said[1].Stamp.Position, said[2].Stamp.Position})
}

func quantity(t *testing.T, text string) tracking.Quantity {
	t.Helper()
	var q tracking.Quantity
	if err := q.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return q
}

func TestWhatIsCollectedAtTheCounterWasNeverSent(t *testing.T) {
	order := `{"id":501,"name":"#1001","shipping_address":null,"billing_address":{"name":"Noor Jansen"},"shipping_lines":[{"title":"Counter"}],
		"fulfillment_status":"fulfilled","fulfillments":[{"id":901,"status":"success","shipment_status":%s,"tracking_numbers":[]}]}`
	for status, phase := range map[string]tracking.Phase{`null`: tracking.Collected, `"ready_for_pickup"`: tracking.ReadyToCollect, `"picked_up"`: tracking.Collected} {
		said := says(t, "shopify", "orders/updated", fmt.Sprintf(order, status))
		want(t, "the order's method", tracking.MethodPickup, said[0].Order.Method)
		want(t, "the order's phase", tracking.OrderReceived, said[0].Order.Phase)
		want(t, "the shipment's phase", phase, said[1].Shipment.Phase)
	}
	said := says(t, "shopify", "fulfillments/create", `{"id":901,"order_id":501,"status":"success","tracking_numbers":[]}`)
	if s := said[0]; s.Shipment.Phase != "" || len(s.Phases) > 0 || strings.Contains(fmt.Sprint(s.Fields), "Phase") {
		t.Errorf("a fulfilment that does not know how the goods travel says %q", s.Shipment.Phase)
	}
}

func TestOnlyWhatIsLeftOfAnOrderIsListed(t *testing.T) {
	said := says(t, "shopify", "orders/updated", `{"id":501,"name":"#1001","shipping_address":{},"currency":"EUR","total_price":"90.00","current_total_price":"45.00",
		"line_items":[{"id":1,"name":"Stool","quantity":2,"current_quantity":1,"price":"45.00"},{"id":2,"name":"Cushion","quantity":1,"current_quantity":0,"price":"45.00"}],
		"refunds":[{"transactions":[{"kind":"refund","status":"success","amount":"40.00","processed_at":"2026-05-02T10:00:00Z"},
		{"kind":"refund","status":"failure","amount":"1.00"}]},{"transactions":[{"kind":"refund","status":"success","amount":"5.00"}]}]}`)[0].Order
	want(t, "lines", []tracking.Line{{ID: "1", Name: "Stool", Quantity: quantity(t, "1"), PriceMinor: 4500}}, said.Lines)
	want(t, "money", tracking.Money{Currency: "EUR", TotalMinor: 4500, RefundedMinor: 4500}, said.Money)
	want(t, "refunds", 2, len(said.Refunds))
	want(t, "phase", tracking.OrderReceived, said.Phase)
}

func TestAnOrderWhoseGoodsWereAllTakenBackIsCancelled(t *testing.T) {
	for name, fields := range map[string]string{
		"cancelled":              `"cancelled_at":"2026-05-01T11:00:00+02:00"`,
		"refunded and restocked": `"financial_status":"refunded","fulfillment_status":"restocked"`,
		"voided and restocked":   `"financial_status":"voided","fulfillment_status":"restocked"`,
		"every line removed":     `"line_items":[{"id":1,"quantity":1,"current_quantity":0}]`,
	} {
		said := says(t, "shopify", "orders/updated", `{"id":501,"name":"#1001","shipping_address":{},`+fields+`}`)
		want(t, name, tracking.OrderCancelled, said[0].Order.Phase)
	}
	for name, fields := range map[string]string{
		"refunded after it was sent": `"financial_status":"refunded","fulfillment_status":"fulfilled","fulfillments":[{"id":9,"status":"success"}]`,
		"refunded in part":           `"financial_status":"partially_refunded","line_items":[{"id":1,"current_quantity":0},{"id":2,"current_quantity":1}]`,
		"nothing told of its lines":  `"financial_status":"paid"`,
	} {
		said := says(t, "shopify", "orders/updated", `{"id":501,"name":"#1001","shipping_address":{},`+fields+`}`)
		want(t, name, tracking.OrderReceived, said[0].Order.Phase)
	}
}

func TestAnOrderFromAMarketplaceOrATestIsKnownAsSuch(t *testing.T) {
	for source, marketplace := range map[string]bool{"web": false, "pos": false, "amazon-us": true, "580111": false, "ebay": true} {
		said := says(t, "shopify", "orders/create", fmt.Sprintf(`{"id":1,"name":"#1","test":true,"shipping_address":{},"source_name":%q}`, source))[0].Order
		want(t, source, []bool{marketplace, true}, []bool{said.Marketplace, said.Test})
	}
}

func TestAWordThatMeansNoCarrierDoesNotNameOne(t *testing.T) {
	for _, word := range []string{"Other", "Custom", "Manual", "other"} {
		said := says(t, "shopify", "fulfillments/create", fmt.Sprintf(`{"id":901,"order_id":501,"status":"success","tracking_company":%q,"tracking_numbers":["D1"]}`, word))
		want(t, word, []tracking.ParcelSaid{{Number: "D1"}}, said[0].Shipment.Parcels)
	}
	said := says(t, "shopify", "fulfillments/create", `{"id":901,"order_id":501,"status":"success","tracking_company":"Other","tracking_numbers":["1Z 204W4R 0390000001"]}`)
	want(t, "told by its number", []tracking.ParcelSaid{{Carrier: "ups", Number: "1Z204W4R0390000001"}}, said[0].Shipment.Parcels)
}

func TestADetailThatCannotBeReadCostsOnlyItself(t *testing.T) {
	line := func(data string) (tracking.Line, []string) {
		t.Helper()
		r, err := mapper(t, "api").Map(t.Context(), receipt("", []byte(`{"type":"order.upserted","data":{"number":"1","items":[`+data+`]}}`)))
		if err != nil {
			t.Fatal(err)
		}
		return r.Statements[0].Order.Lines[0], r.Degraded
	}
	half, degraded := line(`{"name":"Linen fabric","quantity":0.5,"priceMinor":2490}`)
	want(t, "half a metre", tracking.Line{Name: "Linen fabric", Quantity: quantity(t, "0.5"), PriceMinor: 2490}, half)
	want(t, "degraded", []string(nil), degraded)
	for data, path := range map[string]string{
		`{"name":"Lamp","quantity":"two"}`:         "mapping.orders[0].items.quantity: must yield a decimal number",
		`{"name":"Lamp","priceMinor":8.264}`:       "mapping.orders[0].items.priceMinor: must yield a whole number",
		`{"name":"Lamp","method":"Balloon"}`:       "mapping.orders[0].items.method: must yield one of Parcel, Letter, Pickup, Digital",
		`{"name":"Lamp","sku":{"a":1}}`:            "mapping.orders[0].items.sku: must yield a text, not map",
		`{"name":"Lamp","availableFrom":"soon"}`:   "mapping.orders[0].items.availableFrom: the time has a format that is not known",
		`{"name":"Lamp","imageURL":["https://x"]}`: "mapping.orders[0].items.imageURL: must yield a text, not list",
	} {
		got, degraded := line(data)
		want(t, data, tracking.Line{Name: "Lamp", Quantity: quantity(t, "1")}, got)
		if len(degraded) != 1 || !strings.HasPrefix(degraded[0], path) {
			t.Errorf("%s: reported %q", data, degraded)
		}
	}
}

func TestMoneyIsReadInEveryCurrencyAndNeverCostsTheOrder(t *testing.T) {
	for _, c := range []struct {
		currency, total string
		want            int64
	}{
		{"KRW", "47040", 47040}, {"KWD", "25.000", 25000}, {"RSD", "1234.50", 123450}, {"ALL", "1234.50", 123450}, {"EUR", "8.264463", 826},
		{"EUR", "0.005", 1}, {"XCG", "10.00", 1000}, {"SLE", "10.00", 1000}, {"VES", "10.00", 1000}, {"JPY", "1234.50", 1235}, {"PLN", "-5.00", -500},
	} {
		said := says(t, "shopify", "orders/create", fmt.Sprintf(`{"id":1,"name":"#1","shipping_address":{},"currency":%q,"total_price":%q}`, c.currency, c.total))
		want(t, c.currency+" "+c.total, tracking.Money{Currency: c.currency, TotalMinor: c.want}, said[0].Order.Money)
	}
	for _, wrong := range [][2]string{{"EUR", "1e999999999"}, {"EUR", "ten"}, {"EUR", "1/3"}, {"XQQ", "10"}, {"EURO", "10"}} {
		body := fmt.Sprintf(`{"id":1,"name":"#1","shipping_address":{},"currency":%q,"total_price":%q}`, wrong[0], wrong[1])
		r, err := mapper(t, "shopify").Map(t.Context(), receipt("orders/create", []byte(body)))
		if err != nil || len(r.Degraded) != 1 || strings.Contains(r.Degraded[0], "this payload") {
			t.Errorf("%v: %v, degraded %q", wrong, err, r.Degraded)
		}
	}
}

func TestAnElementThatCannotBeReadCostsOnlyItself(t *testing.T) {
	m := mapper(t, "api")
	batch := func(entries ...string) (Result, error) {
		return m.Map(t.Context(), receipt("", []byte(`{"type":"batch","data":[`+strings.Join(entries, ",")+`]}`)))
	}
	good := `{"type":"order.upserted","data":{"number":"1002"}}`
	for name, bad := range map[string]string{
		"an order without a number":    `{"type":"order.upserted","data":{"phase":"Packed"}}`,
		"a parcel without a number":    `{"type":"parcel.event","data":{"status":"Delivered"}}`,
		"a shipment without an id":     `{"type":"shipment.upserted","data":{"orderNumber":"1"}}`,
		"an entry of an unknown type":  `{"type":"order.deleted","data":{}}`,
		"an entry without a type":      `{"data":{}}`,
		"an entry without data":        `{"type":"order.upserted"}`,
		"an event that says nothing":   `{"type":"parcel.event","data":{"number":"1"}}`,
		"an order number that is none": `{"type":"order.upserted","data":{"number":[1]}}`,
	} {
		r, err := batch(bad, good)
		if err != nil || len(r.Statements) != 1 || r.Statements[0].Order.Number != "1002" || len(r.Quarantined) == 0 {
			t.Errorf("%s: %d statements, quarantined %v: %v", name, len(r.Statements), r.Quarantined, err)
		}
		if _, err := batch(bad); err == nil {
			t.Errorf("%s alone survives", name)
		}
	}
}

func TestAnEventThatCannotBeReadCostsOnlyItself(t *testing.T) {
	r, err := mapOwn(t, "[body]", "parcel.events", `{"number":"1","events":[{"time":1760000000},{"code":"D","time":1760000001},{"code":{"x":1}}]}`)
	if err != nil || scansOf(r) != 1 || len(r.Quarantined) != 2 || r.Quarantined[0].Path != "mapping.parcels[0].events.list[0]" {
		t.Errorf("%d scans, quarantined %v: %v", scansOf(r), r.Quarantined, err)
	}
}

func TestAListOfShipmentsThatCannotBeReadWithdrawsNone(t *testing.T) {
	r, err := mapper(t, "shopify").Map(t.Context(), receipt("orders/updated", []byte(`{"id":501,"name":"#1001","shipping_address":{},
		"fulfillments":[{"id":901,"status":"success"},{"id":{"broken":true},"status":"success"}]}`)))
	if err != nil || len(r.Statements) != 2 || len(r.Quarantined) != 1 {
		t.Fatalf("%d statements, quarantined %v: %v", len(r.Statements), r.Quarantined, err)
	}
	if r.Statements[0].Order.Shipments != nil {
		t.Errorf("the order lists %v only", *r.Statements[0].Order.Shipments)
	}
}

func TestADayIsADayHoweverItIsWritten(t *testing.T) {
	for given, wanted := range map[string]string{
		`"from":"2026-06-04T00:00:00-07:00"`:                                  "2026-06-04/2026-06-04",
		`"from":"2026-06-04T00:00:00Z"`:                                       "2026-06-04/2026-06-04",
		`"from":"2026-06-04T00:00:00+09:00"`:                                  "2026-06-04/2026-06-04",
		`"from":"2026-06-04"`:                                                 "2026-06-04/2026-06-04",
		`"date":"2026-06-04"`:                                                 "2026-06-04/2026-06-04",
		`"date":"2026-06-04T23:00:00-08:00"`:                                  "2026-06-04/2026-06-04",
		`"from":"2026-06-04T00:00:00+02:00","to":"2026-06-06T00:00:00+02:00"`: "2026-06-04/2026-06-06",
		`"from":"2026-06-04T00:00:00+02:00","to":"2026-06-04T23:59:59+02:00"`: "2026-06-04/2026-06-04",
		`"from":"2026-06-06","to":"2026-06-04"`:                               "2026-06-04/2026-06-06",
	} {
		dates := api(t, "parcel.event", `{"number":"1","orderNumber":"1","time":"2026-05-30T10:00:00Z","eta":{`+given+`}}`)[0].Dates
		if len(dates) != 1 || !dates[0].ETA.DayOnly {
			t.Errorf("%s is %+v", given, dates)
			continue
		}
		e := dates[0].ETA
		want(t, given, wanted, e.From.Format(time.DateOnly)+"/"+e.To.Format(time.DateOnly))
	}
	window := api(t, "parcel.event", `{"number":"1","orderNumber":"1","eta":{"from":"2026-06-04T15:00:00-08:00","to":"2026-06-04T18:00:00-08:00"}}`)[0].Dates[0].ETA
	want(t, "a window", "false 2026-06-04T15:00:00-08:00", fmt.Sprint(window.DayOnly, " ", window.From.Format(time.RFC3339)))
}

func TestADateThatStandsForNotKnownIsNone(t *testing.T) {
	for _, given := range []string{`"date":"9999-12-31"`, `"date":"2029-01-01"`, `"from":"2062-05-01T10:00:00Z"`, `"date":"1970-01-01"`, `"date":"2023-04-01"`} {
		if dates := api(t, "parcel.event", `{"number":"1","orderNumber":"1","eta":{`+given+`}}`)[0].Dates; len(dates) > 0 {
			t.Errorf("%s is %+v", given, dates)
		}
	}
	promise := api(t, "order.upserted", `{"number":"1","promise":{"date":"9999-12-31"}}`)[0].Order.Promise
	if promise != nil {
		t.Errorf("the promise is %+v", promise)
	}
}

func TestAChangedDateIsAnotherDateAndNotAnotherScan(t *testing.T) {
	event := `{"number":"1","status":"InTransit","time":"2026-05-30T10:00:00Z","eta":{"date":"2026-06-%s"}}`
	first, second := api(t, "parcel.event", fmt.Sprintf(event, "18"))[0], api(t, "parcel.event", fmt.Sprintf(event, "23"))[0]
	want(t, "scans", first.Scans, second.Scans)
	want(t, "the second date", "2026-06-23", second.Dates[0].ETA.From.Format(time.DateOnly))
	want(t, "when it was stated", at(t, "2026-05-30T10:00:00Z"), second.Dates[0].At)
}

func TestAScanKeepsTheClockItWasToldIn(t *testing.T) {
	for text, wanted := range map[string]struct {
		told    string
		guessed bool
	}{
		"2026-05-01T16:40:00-08:00": {"2026-05-01T16:40:00-08:00", false},
		"2026-05-01T16:40:00Z":      {"2026-05-01T16:40:00Z", false},
		"2026-05-01T16:40:00+00:00": {"2026-05-01T16:40:00Z", false},
		"2026-05-01 16:40:00 PST":   {"2026-05-01T16:40:00-08:00", false},
		"2026-05-01T16:40:00":       {"2026-05-01T16:40:00Z", true},
	} {
		scan := api(t, "parcel.event", fmt.Sprintf(`{"number":"9405","status":"Delivered","time":%q}`, text))[0].Scans[0]
		want(t, text, wanted.told, scan.Told.Format(time.RFC3339))
		want(t, text+" is guessed", wanted.guessed, scan.Guessed)
	}
}

func TestAScanWithoutATimeCountsFromItsReceipt(t *testing.T) {
	for _, time := range []string{"", `"time":null,`, `"time":"yesterday",`, `"time":"1970-01-01T00:00:00Z",`} {
		r, err := mapper(t, "api").Map(t.Context(), receipt("", []byte(`{"type":"parcel.event","data":{`+time+`"number":"1","status":"Delivered"}}`)))
		if err != nil {
			t.Fatal(err)
		}
		if s := r.Statements[0].Scans[0]; !s.Told.IsZero() || !s.Guessed || !s.At().Equal(received) {
			t.Errorf("%s: %+v", time, s)
		}
	}
}

func TestNothingHappensAfterItWasHeardAndAPlannedStepIsNoStatus(t *testing.T) {
	for hours, planned := range map[int]bool{-48: false, 2: false, 47: false, 49: true, 24 * 365: true} {
		when := received.Add(time.Duration(hours) * time.Hour)
		scan := api(t, "parcel.event", fmt.Sprintf(`{"number":"1","status":"OutForDelivery","time":%q}`, when.Format(time.RFC3339)))[0].Scans[0]
		if scan.Planned != planned || !scan.Told.Equal(when) || scan.At().After(received) {
			t.Errorf("%d hours ahead: planned %t, told %s, counts at %s", hours, scan.Planned, scan.Told, scan.At())
		}
	}
	scan := api(t, "parcel.event", `{"number":"1","status":"Delivered","planned":true,"time":"2026-06-01T11:00:00Z"}`)[0].Scans[0]
	if !scan.Planned {
		t.Error("a step that the carrier calls planned is one that happened")
	}
}

func TestAnOrderWasNotPlacedInTheFuture(t *testing.T) {
	r, err := mapper(t, "api").Map(t.Context(), receipt("", []byte(`{"type":"order.upserted","data":{"number":"1","placedAt":"2062-05-04T09:30:00Z","locale":"nl"}}`)))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "placed", time.Time{}, r.Statements[0].Order.PlacedAt)
	want(t, "degraded", []string{"mapping.orders[0].placedAt: lies in the future"}, r.Degraded)
	want(t, "given", []string{"Locale", "Number"}, r.Statements[0].Fields)
}

func TestAParcelThatGoesBackIsNotDelivered(t *testing.T) {
	s := tracker(t, `"status":"delivered","updated_at":"2026-05-25T09:50:00Z","tracking_details":[
		{"status":"in_transit","datetime":"2026-05-21T17:30:00Z"},
		{"status":"return_to_sender","status_detail":"return","datetime":"2026-05-23T09:55:00Z"},
		{"status":"in_transit","datetime":"2026-05-24T09:55:00Z"},
		{"status":"delivered","datetime":"2026-05-25T09:50:00Z"}]`)
	want(t, "after it turned", []tracking.Status{tracking.InTransit, tracking.ReturnInTransit, tracking.ReturnInTransit, tracking.ReturnedToSender}, statuses(s))
	want(t, "the first scan goes back", false, s.Scans[0].Returning)

	s = tracker(t, `"status":"delivered","is_return":true,"tracking_details":[
		{"status":"pre_transit","datetime":"2026-05-20T17:30:00Z"},{"status":"in_transit","datetime":"2026-05-21T17:30:00Z"},{"status":"delivered","datetime":"2026-05-25T09:50:00Z"}]`)
	want(t, "sent as a return", []tracking.Status{tracking.LabelCreated, tracking.ReturnInTransit, tracking.ReturnedToSender}, statuses(s))
	want(t, "the tracker", true, s.Tracker.Returning)

	s = tracker(t, `"status":"delivered","updated_at":"2026-05-25T09:50:00Z","tracking_details":[{"status":"return_to_sender","datetime":"2026-05-23T09:55:00Z"}]`)
	want(t, "its present state", []tracking.Status{tracking.ReturnInTransit, tracking.ReturnedToSender}, statuses(s))

	s = says(t, "sendcloud", "", `{"event_type":"parcels.event.created","data":{"parcel":{"tracking_number":"1"},"event":{"phase":"pup","is_returned":true,"timestamp":"2026-05-23T09:55:00Z"}}}`)[0]
	want(t, "at a pick-up point on its way back", []tracking.Status{tracking.ReturnInTransit}, statuses(s))
}

func TestTheCarriersOwnWordForThePresentStateWins(t *testing.T) {
	delivered := `{"status":"in_transit","datetime":"2026-05-30T17:30:00Z"},{"status":"delivered","datetime":"2026-05-31T09:00:00Z"},{"status":"out_for_delivery","datetime":"2026-05-31T09:05:00Z"}`
	s := tracker(t, `"status":"delivered","updated_at":"2026-05-31T09:05:00Z","tracking_details":[`+delivered+`]`)
	want(t, "statuses", []tracking.Status{tracking.InTransit, tracking.Delivered, tracking.OutForDelivery, tracking.Delivered}, statuses(s))
	last := s.Scans[3]
	if !last.Current || last.At().Before(s.Scans[2].At()) {
		t.Errorf("the present state is %+v", last)
	}
	s = tracker(t, `"status":"delivered","updated_at":"2026-05-31T19:00:00Z","tracking_details":[`+delivered+`,{"status":"in_transit","datetime":"2026-05-31T19:00:00Z"}]`)
	if last := s.Scans[4]; !last.Current || last.Status != tracking.Delivered {
		t.Errorf("in the evening it is %+v", last)
	}
	s = tracker(t, `"status":"out_for_delivery","updated_at":"2026-05-31T09:05:00Z","tracking_details":[`+delivered+`]`)
	want(t, "a state that the newest event tells already", 3, len(s.Scans))
	s = tracker(t, `"status":"unknown","tracking_details":[`+delivered+`]`)
	want(t, "a state that is not known", 3, len(s.Scans))
	s = tracker(t, `"status":"pre_transit","updated_at":"2026-05-31T09:05:00Z"`)
	if len(s.Scans) != 1 || s.Scans[0].Status != tracking.LabelCreated || s.Scans[0].Current {
		t.Errorf("without events it is %+v", s.Scans)
	}
}

func TestANumberThatIsUsedAgainIsAnotherTracker(t *testing.T) {
	first, second := tracker(t, `"id":"trk_1","status":"delivered"`), tracker(t, `"id":"trk_2","status":"pre_transit"`)
	if first.Key == second.Key {
		t.Errorf("both are %+v", first.Key)
	}
	want(t, "without an id", "dpd/AD0RET01", tracker(t, `"status":"delivered"`).Key.Ref)
}

func TestEveryWordOfSendcloudIsUnderstood(t *testing.T) {
	event := `{"action":"parcel_status_changed","timestamp":1779530000000,"carrier_status_change_timestamp":1779530000,"parcel":{"id":77,"tracking_number":"3SSC1",
		"order_number":"#1001","external_order_id":"501","email":"noor@shopper.example","postal_code":"1015 CJ","carrier":{"code":"postnl"},"status":{"id":%d,"message":%q}}}`
	for _, c := range []struct {
		id      int
		message string
		status  tracking.Status
		reason  tracking.Reason
		act     bool
	}{
		{91, "Parcel en route", tracking.InTransit, "", false},
		{62989, "At Customs", tracking.InCustoms, "", false},
		{62990, "At sorting centre", tracking.InTransit, "", false},
		{62991, "Refused by recipient", tracking.DeliveryAttemptFailed, tracking.ReasonRefused, false},
		{62992, "Returned to sender", tracking.ReturnedToSender, "", false},
		{62993, "Delivery method changed", "", "", false},
		{62996, "Exception", tracking.Exception, "", false},
		{62997, "Address invalid", tracking.Exception, tracking.ReasonAddressWrong, true},
		{424242, "Refused by recipient", tracking.DeliveryAttemptFailed, tracking.ReasonRefused, false}, // by its message
		{424242, "Returned to sender", tracking.ReturnedToSender, "", false},
	} {
		said := says(t, "sendcloud", "", fmt.Sprintf(event, c.id, c.message))
		scan := said[0].Scans[0]
		want(t, c.message, []any{c.status, c.reason, c.act}, []any{scan.Status, scan.Reason, scan.ActionRequired})
	}
	ready := says(t, "sendcloud", "", fmt.Sprintf(event, 1000, "Ready to send"))
	want(t, "statements", 1, len(ready))
	want(t, "scans", 0, len(ready[0].Scans))
	want(t, "phases", tracking.ReadyToShip, ready[0].Phases[0].Phase)
	want(t, "the order", tracking.OrderHint{Number: "#1001", Email: "noor@shopper.example", Postcode: "1015 CJ"}, ready[0].Tracker.Order)
}

func TestAFieldThatIsLeftOutIsUnchangedAndOneThatIsNullIsCleared(t *testing.T) {
	s := api(t, "order.upserted", `{"number":"1001","deliveryNote":null,"customer":{"email":"kim@shopper.example"},"items":[],"totalMinor":100,"currency":"EUR"}`)[0]
	want(t, "given", []string{"Customer", "Note", "Money", "Lines", "Number"}, s.Fields)
	want(t, "the note", "", s.Order.Note)
	s = api(t, "shipment.upserted", `{"id":"S1","externalID":"A-77","phase":null,"lines":null,"promise":{"date":"2026-06-04"}}`)[0]
	want(t, "given of a shipment", []string{"Order", "Lines", "Promise"}, s.Fields)
	s = api(t, "parcel.event", `{"number":"1","status":"AvailableForPickup","pickup":{"name":"Kiosk","until":"2026-06-09"},"proof":null}`)[0]
	want(t, "given of a parcel", []string{"Number", "Pickup", "Proof"}, s.Fields)
	want(t, "the last day", "2026-06-09", s.Tracker.Pickup.Until.String())
}

func TestAnOrderThatListsItsShipmentsWithdrawsTheOthers(t *testing.T) {
	refs := func(data string) any {
		t.Helper()
		s := api(t, "order.upserted", data)[0]
		if s.Order.Shipments == nil {
			return nil
		}
		return *s.Order.Shipments
	}
	want(t, "listed", []string{"S1", "A-77/2"}, refs(`{"number":"1","externalID":"A-77","shipments":[{"id":"S1"},{"phase":"Packed"}]}`))
	want(t, "the parcels of an order without shipments", []string{"A-77/parcels"}, refs(`{"number":"1","externalID":"A-77","parcels":[{"number":"P1"},{"number":"P2"}]}`))
	want(t, "by number", []string{"#1/parcels"}, refs(`{"number":"1","parcels":[{"number":"P1"}]}`))
	want(t, "an empty list", []string{}, refs(`{"number":"1","shipments":[]}`))
	want(t, "null", nil, refs(`{"number":"1","parcels":null}`))
	want(t, "gone", []string{"#1/parcels"}, api(t, "order.upserted", `{"number":"1","parcels":null}`)[0].Order.Gone)
	want(t, "left out", nil, refs(`{"number":"1"}`))
}

func TestADefinitionKnowsItsCarriers(t *testing.T) {
	text := `format: 1
name: quay
title: Quay Post
kinds: [Carrier]
verify: {scheme: None}
carriers:
- {name: quay, aliases: [QP, Quay Domestic], numbers: ['QP\d{6}'], link: 'https://quay.example/t/{number}'}
- {name: reef, numbers: ['R\d{6}', 'QP0\d{5}']}
mapping:
  timeFormats: [dd/MM/yyyy HH:mm]
  parcels:
  - list: each(body.parcels)
    carrier: parcel.?by
    number: parcel.number
    events:
      list: parcel.events
      order: OldestFirst
      code: event.code
      time: event.time
      zone: event.?zone
  codes:
    T: {status: InTransit}
    D: {status: Delivered}
`
	d, err := definition.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	m := compiled(t, d)
	read := func(parcels string) []tracking.Statement {
		t.Helper()
		r, err := m.Map(t.Context(), receipt("", []byte(`{"parcels":`+parcels+`}`)))
		if err != nil || len(r.Degraded) > 0 {
			t.Fatal(err, r.Degraded)
		}
		return r.Statements
	}
	for parcel, carrier := range map[string]string{
		`{"by":"Quay domestic","number":"X1","events":[]}`: "quay",
		`{"number":"QP123456","events":[]}`:                "quay",
		`{"number":"R123456","events":[]}`:                 "reef",
		`{"number":"QP012345","events":[]}`:                "", // of either
		`{"by":"Other","number":"R123456","events":[]}`:    "reef",
		`{"by":"DPD","number":"R123456","events":[]}`:      "dpd",
	} {
		want(t, parcel, carrier, read(parcel)[0].Tracker.Carrier)
	}
	want(t, "the link", "https://quay.example/t/QP123456", read(`[{"number":"QP123456","events":[]}]`)[0].Tracker.URL)

	// The depot's clock is hours ahead: the list knows that the delivery was last.
	s := read(`[{"number":"R1","events":[{"code":"T","time":"30/05/2026 07:56"},{"code":"D","time":"30/05/2026 04:23"}]}]`)[0]
	last := s.Scans[len(s.Scans)-1]
	want(t, "the last word", []any{tracking.Delivered, true}, []any{last.Status, last.Current})

	s = read(`[{"number":"R1","events":[{"code":"D","time":"30/05/2026 04:23","zone":"America/St_Johns"}]}]`)[0]
	want(t, "a zone in the payload", at(t, "2026-05-30T06:53:00Z"), s.Scans[0].Told)
	want(t, "and it is no guess", false, s.Scans[0].Guessed)
}

func TestAnAmountThatChangesAloneLeavesTheCurrency(t *testing.T) {
	s := api(t, "order.upserted", `{"number":"1001","totalMinor":100}`)[0]
	want(t, "given", []string{"Money.TotalMinor", "Number"}, s.Fields)
	s = api(t, "order.upserted", `{"number":"1001","totalMinor":100,"currency":"EUR"}`)[0]
	want(t, "given with the currency", []string{"Money", "Number"}, s.Fields)
	s = api(t, "order.upserted", `{"number":"1001","refunds":[{"amountMinor":50},{"amountMinor":20}]}`)[0]
	want(t, "given with refunds", []string{"Refunds", "Money.RefundedMinor", "Number"}, s.Fields)
	want(t, "the sum of the refunds", int64(70), s.Order.Money.RefundedMinor)
}

func TestAFactOfAParcelCanBeTakenBackWithoutAnEvent(t *testing.T) {
	r, err := mapper(t, "api").Map(t.Context(), receipt("", []byte(`{"type":"parcel.event","data":{"number":"1","pickup":null}}`)))
	if err != nil || len(r.Statements) != 1 || len(r.Statements[0].Scans) > 0 {
		t.Fatalf("%+v: %v", r.Statements, err)
	}
	want(t, "given", []string{"Number", "Pickup"}, r.Statements[0].Fields)
}

func TestWhatHasTheWrongShapeIsUnchanged(t *testing.T) {
	m := mapper(t, "api")
	read := func(data string) (tracking.Statement, int) {
		t.Helper()
		result, err := m.Map(t.Context(), receipt("", []byte(`{"type":"order.upserted","data":`+data+`}`)))
		if err != nil || len(result.Statements) == 0 {
			t.Fatalf("%s: %v, %d statements", data, err, len(result.Statements))
		}
		return result.Statements[0], len(result.Degraded)
	}
	for _, data := range []string{
		`{"number":"1001","customer":5}`, `{"number":"1001","destination":"Amsterdam"}`, `{"number":"1001","promise":"soon"}`,
		`{"number":"1001","items":[5, {"quantity":2}]}`,
	} {
		s, degraded := read(data)
		want(t, data, []string{"Number"}, s.Fields)
		want(t, "it is counted", true, degraded > 0)
	}
	for _, data := range []string{`{"number":"1001","customer":null}`, `{"number":"1001","customer":{}}`} {
		s, _ := read(data)
		want(t, data, []string{"Customer", "Number"}, s.Fields)
	}
	s, _ := read(`{"number":"1001","items":[5, {"name":"Oak stool"}]}`)
	want(t, "items that can be read", 1, len(s.Order.Lines))
}
