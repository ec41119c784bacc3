package page

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/testing/golden"
	"github.com/wismo-dev/wismo/internal/tracking"
)

func TestTheFirstLineAnswersWhereItIsAndWhenItComes(t *testing.T) {
	for _, locale := range languages() {
		var out strings.Builder
		for _, occasion := range tracking.Occasions() {
			s := open(t, document(locale), occasion)
			fmt.Fprintf(&out, "%s\n%s", occasion, s.page().summary())
		}
		for _, status := range []tracking.Status{tracking.LabelCreated, tracking.InTransit, tracking.ReturnedToSender, tracking.Lost} {
			s := openGoing(t, document(locale), tracking.Occasion(status), tracking.Return)
			fmt.Fprintf(&out, "%s of a return\n%s", status, s.page().summary())
		}
		golden.File(t, "testdata/answers."+locale+".txt", out.String())
	}
}

// summary returns the answer, and each card, in one line each.
func (p parsed) summary() string {
	var out strings.Builder
	for n := range p.root.Descendants() {
		switch class := attr(n, "class"); {
		case strings.HasPrefix(class, "answer "):
			fmt.Fprintf(&out, "  %s: %s\n", strings.TrimPrefix(class, "answer "), words(n))
		case strings.HasPrefix(class, "card parcel "):
			fmt.Fprintf(&out, "  card %s: %s\n", strings.TrimPrefix(class, "card parcel "), words(n))
		}
	}
	return out.String()
}

func TestTheWholePageIsAsApproved(t *testing.T) {
	doc := document("nl", "en")
	doc.Page.Actions = []bundle.Action{{Name: "Reschedule", Type: "Link", URL: "https://linden.example/day"}}
	s := open(t, doc, "OutForDelivery")
	body := strings.ReplaceAll(s.get(s.orderPath()).Body.String(), s.token(link.Order), "TOKEN")
	body = strings.ReplaceAll(body, s.token(link.Unsubscribe), "CHOICES")
	golden.File(t, "testdata/out-for-delivery.nl.html", regexp.MustCompile(`data-version="[^"]*"`).ReplaceAllString(body, `data-version="VERSION"`))
}

func TestStepsNotYetReachedAreGreyed(t *testing.T) {
	for occasion, want := range map[tracking.Occasion]string{
		"OrderReceived": "now todo todo todo todo", "Packed": "done now todo todo todo", "InTransit": "done done now todo todo",
		"OutForDelivery": "done done done now todo", "AvailableForPickup": "done done done now todo", "Delivered": "done done done done done",
		"OrderCancelled": "", "Lost": "", "ReturnInTransit": "", "DeliveryAttemptFailed": "", "ActionRequired": "", "LateWithoutNews": "",
	} {
		s := open(t, document("en"), occasion)
		var got []string
		for _, st := range s.view().Answer.Progress {
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

func TestAHiddenFieldDoesNotLeaveTheServer(t *testing.T) {
	visible := map[string]string{
		"Items": "Linen cushion", "Price": "€49.90", "Address": "Amsterdam (1017 ··)", "CarrierName": "PostNL",
		"CarrierLink": "https://carrier.example/track", "CarrierText": "Sorting done", "TrackingNumber": "3SWISMO0000001", "EventPlace": "Utrecht",
	}
	for field, text := range visible {
		for _, show := range []string{"Always", "AfterVerification", "Never"} {
			doc := document("en")
			doc.Page.Fields = []bundle.Field{{Name: field, Show: show}}
			s := open(t, doc, "OutForDelivery")
			s.change(func(o *tracking.Order) {
				p := &o.Shipments[0].Parcels[0]
				p.URL, p.Scans[1].Text = "https://carrier.example/track?n=1", "Sorting done"
			})
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
	for postcode, want := range map[string]string{"1017 AB": "1017 ··", "114 55": "114 ··", "00-950": "00 ···", "28013": "28···", "SW1A 1AA": "SW1A ···", "1050": "10··", "0150": "01··", "1017AB": "1017 ··", "SW1A1AA": "SW1A···", "AB": "··", "": ""} {
		if got := shortPostcode(postcode); got != want {
			t.Errorf("%q becomes %q, want %q", postcode, got, want)
		}
	}
}

func TestAHostileCarrierCannotPutAScriptOrALinkOnThePage(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	s.change(func(o *tracking.Order) {
		p := &o.Shipments[0].Parcels[0]
		p.URL, p.Number = "javascript:alert(1)", `<script>alert(2)</script>`
		p.Scans[1].Text, p.Scans[1].Location, p.Scans[1].Language = `<img src=x onerror=alert(3)>`, `"><script>alert(4)</script>`, `"><script>`
		p.Legs = []tracking.Leg{{Carrier: "<script>", Number: "1", URL: "javascript:alert(5)"}}
	})
	body := s.get(s.orderPath()).Body.String()
	for _, bad := range []string{"javascript:", "<script>", "<img src=x"} {
		if strings.Contains(body, bad) {
			t.Errorf("the page contains %s", bad)
		}
	}
}

func TestTheReaderMayChangeTheLanguage(t *testing.T) {
	s := open(t, document("nl", "en", "sv"), "Delivered")
	s.change(func(o *tracking.Order) { o.Locale = "sv-SE" })
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
	s := split(t, document(languages()...))
	s.change(func(o *tracking.Order) {
		for i := range 3 {
			o.Lines = append(o.Lines, tracking.Line{ID: fmt.Sprint(i), Name: fmt.Sprintf("Walking stick %d", i), Quantity: locale.Units(1)})
		}
	})
	total := packed(t, s, s.orderPath(), s.assets.style.path, s.assets.script.path)
	t.Logf("two parcels, five lines, style and script: %d bytes gzipped", total)
	if total > 20<<10 {
		t.Errorf("page, style and script have %d bytes gzipped, at most 20 KiB are allowed", total)
	}
}

// large returns an order of 500 lines in 30 parcels with 20 scans each.
func large() []tracking.Statement {
	all := []tracking.Statement{orderSaid(noon, func(o *tracking.OrderSaid) {
		o.Lines = nil
		for i := range 500 {
			o.Lines = append(o.Lines, tracking.Line{ID: fmt.Sprint(i), Name: fmt.Sprintf("Screw no. %d, %d mm", i, i*7%60), Quantity: locale.Units(1 + i%9), PriceMinor: int64(10 + i)})
		}
	})}
	for i := range 30 {
		number := fmt.Sprintf("RR%07dSE", i*977)
		var lines []tracking.LineShare
		for k := range 16 {
			lines = append(lines, tracking.LineShare{ID: fmt.Sprint(i*16 + k), Quantity: locale.Units(1)})
		}
		var scans []tracking.Scan
		for k := range 20 {
			scans = append(scans, scanned(tracking.InTransit, hours(5+float64(k)*2+float64(i)/60), fmt.Sprintf("Depot %d", (i*k)%70)))
		}
		all = append(all, shipmentSaid(fmt.Sprint(i), hours(1), lines, number), trackerSaid(number, hours(60), scans...))
	}
	return all
}

func TestALargeOrderFolds(t *testing.T) {
	s := play(t, document("en"), hours(61), large()...)
	size := packed(t, s, s.orderPath())
	t.Logf("500 lines, 30 parcels of 20 scans: %d bytes gzipped", size)
	if size > 100<<10 {
		t.Errorf("the page has %d bytes gzipped, at most 100 KiB are allowed", size)
	}
	v := s.view()
	if len(v.Cards) != 30 || len(v.Items.Shown) != shownItems || len(v.Items.Folded) != 495 {
		t.Fatalf("%d cards, %d and %d items", len(v.Cards), len(v.Items.Shown), len(v.Items.Folded))
	}
	c := v.Cards[0]
	if len(c.Contents.Folded) != 16-shownItems || len(c.Steps.Shown) > 2+shownSteps || len(c.Steps.Folded) < 14 || c.Steps.More == "" {
		t.Errorf("%d things folded, %d steps shown, %d folded as %q", len(c.Contents.Folded), len(c.Steps.Shown), len(c.Steps.Folded), c.Steps.More)
	}
	if n := len(s.page().all("details")); n < 31 {
		t.Errorf("%d folds", n)
	}
}

// packed returns the size of some answers as a browser would ask for them.
func packed(t *testing.T, s *site, paths ...string) int {
	t.Helper()
	total := 0
	for _, path := range paths {
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
	return total
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
	s := open(b, document("nl", "en"), "OutForDelivery")
	path := s.orderPath()
	for b.Loop() {
		if w := s.get(path); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
