package page

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

var key = link.Key{Number: 3, Secret: bytes.Repeat([]byte{7}, 32)}

// memory is a store of orders by id, and of choices.
type memory struct {
	orders map[string]store.Opened
	saved  map[string]store.Preference // by "order|id|address" or "shop|address"
	slow   map[string]time.Duration    // by number
	broken error
}

var (
	_ Orders = (*memory)(nil)
	_ Orders = (*store.Store)(nil)
)

func newMemory(orders ...tracking.Order) *memory {
	m := &memory{orders: map[string]store.Opened{}, saved: map[string]store.Preference{}, slow: map[string]time.Duration{}}
	for _, o := range orders {
		m.orders[o.ID] = store.Opened{Order: o}
	}
	return m
}

func (m *memory) OpenOrder(_ context.Context, id string) (store.Opened, error) {
	o, ok := m.orders[id]
	switch {
	case m.broken != nil:
		return store.Opened{}, m.broken
	case !ok:
		return store.Opened{}, store.ErrNotFound
	}
	return o, nil
}

// found returns the orders with a number, the newest first, as the store lists them.
func (m *memory) found(number string, of func(tracking.Order) []string) ([]tracking.Order, error) {
	time.Sleep(m.slow[number])
	var found []tracking.Order
	for _, o := range m.orders {
		has := func(n string) bool { return tracking.NormalNumber(n) == tracking.NormalNumber(number) }
		if slices.ContainsFunc(of(o.Order), has) {
			found = append(found, o.Order)
		}
	}
	slices.SortFunc(found, func(a, b tracking.Order) int { return b.PlacedAt.Compare(a.PlacedAt) })
	return found, m.broken
}

func (m *memory) OrdersByNumber(_ context.Context, number string) ([]tracking.Order, error) {
	return m.found(number, func(o tracking.Order) []string { return []string{o.Number} })
}

func (m *memory) OrdersByParcelNumber(_ context.Context, number string) ([]tracking.Order, error) {
	return m.found(number, func(o tracking.Order) []string {
		var numbers []string
		for _, sh := range o.Shipments {
			for _, p := range sh.Parcels {
				numbers = append(numbers, p.Number)
			}
		}
		return numbers
	})
}

// whose returns under which name the choice of a recipient is kept.
func whose(id, address string, further bool) string {
	if !further {
		address = "the buyer"
	}
	return "order|" + id + "|" + address
}

func (m *memory) ChoicesOf(_ context.Context, id, address string, further bool) (store.RecipientChoices, error) {
	if _, ok := m.orders[id]; !ok {
		return store.RecipientChoices{}, store.ErrNotFound
	}
	return store.RecipientChoices{Order: m.saved[whose(id, address, further)], Shop: m.saved["shop|"+address]}, m.broken
}

func (m *memory) SetOrderChoice(_ context.Context, id, address string, further bool, p store.Preference) error {
	m.saved[whose(id, address, further)] = p
	return m.broken
}

func (m *memory) SetShopChoice(_ context.Context, address string, p store.Preference) error {
	m.saved["shop|"+address] = p
	return m.broken
}

func document(locales ...string) *bundle.Document {
	return &bundle.Document{
		SchemaVersion: 1, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", BaseURL: "https://track.linden.example", HomeCountry: "NL",
		Locales: locales, TimeZone: "Europe/Amsterdam", Activity: bundle.Live,
		Legal:   bundle.Legal{CompanyName: "Linden Living B.V.", PrivacyURL: "https://linden.example/privacy", ImprintURL: "https://linden.example/imprint"},
		Support: bundle.Support{Email: "hello@linden.example", Phone: "+31 20 123 4567", Hours: "9–17"},
		Theme:   bundle.Theme{AccentColor: "#1F5C4D"},
		Page:    bundle.Page{VerifyBy: []string{"Postcode", "Email"}},
		Policy:  bundle.Policy{Watch: bundle.BuiltinPolicy().Watch},
		Sources: []bundle.Source{{Name: "api", Kind: bundle.Orders, Carriers: []bundle.CarrierRules{{Name: "dhl", PickupHoldDays: 7}}}},
	}
}

// offering returns a document with every action that a merchant can offer.
func offering() *bundle.Document {
	doc := document("en")
	for _, name := range append(actionsByPriority(), contactSupport) {
		doc.Page.Actions = append(doc.Page.Actions, bundle.Action{Name: name, Type: "Link", URL: "https://linden.example/" + name})
	}
	return doc
}

// site is a page with one order on it.
type site struct {
	*Server
	*memory
	t     testing.TB
	order tracking.Order
	now   time.Time
	logs  *bytes.Buffer
}

func serve(t testing.TB, doc *bundle.Document, now time.Time, orders ...tracking.Order) *site {
	t.Helper()
	s := &site{t: t, order: orders[0], now: now, logs: &bytes.Buffer{}, memory: newMemory(orders...)}
	var err error
	s.Server, err = New(Config{
		Document: doc, Orders: s.memory, Keys: func() []link.Key { return []link.Key{key} }, Now: func() time.Time { return s.now },
		Log: slog.New(slog.NewTextHandler(s.logs, nil)), MissDelay: time.Nanosecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open serves the sample order at the moment of the occasion.
func open(t testing.TB, doc *bundle.Document, occasion tracking.Occasion) *site {
	t.Helper()
	return openGoing(t, doc, occasion, tracking.Outbound)
}

func openGoing(t testing.TB, doc *bundle.Document, occasion tracking.Occasion, direction tracking.Direction) *site {
	t.Helper()
	sample := message.SampleOf(occasion, direction)
	return serve(t, doc, sample.Now, sample.Order)
}

// change stores the order anew.
func (s *site) change(how func(o *tracking.Order)) {
	how(&s.order)
	s.orders[s.order.ID] = store.Opened{Order: s.order, LinksRevoked: s.orders[s.order.ID].LinksRevoked}
}

func (s *site) revoke() { s.orders[s.order.ID] = store.Opened{Order: s.order, LinksRevoked: true} }

func (s *site) token(purpose string) string { return s.tokenFor(purpose, link.Recipient{}) }

func (s *site) tokenFor(purpose string, r link.Recipient) string {
	return link.Sign(key, link.Claims{Purpose: purpose, OrderID: s.order.ID, Recipient: r, Expires: s.now.Add(time.Hour)})
}

func (s *site) orderPath() string { return link.OrderPath + s.token(link.Order) }

func (s *site) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func (s *site) get(path string) *httptest.ResponseRecorder {
	return s.do(httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, "https://track.linden.example"+path, nil))
}

func (s *site) post(path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "https://track.linden.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(r)
}

func (s *site) find(number, factor string) *httptest.ResponseRecorder {
	return s.post("/", url.Values{"number": {number}, "factor": {factor}})
}

// page returns the page of the order, as a browser understands it.
func (s *site) page() parsed {
	s.t.Helper()
	w := s.get(s.orderPath())
	if w.Code != http.StatusOK {
		s.t.Fatalf("the page answers %d", w.Code)
	}
	return parsePage(s.t, w.Body)
}

// view returns what the page says.
func (s *site) view() orderView {
	o := s.orders[s.order.ID]
	who, _ := readerOf(&o, link.Recipient{})
	return s.builder(o.Order, who, s.words.Localizer("en"), s.now).view()
}

// noon is a Tuesday in Amsterdam, on which the orders of the journeys below are placed.
var noon = time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC)

func hours(n float64) time.Time { return noon.Add(time.Duration(n * float64(time.Hour))) }

// say begins a statement of a source about a resource.
func say(source string, kind tracking.Kind, ref string, heard time.Time) tracking.Statement {
	s := tracking.Statement{Key: tracking.Key{Source: source, Kind: kind, Ref: ref}, Stamp: tracking.Stamp{Version: heard, Heard: heard}, Speaker: tracking.RankShop}
	if kind == tracking.KindTracker {
		s.Speaker = tracking.RankAggregator
	}
	return s
}

// orderSaid returns the shop's word about an order of boots and socks.
func orderSaid(heard time.Time, change func(*tracking.OrderSaid)) tracking.Statement {
	s := say("shopify", tracking.KindOrder, "4501", heard)
	s.Order = &tracking.OrderSaid{
		ExternalID: "4501", Number: "#1001", PlacedAt: noon, Phase: tracking.OrderReceived,
		Customer:    tracking.Recipient{Name: "Noor Jansen", Email: "noor@shopper.example"},
		Destination: tracking.Address{Street: "Exempelgatan 7", Postcode: "903 22", City: "Umeå", Country: "SE"},
		Lines: []tracking.Line{
			{ID: "l1", Name: "Hiking boots", Quantity: locale.Units(1), PriceMinor: 12900},
			{ID: "l2", Name: "Merino socks", Quantity: locale.Units(2), PriceMinor: 1500},
		},
		Money: tracking.Money{Currency: "EUR", TotalMinor: 15900},
	}
	if change != nil {
		change(s.Order)
	}
	return s
}

// shipmentSaid returns the shop's word about a shipment of some lines under some numbers.
func shipmentSaid(ref string, heard time.Time, lines []tracking.LineShare, numbers ...string) tracking.Statement {
	s := say("shopify", tracking.KindShipment, ref, heard)
	s.Shipment = &tracking.ShipmentSaid{Order: tracking.OrderHint{ExternalID: "4501"}, CreatedAt: heard, Phase: tracking.ReadyToShip, Lines: lines}
	for _, n := range numbers {
		s.Shipment.Parcels = append(s.Shipment.Parcels, tracking.ParcelSaid{Carrier: "postnord", Number: n})
	}
	return s
}

func boots() []tracking.LineShare {
	return []tracking.LineShare{{ID: "l1", Quantity: locale.Units(1)}}
}

func socks() []tracking.LineShare {
	return []tracking.LineShare{{ID: "l2", Quantity: locale.Units(2)}}
}

// trackerSaid returns an aggregator's word about a number.
func trackerSaid(number string, heard time.Time, scans ...tracking.Scan) tracking.Statement {
	s := say("easypost", tracking.KindTracker, number, heard)
	s.Tracker = &tracking.TrackerSaid{Carrier: "postnord", Number: number}
	for i, scan := range scans {
		scan.ID = string(scan.Status) + scan.Told.String() + scan.Location
		scan.Heard, scan.Sequence = heard, i
		s.Scans = append(s.Scans, scan)
	}
	return s
}

func scanned(status tracking.Status, told time.Time, place string) tracking.Scan {
	return tracking.Scan{Status: status, Told: told, Location: place}
}

// expected adds a day that the carrier states.
func expected(s tracking.Statement, from, to time.Time) tracking.Statement {
	s.Dates = append(s.Dates, tracking.StatedDate{
		ETA: tracking.ETA{From: from, To: to, Source: tracking.ETAFromCarrier}, At: s.Stamp.Heard, Heard: s.Stamp.Heard,
	})
	return s
}

// assembled returns the one order that all statements come to.
func assembled(t testing.TB, statements ...tracking.Statement) tracking.Order {
	t.Helper()
	known := map[tracking.Key]*tracking.Record{}
	var keys []tracking.Key
	for _, s := range statements {
		if known[s.Key] == nil {
			known[s.Key] = &tracking.Record{}
			keys = append(keys, s.Key)
		}
		known[s.Key].Take(s)
	}
	var records []tracking.Record
	for _, k := range keys {
		records = append(records, *known[k])
	}
	joined := tracking.Join(records)
	if len(joined.Groups) != 1 {
		t.Fatalf("%d orders, want 1", len(joined.Groups))
	}
	var own []tracking.Record
	for _, i := range joined.Groups[0].Records {
		own = append(own, records[i])
	}
	return tracking.Assemble("orderorderorderorderorder", own, joined.Groups[0].Bounds)
}

// play serves what the statements come to.
func play(t testing.TB, doc *bundle.Document, now time.Time, statements ...tracking.Statement) *site {
	t.Helper()
	return serve(t, doc, now, assembled(t, statements...))
}

// languages returns those with texts of our own.
func languages() []string { return message.BuiltinLocales() }
