package page

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// personal is what only the shopper may read.
var personal = []string{"Robin", "robin@shopper.example", "1017", "Amsterdam", "Sample Street", "Linen cushion", "3SWISMO", "PostNL", "128.90"}

func reveals(w *httptest.ResponseRecorder) []string {
	var found []string
	for _, text := range personal {
		if strings.Contains(w.Body.String(), text) {
			found = append(found, text)
		}
	}
	for name, values := range w.Header() {
		for _, text := range personal {
			if strings.Contains(strings.Join(values, " "), text) {
				found = append(found, name+": "+text)
			}
		}
	}
	return found
}

func TestNumberAndSecondFactorOpenTheOrder(t *testing.T) {
	for _, factor := range []string{"1017 AB", "1017ab", " 1017-ab ", "robin@shopper.example", " Robin@Shopper.example"} {
		for _, number := range []string{"#1001", "1001", " 1001 "} {
			s := open(t, document("en"), "OutForDelivery")
			w := s.find(number, factor)
			if w.Code != http.StatusSeeOther {
				t.Fatalf("%q with %q: %d", number, factor, w.Code)
			}
			if page := s.get(w.Header().Get("Location")); page.Code != 200 || !strings.Contains(page.Body.String(), "Linen cushion") {
				t.Errorf("%q with %q leads to %d", number, factor, page.Code)
			}
		}
	}
}

func TestTheLinkOfALookUpIsShortLived(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	target := s.find("1001", "1017AB").Header().Get("Location")
	s.now = s.now.Add(viewTTL + time.Minute)
	if w := s.get(target); w.Code != http.StatusNotFound || len(reveals(w)) > 0 {
		t.Errorf("%d, reveals %v", w.Code, reveals(w))
	}
}

func TestOnlyTheFactorsOfTheShopCount(t *testing.T) {
	doc := document("en")
	doc.Page.VerifyBy = []string{"Email"}
	if w := open(t, doc, "Delivered").find("1001", "1017AB"); w.Code == http.StatusSeeOther {
		t.Error("a postcode opened an order that asks for the address")
	}
}

func TestWhatAnOrderDoesNotHaveOpensNothing(t *testing.T) {
	s := open(t, document("en"), "Delivered")
	s.change(func(o *tracking.Order) { o.To.Postcode, o.Buyer.Email = "", "" })
	for _, factor := range []string{"", " ", "-", "--"} {
		if w := s.find("1001", factor); w.Code == http.StatusSeeOther {
			t.Errorf("%q opened it", factor)
		}
	}
}

func TestAWrongFactorAndAMissReadAlike(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	wrong, miss := s.find("1001", "9999ZZ"), s.find("7777", "9999ZZ")
	same := strings.ReplaceAll(miss.Body.String(), "7777", "1001")
	if wrong.Code != miss.Code || wrong.Body.String() != same || fmt.Sprint(wrong.Header()) != fmt.Sprint(miss.Header()) {
		t.Errorf("a wrong factor is answered %d, a miss %d, or in other words", wrong.Code, miss.Code)
	}
	if found := reveals(wrong); len(found) > 0 {
		t.Errorf("a wrong factor reveals %v", found)
	}
}

func TestAWrongFactorAndAMissTakeTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, document("en"), "OutForDelivery")
		s.MissDelay = defaultMissDelay
		s.slow["1001"], s.slow["7777"] = 90*time.Millisecond, time.Millisecond
		for _, number := range []string{"1001", "7777"} {
			start := time.Now()
			s.find(number, "9999ZZ")
			if took := time.Since(start); took != defaultMissDelay {
				t.Errorf("%s took %s, want %s", number, took, defaultMissDelay)
			}
		}
	})
}

func TestNoRouteTellsAnythingWithoutALink(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	expired := link.Sign(key, link.Claims{Purpose: link.Order, OrderID: s.order.ID, Expires: s.now.Add(-time.Minute)})
	forgotten := link.Sign(key, link.Claims{Purpose: link.Order, OrderID: "gone", Expires: s.now.Add(time.Hour)})
	var bodies []string
	for _, path := range []string{
		"/", "/?number=1001", "/o/" + expired, "/o/" + forgotten, "/o/" + s.order.ID, "/o/1001", "/o/3SWISMO0000001", "/o/" + s.token(link.Unsubscribe),
		"/o/" + expired + "/" + calendarFile, "/u/" + expired, "/u/" + s.token(link.Order), "/orders/1001", "/1001", "/o/", "/.env", "/logo",
	} {
		w := s.get(path)
		if found := reveals(w); len(found) > 0 {
			t.Errorf("%s reveals %v", path, found)
		}
		if strings.HasPrefix(path, "/o/"+expired) || strings.HasPrefix(path, "/o/"+forgotten) {
			bodies = append(bodies, fmt.Sprint(w.Code, w.Body))
		}
	}
	for _, body := range bodies[1:] {
		if body != bodies[0] {
			t.Error("an expired, a forgotten and a forged link are told apart")
		}
	}
}

func TestGuessedLinksOpenNothing(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	for range 200 {
		raw := make([]byte, 52)
		_, _ = rand.Read(raw)
		w := s.get(link.OrderPath + base64.RawURLEncoding.EncodeToString(raw))
		if w.Code != http.StatusNotFound || len(reveals(w)) > 0 {
			t.Fatalf("%d, reveals %v", w.Code, reveals(w))
		}
	}
}

func TestGuessingASecondFactorIsSlowedDownWhoeverTries(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	try := func(client int) int {
		form := url.Values{"number": {"1001"}, "factor": {"9999ZZ"}}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://track.linden.example/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.1.1", client))
		return s.do(r).Code
	}
	refused := 0
	for client := range 100 {
		if try(client) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 100-numberBurst {
		t.Errorf("100 clients had %d tries at one number, at most %d are allowed", 100-refused, numberBurst)
	}
	s.now = s.now.Add(time.Minute)
	if code := try(200); code != http.StatusNotFound {
		t.Errorf("a minute later: %d", code)
	}
}

func TestOneNetworkCannotWalkThroughTheNumbers(t *testing.T) {
	s := open(t, document("en"), "OutForDelivery")
	refused := 0
	for i := range 50 {
		form := url.Values{"number": {fmt.Sprint(2000 + i)}, "factor": {"9999ZZ"}}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://track.linden.example/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.9, 198.51.100.%d", i)) // neighbours, with a forged first entry
		w := s.do(r)
		if w.Code == http.StatusTooManyRequests {
			refused++
			if w.Header().Get("Retry-After") == "" {
				t.Error("no word when to try again")
			}
		}
	}
	if refused != 50-clientBurst {
		t.Errorf("one network had %d tries, at most %d are allowed", 50-refused, clientBurst)
	}
}

func TestTheLimiterForgetsRatherThanGrows(t *testing.T) {
	l := newLimiters(perClient, clientBurst)
	for i := range 10 * maxLimiters {
		l.allow(fmt.Sprint(i), time.Unix(0, 0))
	}
	if n := len(l.young) + len(l.old); n > 2*maxLimiters {
		t.Errorf("it keeps %d entries", n)
	}
}

func TestClientsAreCountedByTheirNetwork(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:1234": "192.0.2.0/24", "[2001:db8:1:2::3]:99": "2001:db8:1::/48", "[::ffff:192.0.2.7]:1": "192.0.2.0/24", "nonsense": "?",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = remote
		if got := clientOf(r); got != want {
			t.Errorf("%s counts as %s, want %s", remote, got, want)
		}
	}
}

func TestAnotherSiteCannotPostOurForm(t *testing.T) {
	s := open(t, document("en"), "Delivered")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://track.linden.example/", strings.NewReader("number=1001&factor=1017AB"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := s.do(r); w.Code != http.StatusForbidden {
		t.Errorf("got %d", w.Code)
	}
}

func TestAHugeFormIsRefused(t *testing.T) {
	s := open(t, document("en"), "Delivered")
	if w := s.find(strings.Repeat("9", 10*maxFormBytes), "x"); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("got %d", w.Code)
	}
}

func TestAShopWithoutALinkKeyAnswersAsForAMiss(t *testing.T) {
	s := open(t, document("en"), "Delivered")
	s.Keys = func() []link.Key { return nil }
	if w := s.find("1001", "1017AB"); w.Code != http.StatusNotFound {
		t.Errorf("got %d", w.Code)
	}
}

func TestTheFormAsksForWhatTheShopVerifiesBy(t *testing.T) {
	for _, test := range []struct {
		by          []string
		label, kind string
	}{
		{[]string{"Postcode", "Email"}, "Postcode or e-mail address of the order", `type="text"`},
		{[]string{"Email"}, "E-mail address of the order", `type="email"`},
		{[]string{"Postcode"}, "Postcode of the delivery address", `autocomplete="postal-code"`},
	} {
		doc := document("en")
		doc.Page = bundle.Page{VerifyBy: test.by}
		body := open(t, doc, "Delivered").get("/").Body.String()
		if !strings.Contains(body, ">"+test.label+"<") || !strings.Contains(body, test.kind) {
			t.Errorf("%v lacks %q or %s", test.by, test.label, test.kind)
		}
	}
}
