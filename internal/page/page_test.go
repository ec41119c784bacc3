package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/testing/golden"
	"github.com/wismo-dev/wismo/internal/tracking"
)

var key = link.Key{Number: 3, Secret: bytes.Repeat([]byte{7}, 32)}

// memory is a store of orders by id.
type memory struct {
	orders       map[string]tracking.Order
	unsubscribed map[string]int
	slow         map[string]time.Duration // by order number
	broken       error
}

func (m *memory) OrderByID(_ context.Context, id string) (*tracking.Order, error) {
	if m.broken != nil {
		return nil, m.broken
	}
	o, ok := m.orders[id]
	if !ok {
		return nil, store.ErrNotFound
	}
	return &o, nil
}

func (m *memory) OrdersByNumber(_ context.Context, number string) ([]tracking.Order, error) {
	time.Sleep(m.slow[number])
	var found []tracking.Order
	for _, o := range m.orders {
		if tracking.NormalNumber(o.Number) == tracking.NormalNumber(number) {
			found = append(found, o)
		}
	}
	return found, m.broken
}

func (m *memory) Unsubscribe(_ context.Context, id string, _ time.Time) error {
	if _, ok := m.orders[id]; !ok {
		return store.ErrNotFound
	}
	m.unsubscribed[id]++
	return m.broken
}

var _ Orders = (*store.Store)(nil)

func document(locales ...string) *bundle.Document {
	return &bundle.Document{
		SchemaVersion: 1, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", BaseURL: "https://track.linden.example", HomeCountry: "NL",
		Locales: locales, TimeZone: "Europe/Amsterdam", Activity: bundle.Live,
		Legal:   bundle.Legal{CompanyName: "Linden Living B.V.", PrivacyURL: "https://linden.example/privacy", ImprintURL: "https://linden.example/imprint"},
		Support: bundle.Support{Email: "hello@linden.example", Phone: "+31 20 123 4567", Hours: "9–17"},
		Theme:   bundle.Theme{AccentColor: "#1F5C4D"},
		Page:    bundle.Page{VerifyBy: []string{"Postcode", "Email"}},
	}
}

// site is a page with one order on it.
type site struct {
	*Server
	*memory
	t     *testing.T
	order tracking.Order
	now   time.Time
	logs  *bytes.Buffer
}

// open serves the sample order at the moment of the occasion.
func open(t *testing.T, doc *bundle.Document, occasion tracking.Occasion) *site {
	t.Helper()
	o, _, now := message.SampleOrder(occasion)
	s := &site{
		t: t, order: o, now: now, logs: &bytes.Buffer{},
		memory: &memory{orders: map[string]tracking.Order{o.ID: o}, unsubscribed: map[string]int{}, slow: map[string]time.Duration{}},
	}
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

func (s *site) set(o tracking.Order) { s.orders[o.ID] = o }

func (s *site) token(purpose string) string {
	return link.Sign(key, link.Claims{Purpose: purpose, OrderID: s.order.ID, Expires: s.now.Add(time.Hour)})
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

func TestTheFirstLineAnswersWhereItIsAndWhenItComes(t *testing.T) {
	for _, locale := range message.BuiltinLocales() {
		var out strings.Builder
		for _, occasion := range tracking.Occasions() {
			s := open(t, document(locale), occasion)
			p := parsePage(t, s.get(s.orderPath()).Body)
			fmt.Fprintf(&out, "%s\n  h1    %s\n  date  %s\n  next  %s\n", occasion, p.text("h1"), p.textOf("date"), p.textOf("next"))
		}
		golden.File(t, "testdata/answers."+locale+".txt", out.String())
	}
}

func TestTheWholePageIsAsApproved(t *testing.T) {
	doc := document("nl", "en")
	doc.Page.Actions = []bundle.Action{{Name: "Reschedule", Type: "Link", URL: "https://linden.example/day"}}
	s := open(t, doc, "OutForDelivery")
	golden.File(t, "testdata/out-for-delivery.nl.html", strings.ReplaceAll(s.get(s.orderPath()).Body.String(), s.token(link.Order), "TOKEN"))
}

func TestStepsNotYetReachedAreGreyed(t *testing.T) {
	for occasion, want := range map[tracking.Occasion]string{
		"OrderReceived": "now todo todo todo todo", "Packed": "done now todo todo todo", "InTransit": "done done now todo todo",
		"OutForDelivery": "done done done now todo", "AvailableForPickup": "done done done now todo", "Delivered": "done done done done done",
		"OrderCancelled": "", "Lost": "", "ReturnInTransit": "",
	} {
		s := open(t, document("en"), occasion)
		var got []string
		for _, st := range s.builder(s.order, s.words.Voice("en"), s.now).steps() {
			got = append(got, st.State)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", occasion, got, want)
		}
	}
}

func TestTheTimelineBeginsBeforeAnyCarrier(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	body := s.get(s.orderPath()).Body.String()
	for _, want := range []string{"Order received", "Packed", "Handed to the carrier", "Utrecht", "Out for delivery"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestEachParcelOfSeveralIsToldApart(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	done := s.order.Parcels[0]
	done.Number = "3SWISMO0000002"
	done.Events = append(done.Events[:3:3], tracking.Event{Key: "9", Status: tracking.Delivered, Time: s.now.Add(-time.Hour)})
	s.order.Parcels = append(s.order.Parcels, done)
	s.set(s.order)
	body := s.get(s.orderPath()).Body.String()
	for _, want := range []string{"1 of 2 parcels delivered", "Parcel 1 of 2", "Parcel 2 of 2", "3SWISMO0000001", "3SWISMO0000002"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestAHiddenFieldDoesNotLeaveTheServer(t *testing.T) {
	visible := map[string]string{
		"Items": "Linen cushion", "Price": "€49.90", "Address": "1017 Amsterdam", "CarrierName": "PostNL",
		"CarrierLink": "https://carrier.example/track", "CarrierText": "Sorting done", "TrackingNumber": "3SWISMO0000001", "EventPlace": "Utrecht",
	}
	for field, text := range visible {
		for _, show := range []string{"Always", "AfterVerification", "Never"} {
			doc := document("en")
			doc.Page.Fields = []bundle.Field{{Name: field, Show: show}}
			s := open(t, doc, "OutForDelivery")
			s.order.Parcels[0].URL = "https://carrier.example/track?n=1"
			s.order.Parcels[0].Events[1].Text = "Sorting done"
			s.set(s.order)
			if got := strings.Contains(s.get(s.orderPath()).Body.String(), text); got != (show != "Never") {
				t.Errorf("%s %s: shown is %v", field, show, got)
			}
		}
	}
}

func TestOnlyTheTownAndTheDistrictAreShown(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	body := s.get(s.orderPath()).Body.String()
	for _, secret := range []string{"Sample Street", "1017 AB", "robin@", "Robin", "Sample,"} {
		if strings.Contains(body, secret) {
			t.Errorf("the page shows %q", secret)
		}
	}
	for postcode, want := range map[string]string{"1017 AB": "1017", "114 55": "114", "00-950": "00", "28013": "28…", "SW1A 1AA": "SW1A", "1050": "1050", "": ""} {
		if got := shortPostcode(postcode); got != want {
			t.Errorf("%q becomes %q, want %q", postcode, got, want)
		}
	}
}

func TestAHostileCarrierCannotPutAScriptOrALinkOnThePage(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	p := &s.order.Parcels[0]
	p.URL, p.Number = "javascript:alert(1)", `<script>alert(2)</script>`
	p.Events[1].Text, p.Events[1].Location = `<img src=x onerror=alert(3)>`, `"><script>alert(4)</script>`
	s.set(s.order)
	body := s.get(s.orderPath()).Body.String()
	for _, bad := range []string{"javascript:", "<script>", "<img src=x"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page contains %s", bad)
		}
	}
}

func TestAnActionIsOfferedWhileItMakesSense(t *testing.T) {
	doc := document("en")
	doc.Page.Actions = []bundle.Action{
		{Name: "CancelOrder", LastPhase: "Packed", Type: "Link", URL: "https://linden.example/cancel"},
		{Name: "ChangeAddress", Type: "Link", URL: "https://linden.example/address"},
		{Name: "StartReturn", Type: "Link", URL: "https://linden.example/return"},
		{Name: "Reschedule", Type: "Link", URL: "https://linden.example/day"},
		{Name: "ContactSupport", Type: "Webhook", URL: "https://linden.example/hook"},
	}
	for occasion, want := range map[tracking.Occasion]string{
		"OrderReceived": "cancel address day", "Packed": "cancel address day", "InTransit": "day", "Delivered": "return", "Lost": "",
	} {
		s := open(t, doc, occasion)
		var got []string
		for _, a := range s.builder(s.order, s.words.Voice("en"), s.now).actions() {
			got = append(got, strings.TrimPrefix(a.URL, "https://linden.example/"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", occasion, got, want)
		}
	}
}

func TestTheReaderMayChangeTheLanguage(t *testing.T) {
	s := open(t, document("nl", "en", "sv"), "Delivered")
	s.order.Locale = "sv-SE"
	s.set(s.order)
	for query, want := range map[string]string{"": "sv", "?lang=en": "en", "?lang=pl": "sv", "?lang=<x>": "sv"} {
		if p := parsePage(t, s.get(s.orderPath()+query).Body); p.lang() != want {
			t.Errorf("%q is read in %s, want %s", query, p.lang(), want)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Accept-Language", "en-GB,en;q=0.8")
	if p := parsePage(t, s.do(r).Body); p.lang() != "en" {
		t.Errorf("an English browser looks up in %s", p.lang())
	}
}

func TestAFormerHostnameSpeaksItsLanguage(t *testing.T) {
	doc := document("sv", "es")
	doc.Aliases = []bundle.Alias{{Hostname: "pedido.linden.example", Locale: "es"}}
	s := open(t, doc, "Delivered")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://pedido.linden.example:8443/", nil)
	if p := parsePage(t, s.do(r).Body); p.lang() != "es" {
		t.Errorf("got %s", p.lang())
	}
}

func TestThePageIsSmall(t *testing.T) {
	doc := document(message.BuiltinLocales()...)
	s := open(t, doc, "OutForDelivery")
	total := 0
	for _, path := range []string{s.orderPath(), s.assets.style.path, s.assets.script.path} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := io.Copy(z, s.get(path).Body); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		total += packed.Len()
	}
	t.Logf("page, style and script: %d bytes gzipped", total)
	if total > 20<<10 {
		t.Errorf("page, style and script have %d bytes gzipped, at most 20 KiB are allowed", total)
	}
}

func TestEveryAnswerKeepsTheReadersSecret(t *testing.T) {
	doc := document("en")
	doc.Page.FrameAncestors = []string{"https://www.linden.example"}
	s := open(t, doc, "Delivered")
	for _, path := range []string{"/", s.orderPath(), "/o/nothing", "/nowhere", link.UnsubscribePath + s.token(link.Unsubscribe)} {
		h := s.get(path).Header()
		csp := h.Get("Content-Security-Policy")
		if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors https://www.linden.example") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow, noarchive", "X-Content-Type-Options": "nosniff",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	if !strings.Contains(open(t, document("en"), "Delivered").get("/").Header().Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error("anybody may frame the page")
	}
}

func TestStyleIsCachedForGoodAndTheLogoIsOurs(t *testing.T) {
	doc := document("en")
	doc.Theme.Logo = &bundle.Logo{MediaType: "image/png", Data: []byte("picture")}
	s := open(t, doc, "Delivered")
	if w := s.get(s.assets.style.path); w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || !strings.Contains(w.Body.String(), "#1f5c4d") {
		t.Errorf("style: %d %v", w.Code, w.Header())
	}
	if w := s.get("/logo"); w.Header().Get("Content-Type") != "image/png" || w.Body.String() != "picture" {
		t.Errorf("logo: %v %s", w.Header(), w.Body)
	}
	if w := s.get("/robots.txt"); !strings.Contains(w.Body.String(), "Disallow: /") {
		t.Errorf("robots: %s", w.Body)
	}
	if open(t, document("en"), "Delivered").assets.style.path == open(t, &bundle.Document{DisplayName: "L", Locales: []string{"en"}, TimeZone: "UTC", Theme: bundle.Theme{AccentColor: "#aa0000"}}, "Delivered").assets.style.path {
		t.Error("another look has the same path")
	}
}

func TestTheCalendarHoldsTheWindowAndNobodysName(t *testing.T) {
	s := open(t, document("nl"), "OutForDelivery")
	w := s.get(s.orderPath() + "/" + calendarFile)
	for _, want := range []string{"BEGIN:VEVENT", "DTSTART:20261127T130000Z", "DTEND:20261127T150000Z", "SUMMARY:Pakket van Linden Living"} {
		if !strings.Contains(w.Body.String(), want+"\r\n") {
			t.Errorf("the entry lacks %s:\n%s", want, w.Body)
		}
	}
	if strings.Contains(w.Body.String(), "Robin") || strings.Contains(w.Body.String(), s.order.ID) {
		t.Error("the entry tells too much")
	}
	if w := open(t, document("nl"), "Delivered").get("/o/x/" + calendarFile); w.Code != http.StatusNotFound {
		t.Errorf("a forged link has a calendar: %d", w.Code)
	}
	if got := fold(strings.Repeat("é", 60)); !strings.Contains(got, "\r\n é") || strings.Contains(got, "\uFFFD") {
		t.Errorf("folded to %q", got)
	}
}

func TestABrokenStoreIsToldPolitelyAndLoggedWithoutTheReader(t *testing.T) {
	s := open(t, document("en"), "Delivered")
	s.broken = errors.New("disk on fire")
	for _, w := range []*httptest.ResponseRecorder{s.get(s.orderPath()), s.find("1001", "1017AB")} {
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "fire") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if log := s.logs.String(); !strings.Contains(log, "disk on fire") || strings.Contains(log, "1017") || strings.Contains(log, s.token(link.Order)) {
		t.Errorf("log: %s", log)
	}
}

func TestASuspendedShopStillAnswers(t *testing.T) {
	doc := document("en")
	doc.Activity = bundle.Suspended
	s := open(t, doc, "InTransit")
	if w := s.get(s.orderPath()); w.Code != 200 || !strings.Contains(w.Body.String(), "no messages for this shop") {
		t.Errorf("%d", w.Code)
	}
}

func BenchmarkOrderPage(b *testing.B) {
	o, _, now := message.SampleOrder("OutForDelivery")
	s, err := New(Config{
		Document: document("nl", "en"), Orders: &memory{orders: map[string]tracking.Order{o.ID: o}},
		Keys: func() []link.Key { return []link.Key{key} }, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	path := link.OrderPath + link.Sign(key, link.Claims{Purpose: link.Order, OrderID: o.ID, Expires: now.Add(time.Hour)})
	for b.Loop() {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil))
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
