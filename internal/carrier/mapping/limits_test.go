package mapping

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// own makes a tenant's definition out of one expression for the list of parcels.
func own(t testing.TB, list, events string) *definition.Definition {
	t.Helper()
	d, err := definition.Parse([]byte(fmt.Sprintf(`format: 1
name: quay
title: Quay Post
kinds: [Carrier]
verify: {scheme: None}
mapping:
  parcels:
  - list: %q
    number: parcel.number
    events:
      list: %q
      code: event.code
      time: event.time
      text: event.?text
  codes:
    D: {status: Delivered}
`, list, events)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func mapOwn(t testing.TB, list, events, body string) (Result, error) {
	t.Helper()
	return compiled(t, own(t, list, events)).Map(context.Background(), receipt("", []byte(body)))
}

func TestEveryMistakeInAnExpressionIsToldWithItsPathAndLine(t *testing.T) {
	text := `format: 1
name: quay
title: Quay Post
kinds: [Orders, Carrier]
verify: {scheme: None}
mapping:
  ignore: ['1 + 1']
  require: [{that: 'nonsense(', otherwise: x}]
  orders:
  - list: '[body]'
    number: order.number
    items:
      list: order.items
      name: event.name
  parcels:
  - list: >-
      [body].filter(p,
        undeclared > 1)
    number: parcel.number
    events:
      list: parcel.events
      code: item.code
      time: event.time
`
	d, err := definition.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Compile(d)
	problems, ok := errors.AsType[definition.Problems](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	got := map[string]int{}
	for _, p := range problems {
		got[p.Path] = p.Line
	}
	want := map[string]int{
		"mapping.ignore[0]": 7, "mapping.require[0].that": 8, "mapping.orders[0].items.name": 14,
		"mapping.parcels[0].list": 18, "mapping.parcels[0].events.code": 22,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%v", diff, err)
	}
}

func TestATooLongExpressionIsRefused(t *testing.T) {
	d := own(t, "[body]", "parcel.events")
	d.Mapping.Parcels[0].URL = definition.Expr{Source: `"` + strings.Repeat("x", 4096) + `"`, Line: 9}
	if _, err := Compile(d); err == nil || !strings.Contains(err.Error(), "line 9: mapping.parcels[0].url: the expression has 4098 bytes") {
		t.Errorf("got %v", err)
	}
}

// A tenant writes the expressions: none of them may cost the notifier more than a moment.
func TestAHostileExpressionIsStopped(t *testing.T) {
	for name, list := range map[string]string{
		"nested loops":  `lists.range(300).filter(a, lists.range(300).all(b, lists.range(300).all(c, a+b+c >= 0))).map(a, body)`,
		"a huge range":  `lists.range(2000000000).map(a, body)`,
		"doubling text": `[1,2,3,4,5,6,7,8,9,10,11,12].map(a, "` + strings.Repeat("x", 1000) + `").map(s, s+s+s+s+s+s+s+s).map(s, s+s+s+s+s+s+s+s).map(s, s+s+s+s+s+s+s+s).map(s, s+s+s+s+s+s+s+s)`,
		"flattening":    `lists.range(1000).map(a, lists.range(1000)).flatten()`,
		"nested lists that are compared": `cel.bind(a, [1,2,3,4,5,6,7,8,9,0], cel.bind(b, [a,a,a,a,a,a,a,a,a,a], cel.bind(c, [b,b,b,b,b,b,b,b,b,b],
			cel.bind(d, [c,c,c,c,c,c,c,c,c,c], cel.bind(e, [d,d,d,d,d,d,d,d,d,d], cel.bind(f, [e,e,e,e,e,e,e,e,e,e],
			cel.bind(g, [f,f,f,f,f,f,f,f,f,f], [g == g])))))))`,
		"nested lists that are searched": `[[1,2,3,4,5,6,7,8,9,0]].map(a, [a,a,a,a,a,a,a,a,a,a]).map(a, [a,a,a,a,a,a,a,a,a,a]).map(a, [a,a,a,a,a,a,a,a,a,a])
			.map(a, [a,a,a,a,a,a,a,a,a,a]).map(a, [a,a,a,a,a,a,a,a,a,a]).map(a, [a,a,a,a,a,a,a,a,a,a]).map(a, a in [a])`,
		"the payload many times": `lists.range(1000).map(a, lists.range(1000).map(b, body))`,
		"a failing check":        `[body.missing]`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mapOwn(t, list, "parcel.events", `{"text":"`+strings.Repeat("y", 10_000)+`"}`)
			if err == nil || !strings.Contains(err.Error(), "mapping.parcels[0].list: ") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFunctionsWithoutABoundAreNotOffered(t *testing.T) {
	for _, list := range []string{
		`[body.text.replace("", body.text)]`, `[[body.text].join(body.text)]`, `["%s%s".format([body.text, body.text])]`,
		`[body.text.indexOf("a")]`, `[body.text.lastIndexOf("a")]`, `body.list.distinct()`,
	} {
		if _, err := Compile(own(t, list, "parcel.events")); err == nil {
			t.Errorf("%s compiles", list)
		}
	}
}

// parcelOf makes a parcel with as many events, one a second.
func parcelOf(number string, events int) string {
	all := make([]string, events)
	for i := range all {
		all[i] = fmt.Sprintf(`{"code":"D","time":%d}`, 1_760_000_000+i)
	}
	return `{"number":"` + number + `","events":[` + strings.Join(all, ",") + `]}`
}

func scansOf(r Result) int {
	n := 0
	for _, s := range r.Statements {
		n += len(s.Scans)
	}
	return n
}

func TestALocationThatIsBuiltOutOfNestedListsIsCutShort(t *testing.T) {
	d := own(t, "[body]", "parcel.events")
	d.Mapping.Parcels[0].Events.Location = definition.Expr{
		Source: `cel.bind(a, [body.x, body.x], cel.bind(b, [a, a, a, a, a, a, a, a], [b, b, b, b, b, b, b, b, b, b, b, b]))`, Line: 9,
	}
	body := `{"x":"` + strings.Repeat("x", 5000) + `","number":"1","events":[{"code":"D","time":1760000000}]}`
	r, err := compiled(t, d).Map(t.Context(), receipt("", []byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Statements[0].Scans[0].Location; len(got) != maxLocation {
		t.Errorf("%d bytes", len(got))
	}
}

func TestThirtyNumbersWithTwentyScansEachFit(t *testing.T) {
	parcels := make([]string, 30)
	for i := range parcels {
		parcels[i] = parcelOf(fmt.Sprint("P", i), 20)
	}
	r, err := mapOwn(t, "body", "parcel.events", "["+strings.Join(parcels, ",")+"]")
	if err != nil || len(r.Statements) != 30 || scansOf(r) != 600 || r.Quarantined != nil {
		t.Errorf("%d parcels, %d scans, %v: %v", len(r.Statements), scansOf(r), r.Quarantined, err)
	}
}

func TestFiveThousandEventsFit(t *testing.T) {
	parcels := make([]string, MaxEvents/MaxScans)
	for i := range parcels {
		parcels[i] = parcelOf(fmt.Sprint("P", i), MaxScans)
	}
	r, err := mapOwn(t, "body", "parcel.events", "["+strings.Join(parcels, ",")+"]")
	if err != nil || scansOf(r) != MaxEvents || r.Quarantined != nil {
		t.Errorf("%d scans, %v: %v", scansOf(r), r.Quarantined, err)
	}
}

func TestADeliveryWithItsPhotographFits(t *testing.T) {
	body := `{"photo":"` + strings.Repeat("x", 400<<10) + `","number":"1","events":[{"code":"D","time":1760000000}]}`
	if r, err := mapOwn(t, "[body]", "parcel.events", body); err != nil || scansOf(r) != 1 {
		t.Errorf("%d scans: %v", scansOf(r), err)
	}
}

func TestAnOrderOfFiveHundredLinesFits(t *testing.T) {
	r := shopifyOrder(t, func(order map[string]any) {
		line := map[string]any{"id": 1, "name": "Refill pouch", "quantity": 2, "current_quantity": 2, "price": "4.50", "properties": strings.Repeat("p", 1200)}
		lines := make([]any, MaxItems)
		for i := range lines {
			lines[i] = line
		}
		order["line_items"] = lines
	})
	if n := len(r.Statements[0].Order.Lines); n != MaxItems || r.Quarantined != nil || r.Degraded != nil {
		t.Errorf("%d lines, %v, %v", n, r.Quarantined, r.Degraded)
	}
}

func TestTwoHundredOrdersFit(t *testing.T) {
	entries := make([]string, MaxOrders)
	for i := range entries {
		entries[i] = fmt.Sprintf(`{"type":"order.upserted","data":{"number":"%d","customer":{"email":"kim%d@shopper.example"},"items":[{"name":"Lamp"}]}}`, i, i)
	}
	r, err := mapper(t, "api").Map(t.Context(), receipt("", []byte(`{"type":"batch","data":[`+strings.Join(entries, ",")+`]}`)))
	if err != nil || len(r.Statements) != MaxOrders || r.Quarantined != nil {
		t.Errorf("%d orders, %v: %v", len(r.Statements), r.Quarantined, err)
	}
}

func TestAnOrderOfTooManyLinesKeepsTheOthers(t *testing.T) {
	r := shopifyOrder(t, func(order map[string]any) {
		lines := make([]any, MaxItems+1)
		for i := range lines {
			lines[i] = map[string]any{"id": i, "name": "Pouch"}
		}
		order["line_items"] = lines
	})
	if n := len(r.Statements[0].Order.Lines); n != MaxItems || len(r.Quarantined) != 1 || r.Quarantined[0].Path != "mapping.orders[0].items.list" {
		t.Errorf("%d lines, %v", n, r.Quarantined)
	}
}

func TestAParcelOfTooManyScansKeepsBothEndsOfThem(t *testing.T) {
	r, err := mapOwn(t, "[body]", "parcel.events", parcelOf("1", MaxScans+60))
	if err != nil || scansOf(r) != MaxScans || len(r.Quarantined) != 1 {
		t.Fatalf("%d scans, %v: %v", scansOf(r), r.Quarantined, err)
	}
	scans := r.Statements[0].Scans
	if first, last := scans[0].Told.Unix(), scans[len(scans)-1].Told.Unix(); first != 1_760_000_000 || last != 1_760_000_000+MaxScans+59 {
		t.Errorf("from %d to %d", first, last)
	}
}

func TestTooManyOrdersCostOnlyTheSurplus(t *testing.T) {
	entries := make([]string, MaxOrders+1)
	for i := range entries {
		entries[i] = fmt.Sprintf(`{"type":"order.upserted","data":{"number":"%d"}}`, i)
	}
	r, err := mapper(t, "api").Map(t.Context(), receipt("", []byte(`{"type":"batch","data":[`+strings.Join(entries, ",")+`]}`)))
	if err != nil || len(r.Statements) != MaxOrders || len(r.Quarantined) != 1 {
		t.Errorf("%d orders, %v: %v", len(r.Statements), r.Quarantined, err)
	}
}

func TestAPayloadOfWhichNothingSurvivesIsQuarantined(t *testing.T) {
	tests := map[string]struct{ list, body, want string }{
		"too large":            {"[body]", `{"x":"` + strings.Repeat("x", MaxPayloadBytes) + `"}`, "at most 1048576 are mapped"},
		"not JSON":             {"[body]", `<Error/>`, "the payload is not JSON: at byte 1"},
		"cut off":              {"[body]", `{"number":`, "the payload is not JSON"},
		"empty":                {"[body]", ``, "the payload is not JSON"},
		"two values":           {"[body]", `{} {}`, "data after its JSON value"},
		"not a list":           {"body", `{"number":"1"}`, "mapping.parcels[0].list: must yield a list, not map"},
		"no number":            {"[body]", `{"number":" ","events":[]}`, "mapping.parcels[0].list[0]: the parcel has neither a number nor a shipment id"},
		"a number is an array": {"[body]", `{"number":[1],"events":[]}`, "mapping.parcels[0].number: must yield a text, not list"},
		"no event with a code": {"[body]", `{"number":"1","events":[{"time":1760000000}]}`, "mapping.parcels[0].events.code: the payload has no code"},
		"nothing":              {"[]", `{}`, "neither an order nor a shipment nor a parcel"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := mapOwn(t, test.list, "parcel.events", test.body); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnErrorNeverQuotesThePayload(t *testing.T) {
	const secret = "Anna de Vries"
	for _, body := range []string{
		`{"number":{"` + secret + `":1},"events":[]}`,
		`{"number":"1","events":"` + secret + `"}`,
		`["` + secret + `"]`,
		`{"number": ` + secret + `}`,
		`{"number":"1","events":[{"time":1760000000,"` + secret + `":1}]}`,
	} {
		for _, list := range []string{"[body]", "[{}].map(e, body[body.number])", "[timestamp(body.number)]"} {
			if _, err := mapOwn(t, list, "parcel.events", body); err == nil || strings.Contains(err.Error(), "Anna") {
				t.Errorf("%s: %v", body, err)
			}
		}
	}
}

func TestAnInterruptionIsNotAFaultOfThePayload(t *testing.T) {
	m := mapper(t, "easypost")
	body, err := os.ReadFile("testdata/easypost/tracker_updated.json")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Map(ctx, receipt("", body)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestASlowMomentIsNotAFaultOfThePayload(t *testing.T) {
	m := compiled(t, own(t, `lists.range(20).filter(a, lists.range(20).all(b, a+b >= 0)).map(a, body)`, "[parcel]"))
	m.timeout = time.Nanosecond // what is left on a node without a free CPU
	if _, err := m.Map(t.Context(), receipt("", []byte(`{"number":"1"}`))); !errors.Is(err, ErrInterrupted) {
		t.Errorf("got %v", err)
	}
}

func TestTheSameScanHasTheSameIDWheneverItComes(t *testing.T) {
	m := mapper(t, "easypost")
	body, err := os.ReadFile("testdata/easypost/tracker_updated.json")
	if err != nil {
		t.Fatal(err)
	}
	ids := func(heard time.Time, body []byte) []string {
		r, err := m.Map(t.Context(), Receipt{Source: "test", Body: body, Heard: heard})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, s := range r.Statements[0].Scans {
			all = append(all, s.ID)
		}
		return all
	}
	first := ids(received, body)
	if diff := cmp.Diff(first, ids(received.Add(-365*24*time.Hour), body)); diff != "" {
		t.Errorf("ids depend on the time of receipt:\n%s", diff)
	}
	moved := strings.ReplaceAll(string(body), "2024-08-05", "2024-08-07")
	if diff := cmp.Diff(first, ids(received, []byte(moved))); diff != "" {
		t.Errorf("a moved ETA makes other scans:\n%s", diff)
	}
	unique := map[string]bool{}
	for _, id := range first {
		unique[id] = true
	}
	if len(unique) != len(first) {
		t.Errorf("%d scans, %d ids", len(first), len(unique))
	}
	// The recipe is that of the databases there are: carrier, number, code, time, place, text.
	if want := key("fedex", "1", "pre_transit", "2024-07-31T15:00:00Z", "32837, US", "Shipment information sent to FedEx"); first[0] != want {
		t.Errorf("the first id is %s, want %s", first[0], want)
	}
}

func TestAnUnknownCodeChangesNothingAndIsReported(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		code := rapid.StringMatching(`[a-z_]{1,80}`).Filter(func(s string) bool { return s != "delivered" }).Draw(r, "code")
		body := fmt.Sprintf(`{"type":"parcel.event","data":{"number":"1","status":%q,"time":"2026-05-06T12:00:00Z"}}`, code)
		result, err := mapper(t, "api").Map(t.Context(), receipt("", []byte(body)))
		if err != nil {
			r.Fatal(err)
		}
		e := result.Statements[0].Scans[0]
		if e.Status != "" || len(result.Unmapped) != 1 || len(result.Unmapped[0]) > maxCodeBytes || !strings.HasPrefix(code, result.Unmapped[0]) {
			r.Fatalf("%q became %q, reported %q", code, e.Status, result.Unmapped)
		}
	})
}

// A detail of the payload may refine what is under way, it never takes back that a parcel was delivered.
func TestADetailRefinesWhatIsUnderWayOnly(t *testing.T) {
	m := mapper(t, "easypost")
	for status, want := range map[string]tracking.Status{"in_transit": tracking.Lost, "failure": tracking.Lost, "delivered": tracking.Delivered, "cancelled": tracking.ParcelCancelled} {
		body := fmt.Sprintf(`{"result":{"tracking_code":"1","tracking_details":[{"status":%q,"status_detail":"lost","datetime":"2026-05-06T12:00:00Z"}]}}`, status)
		r, err := m.Map(t.Context(), receipt("", []byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Statements[0].Scans[0].Status; got != want {
			t.Errorf("%s and lost is %s, want %s", status, got, want)
		}
	}
}

func TestTheListOfUnknownCodesIsBounded(t *testing.T) {
	events := make([]string, 100)
	for i := range events {
		events[i] = fmt.Sprintf(`{"code":"X%03d","time":1760000000}`, i)
	}
	r, err := mapOwn(t, "[body]", "parcel.events", `{"number":"1","events":[`+strings.Join(events, ",")+`]}`)
	if err != nil || len(r.Unmapped) != maxUnmapped || r.Unmapped[0] != "X000" {
		t.Errorf("%d reported: %v", len(r.Unmapped), err)
	}
}

func TestAParcelNumberThatIsAJSONNumberKeepsEveryDigit(t *testing.T) {
	for _, number := range []string{"7777777770", "9205590164917337534", "920559016491733753432299"} {
		r, err := mapOwn(t, "[body]", "parcel.events", `{"number":`+number+`,"events":[]}`)
		if err != nil || r.Statements[0].Tracker.Number != number {
			t.Errorf("%s became %v (%v)", number, r.Statements, err)
		}
	}
}

// FuzzMap feeds arbitrary bytes to every definition of the catalog: whatever comes is mapped or quarantined.
func FuzzMap(f *testing.F) {
	mappers := map[string]*Mapper{}
	for _, name := range definition.Names() {
		mappers[name] = mapper(f, name)
		addPayloads(f, name)
	}
	f.Fuzz(func(t *testing.T, name, topic string, body []byte) {
		m, ok := mappers[name]
		if !ok {
			t.Skip()
		}
		r, err := m.Map(t.Context(), receipt(topic, body))
		if err != nil {
			return
		}
		for _, s := range r.Statements {
			checkStatement(t, s)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	})
}

func addPayloads(f *testing.F, name string) {
	f.Helper()
	payloads, err := filepath.Glob(filepath.Join("testdata", name, "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range payloads {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, topics[strings.TrimSuffix(filepath.Base(path), ".json")], body)
	}
}

func checkStatement(t *testing.T, s tracking.Statement) {
	t.Helper()
	said := 0
	for _, is := range []bool{s.Order != nil, s.Shipment != nil, s.Tracker != nil} {
		if is {
			said++
		}
	}
	if said != 1 || s.Key.Ref == "" || s.Stamp.Version.IsZero() || s.Stamp.Version.After(s.Stamp.Heard) {
		t.Errorf("a strange statement: %+v", s)
	}
	for _, scan := range s.Scans {
		checkScan(t, scan)
	}
	checkDates(t, s.Dates)
}

func checkDates(t *testing.T, dates []tracking.StatedDate) {
	t.Helper()
	for _, d := range dates {
		if d.ETA.To.Before(d.ETA.From) || d.At.After(received) || d.ETA.From.After(received.Add(farFuture)) {
			t.Errorf("a strange date: %+v", d)
		}
	}
}

func checkScan(t *testing.T, s tracking.Scan) {
	t.Helper()
	if s.ID == "" || s.At().IsZero() || s.At().After(received) || len([]rune(s.Text)) > maxText {
		t.Errorf("a strange scan: %+v", s)
	}
	if s.Status == tracking.Delivered && (s.Code == "" || s.Returning) {
		t.Error("Delivered was guessed")
	}
}

func BenchmarkMap(b *testing.B) {
	m := mapper(b, "easypost")
	body, err := os.ReadFile("testdata/easypost/tracker_updated.json")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Map(b.Context(), receipt("", body)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	d, err := definition.Load("shopify")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Compile(d); err != nil {
			b.Fatal(err)
		}
	}
}
