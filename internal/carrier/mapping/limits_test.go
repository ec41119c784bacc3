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
	d, err := definition.Parse([]byte(fmt.Sprintf(`name: quay
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
	return compiled(t, own(t, list, events)).Map(context.Background(), nil, []byte(body), received)
}

func TestEveryMistakeInAnExpressionIsToldWithItsPathAndLine(t *testing.T) {
	text := `name: quay
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
		"mapping.ignore[0]": 6, "mapping.require[0].that": 7, "mapping.orders[0].items.name": 13,
		"mapping.parcels[0].list": 17, "mapping.parcels[0].events.code": 21,
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
		"nested loops":    `lists.range(300).filter(a, lists.range(300).all(b, lists.range(300).all(c, a+b+c >= 0))).map(a, body)`,
		"a huge range":    `lists.range(2000000000).map(a, body)`,
		"doubling text":   `[1,2,3,4,5,6,7,8,9,10,11,12].map(a, "` + strings.Repeat("x", 1000) + `").map(s, s+s+s+s+s+s+s+s).map(s, s+s+s+s+s+s+s+s).map(s, s+s+s+s+s+s+s+s).map(s, s+s+s+s+s+s+s+s)`,
		"flattening":      `lists.range(1000).map(a, lists.range(1000)).flatten()`,
		"a failing check": `[body.missing]`,
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

func TestAPayloadBeyondTheLimitsIsQuarantined(t *testing.T) {
	parcel := func(events int) string {
		all := make([]string, events)
		for i := range all {
			all[i] = fmt.Sprintf(`{"code":"D","time":%d}`, 1_760_000_000+i)
		}
		return `{"number":"1","events":[` + strings.Join(all, ",") + `]}`
	}
	if r, err := mapOwn(t, "[body]", "parcel.events", parcel(MaxEvents)); err != nil || len(r.Update.Events[0].Events) != MaxEvents {
		t.Errorf("%d events: %v", MaxEvents, err)
	}
	tests := map[string]struct{ list, body, want string }{
		"too many events":      {"[body]", parcel(MaxEvents + 1), "mapping.parcels[0].events.list: yields more than 200 elements"},
		"too many over all":    {"[body, body]", parcel(MaxEvents/2 + 1), "mapping.parcels[0].events.list: the payload has more than 200 events"},
		"too large":            {"[body]", `{"x":"` + strings.Repeat("x", MaxPayloadBytes) + `"}`, "at most 262144 are mapped"},
		"not JSON":             {"[body]", `<Error/>`, "the payload is not JSON: at byte 1"},
		"cut off":              {"[body]", `{"number":`, "the payload is not JSON"},
		"empty":                {"[body]", ``, "the payload is not JSON"},
		"two values":           {"[body]", `{} {}`, "something behind"},
		"not a list":           {"body", `{"number":"1"}`, "mapping.parcels[0].list: must yield a list, not map"},
		"no number":            {"[body]", `{"number":" ","events":[]}`, "neither a number nor a shipment id"},
		"a number is an array": {"[body]", `{"number":[1],"events":[]}`, "mapping.parcels[0].number: must yield a text, not list"},
		"nothing":              {"[]", `{}`, "neither an order nor a parcel"},
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
		`{"number":"1","events":[{"code":"D","time":"` + secret + `"}]}`,
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
	if _, err := m.Map(ctx, nil, body, received); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestASlowMomentIsNotAFaultOfThePayload(t *testing.T) {
	m := compiled(t, own(t, `lists.range(20).filter(a, lists.range(20).all(b, a+b >= 0)).map(a, body)`, "[parcel]"))
	m.patience = time.Nanosecond // what is left on a node without a free CPU
	if _, err := m.Map(t.Context(), nil, []byte(`{"number":"1"}`), received); !errors.Is(err, ErrInterrupted) {
		t.Errorf("got %v", err)
	}
}

func TestAnEventFromTheFarFutureIsTakenAsOfItsReceipt(t *testing.T) {
	for hours, clamped := range map[int]bool{-48: false, 1: false, 47: false, 49: true, 24 * 365: true} {
		at := received.Add(time.Duration(hours) * time.Hour)
		body := fmt.Sprintf(`{"number":"1","events":[{"code":"D","time":%q}]}`, at.Format(time.RFC3339))
		r, err := mapOwn(t, "[body]", "parcel.events", body)
		if err != nil {
			t.Fatal(err)
		}
		want := at
		if clamped {
			want = received
		}
		if got := r.Update.Events[0].Events[0]; !got.Time.Equal(want) || !got.Recorded.Equal(received) {
			t.Errorf("%d hours ahead: %s", hours, got.Time)
		}
	}
}

func TestTheSameScanHasTheSameKeyWheneverItComes(t *testing.T) {
	m := mapper(t, "easypost")
	body, err := os.ReadFile("testdata/easypost/tracker_updated.json")
	if err != nil {
		t.Fatal(err)
	}
	keys := func(receivedAt time.Time, body []byte) []string {
		r, err := m.Map(t.Context(), nil, body, receivedAt)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, e := range r.Update.Events[0].Events {
			all = append(all, e.Key)
		}
		return all
	}
	first := keys(received, body)
	if diff := cmp.Diff(first, keys(received.Add(-3*365*24*time.Hour), body)); diff != "" {
		t.Errorf("keys depend on the time of receipt:\n%s", diff)
	}
	moved := strings.ReplaceAll(string(body), "2024-08-05", "2024-08-07")
	later := keys(received, []byte(moved))
	if diff := cmp.Diff(first[:len(first)-1], later[:len(later)-1]); diff != "" {
		t.Errorf("a moved ETA makes other scans:\n%s", diff)
	}
	if first[len(first)-1] == later[len(later)-1] {
		t.Error("a moved ETA is lost, its event has the key of the old one")
	}
	if unique := map[string]bool{}; true {
		for _, k := range first {
			unique[k] = true
		}
		if len(unique) != len(first) {
			t.Errorf("%d events, %d keys", len(first), len(unique))
		}
	}
}

func TestAnUnknownCodeChangesNothingAndIsReported(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		code := rapid.StringMatching(`[a-z_]{1,80}`).Filter(func(s string) bool { return s != "delivered" }).Draw(r, "code")
		body := fmt.Sprintf(`{"type":"parcel.event","data":{"number":"1","status":%q,"time":"2026-05-06T12:00:00Z"}}`, code)
		result, err := mapper(t, "api").Map(t.Context(), nil, []byte(body), received)
		if err != nil {
			r.Fatal(err)
		}
		e := result.Update.Events[0].Events[0]
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
		r, err := m.Map(t.Context(), nil, []byte(body), received)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Update.Events[0].Events[0].Status; got != want {
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
		if err != nil || r.Update.Events[0].Number != number {
			t.Errorf("%s became %v (%v)", number, r.Update.Events, err)
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
		r, err := m.Map(t.Context(), map[string]string{"X-Shopify-Topic": topic}, body, received)
		if err != nil {
			return
		}
		for _, p := range r.Update.Events {
			for _, e := range p.Events {
				checkEvent(t, e)
			}
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

func checkEvent(t *testing.T, e tracking.Event) {
	t.Helper()
	if e.Key == "" || e.Time.IsZero() || e.Time.After(received.Add(maxFuture)) || len([]rune(e.Text)) > maxText {
		t.Errorf("a strange event: %+v", e)
	}
	if e.Status == tracking.Delivered && e.Code == "" {
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
		if _, err := m.Map(b.Context(), nil, body, received); err != nil {
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
