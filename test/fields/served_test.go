package fields_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/page"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/workload"
)

// TestMain has the databases in memory if the machine has such a file system.
func TestMain(m *testing.M) {
	const shared = "/dev/shm"
	if info, err := os.Stat(shared); err == nil && info.IsDir() {
		if err := os.Setenv("TMPDIR", shared); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

var linkKey = link.Key{Number: 1, Secret: bytes.Repeat([]byte{'k'}, 2*link.MinSecret)}

// start is a Tuesday, when the first order arrives.
var start = time.Date(2026, 12, 1, 13, 30, 0, 0, time.UTC)

// receipts are what the source api receives, by the hours after start.
var receipts = []struct {
	hours float64
	body  string
}{
	{0, order("1001", `"customer": {"name": "Kim de Vries", "email": "kim@shopper.example", "tags": ["trade"]}`)},
	{0, order("1002", `"methodTitle": "Brief", "customer": {"name": "Noor Smit", "email": "noor@shopper.example"}`)},
	{0, order("1003", `"customer": {"name": "Sam Bos", "email": "sam@shopper.example"}`)},
	{0.1, order("1004", `"customer": {"name": "Kim de Vries", "email": "kim@shopper.example"}`)},
	{0.5, `{"type": "order.upserted", "data": {"number": "1003", "phase": "Preparing"}}`},
	{20, `{"type": "order.upserted", "data": {"number": "1001", "phase": "Shipped", "parcels": [{"carrier": "DPD", "number": "0501"}]}}`},
	{20, `{"type": "order.upserted", "data": {"number": "1003", "phase": "Shipped", "parcels": [{"carrier": "DPD", "number": "0503"}]}}`},
	{20, event("1003", "0503", "LabelCreated", 20, "")},
	{21, `{"type": "order.upserted", "data": {"number": "1004", "phase": "Shipped", "parcels": [{"carrier": "DPD", "number": "0504"}]}}`},
	{22, event("1004", "0504", "InTransit", 22, "")},
	{24, event("1001", "0501", "InTransit", 24, `, "eta": {"from": "2026-12-04T09:00:00+01:00", "to": "2026-12-04T12:00:00+01:00"}`)},
	{53, event("1001", "0501", "InTransit", 53, `, "eta": {"from": "2026-12-04T15:00:00+01:00", "to": "2026-12-04T18:00:00+01:00"}`)},
	{56.5, event("1001", "0501", "OutForDelivery", 56.5, "")}, // late in the evening
	{72, event("1001", "0501", "DeliveryAttemptFailed", 72, "")},
	{80, event("1001", "0501", "AvailableForPickup", 80, `, "pickup": {"name": "Kiosk Oost", "address": "Oosterpark 1"}`)},
}

func order(number, more string) string {
	return `{"type": "order.upserted", "data": {"number": "` + number + `", "placedAt": "2026-12-01T14:30:00+01:00", "locale": "en",
		"destination": {"postcode": "1011 AB", "city": "Amsterdam", "country": "NL"}, "currency": "EUR", "totalMinor": 4990,
		"items": [{"id": "1", "name": "Linen cushion", "priceMinor": 2495, "quantity": 2}], ` + more + `}}`
}

func event(order, number, status string, hours float64, more string) string {
	return fmt.Sprintf(`{"type": "parcel.event", "data": {"orderNumber": %q, "carrier": "dpd", "number": %q, "status": %q, "time": %q, "location": "Utrecht", "text": "scanned"%s}}`,
		order, number, status, start.Add(time.Duration(hours*float64(time.Hour))).Format(time.RFC3339), more)
}

// looks are the hours after start at which the pages are read.
var looks = []float64{1, 25, 57, 73, 81, 200, 400}

// served is the data plane of one Shop on a clock of its own, and what it showed and sent.
type served struct {
	t      *testing.T
	doc    *bundle.Document
	now    time.Time
	store  *store.Store
	worker *notifier.Notifier
	page   *page.Server
	mails  strings.Builder
	pages  strings.Builder
}

func (*served) Configured() bool { return true }

func (*served) Greet(context.Context) error { return nil }

func (s *served) Send(_ context.Context, m channel.Mail) error {
	text := fmt.Sprintf("%s %s %s %s\n%s\n%s\n", s.now.Format(time.RFC3339), m.To, m.Subject, m.Unsubscribe, m.Text, m.HTML)
	s.mails.WriteString(tokens.ReplaceAllStringFunc(text, s.expiry))
	return nil
}

// tokens of links differ between two runs without any change.
var tokens = regexp.MustCompile(`/[ou]/[A-Za-z0-9_-]{40,}`)

// expiry replaces a token by the time until which it works.
func (s *served) expiry(found string) string {
	for path, purpose := range map[string]string{link.OrderPath: link.Order, link.UnsubscribePath: link.Unsubscribe} {
		if token, is := strings.CutPrefix(found, path); is {
			claims, err := link.Verify([]link.Key{linkKey}, token, purpose, s.now)
			return fmt.Sprint(path, claims.Expires.UTC(), err)
		}
	}
	return found
}

// serve plays the receipts, and returns what shoppers saw and got.
func serve(t *testing.T, doc *bundle.Document, activity bundle.ActivityDocument) (pages, mails string) {
	t.Helper()
	s := &served{t: t, doc: doc, now: start}
	s.open(activity)
	next := 0
	for _, look := range looks {
		for ; next < len(receipts) && receipts[next].hours <= look; next++ {
			s.until(receipts[next].hours)
			_, err := s.store.AppendReceipt(t.Context(), store.Receipt{
				Source: "api", DedupeKey: fmt.Sprint(next), Header: map[string]string{}, Body: []byte(receipts[next].body), ReceivedAt: s.now,
			})
			if err != nil {
				t.Fatal(err)
			}
			s.settle()
		}
		s.until(look)
		s.look()
	}
	return s.pages.String(), s.mails.String()
}

func (s *served) open(activity bundle.ActivityDocument) {
	dir := s.t.TempDir()
	keys := filepath.Join(dir, bundle.LinkKeys, "1")
	err := errors.Join(os.MkdirAll(keys, 0o700), os.WriteFile(filepath.Join(keys, bundle.KeyFile), linkKey.Secret, 0o600))
	if err != nil {
		s.t.Fatal(err)
	}
	now := func() time.Time { return s.now }
	present := func() bundle.ActivityDocument { return activity }
	if s.store, err = store.Open(s.t.Context(), store.Options{Path: filepath.Join(dir, store.FileName)}); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = s.store.Close() })
	renderer, err := message.NewRenderer(s.doc)
	if err != nil {
		s.t.Fatal(err)
	}
	s.worker, err = notifier.New(notifier.Config{
		Document: s.doc, BundleHash: "b", Store: s.store, Secrets: workload.NewSecrets(dir, dir, now), Renderer: renderer, Sender: s,
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: now, Activity: present,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	s.page, err = page.New(page.Config{
		Document: s.doc, Orders: s.store, Keys: func() []link.Key { return []link.Key{linkKey} }, Now: now, Log: slog.New(slog.DiscardHandler),
		MissDelay: time.Nanosecond, Activity: present,
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// until lets the time pass, and the notifier work whenever something is due.
func (s *served) until(hours float64) {
	s.t.Helper()
	to := start.Add(time.Duration(hours * float64(time.Hour)))
	for range 500 {
		due, err := s.worker.NextDue(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if due.IsZero() || due.After(to) {
			break
		}
		if due.After(s.now) {
			s.now = due
		}
		s.settle()
	}
	s.now = to
	s.settle()
}

func (s *served) settle() {
	s.t.Helper()
	ctx := s.t.Context()
	if err := errors.Join(s.worker.ReceiveAll(ctx), s.worker.LookAll(ctx), s.worker.SendAll(ctx)); err != nil {
		s.t.Fatal(err)
	}
}

// look reads the page of every order by its link, the look-up by number and either factor, and the start page of every hostname.
func (s *served) look() {
	s.t.Helper()
	for _, number := range []string{"1001", "1002", "1003", "1004"} {
		found, err := s.store.OrdersByNumber(s.t.Context(), number)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, o := range found {
			token := link.Sign(linkKey, link.Claims{Purpose: link.Order, OrderID: o.ID, Expires: start.AddDate(1, 0, 0)})
			s.visit(http.MethodGet, s.doc.Hostname, link.OrderPath+token, nil)
		}
	}
	for _, factor := range []string{"1011AB", "kim@shopper.example"} {
		s.visit(http.MethodPost, s.doc.Hostname, "/", url.Values{"number": {"1001"}, "factor": {factor}})
	}
	s.visit(http.MethodGet, s.doc.Hostname, "/", nil)
	s.visit(http.MethodGet, s.doc.Hostname, message.LogoPath, nil)
	for _, alias := range s.doc.Aliases {
		s.visit(http.MethodGet, alias.Hostname, "/", nil)
	}
}

func (s *served) visit(method, host, path string, form url.Values) {
	r := httptest.NewRequestWithContext(s.t.Context(), method, "https://"+host+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	s.page.ServeHTTP(w, r)
	fmt.Fprintf(&s.pages, "%s %s %d %s\n%s\n", method, host, w.Code, w.Header().Get("Content-Security-Policy"), tokens.ReplaceAllString(w.Body.String(), "/TOKEN"))
}
