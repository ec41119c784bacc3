package ingest_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/ingest"
	"github.com/wismo-dev/wismo/internal/store"
)

const secret = "0123456789abcdef"

var now = time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)

// inbox is a store that forgets at the end of the test, and can be made to fail.
type inbox struct {
	mu       sync.Mutex
	receipts []store.Receipt
	seen     map[string]bool
	err      error
}

func (i *inbox) AppendReceipt(_ context.Context, r store.Receipt) (bool, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err != nil {
		return false, i.err
	}
	if i.seen == nil {
		i.seen = map[string]bool{}
	}
	id := r.Source + "\x00" + r.DedupeKey
	fresh := !i.seen[id]
	if i.seen[id] = true; fresh {
		i.receipts = append(i.receipts, r)
	}
	return fresh, nil
}

// shop is a receiver with one source of each kind.
type shop struct {
	inbox    *inbox
	handler  http.Handler
	registry *prometheus.Registry
	log      *bytes.Buffer
	secrets  []string
}

func open(t testing.TB) *shop {
	t.Helper()
	s := &shop{inbox: &inbox{}, registry: prometheus.NewRegistry(), log: &bytes.Buffer{}, secrets: []string{secret}}
	endpoints, err := ingest.Endpoints([]bundle.Source{
		{Name: "api", Kind: bundle.Orders, EndpointID: "apiapiapi", Definition: "api", Intake: "Webhook"},
		{Name: "webshop", Kind: bundle.Orders, EndpointID: "shopshopshop", Definition: "shopify", Intake: "WebhookAndPoll"},
		{Name: "carrier-sendcloud", Kind: bundle.Carrier, EndpointID: "sendcloudcloud", Definition: "sendcloud", Intake: "Webhook"},
		{Name: "carrier-postnord", Kind: bundle.Carrier, EndpointID: "postnordnord", Definition: "postnord", Intake: "Poll"},
		{Name: "carrier-polled", Kind: bundle.Carrier, EndpointID: "polledpolled", Definition: "sendcloud", Intake: "Poll"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.handler = ingest.New(ingest.Config{
		Endpoints: endpoints, Inbox: s.inbox, Registerer: s.registry,
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: func() time.Time { return now },
		Secrets: func(bundle.Source, *definition.Definition) [][]byte {
			var all [][]byte
			for _, one := range s.secrets {
				all = append(all, []byte(one))
			}
			return all
		},
	})
	return s
}

func mac(body []byte) []byte {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return m.Sum(nil)
}

func (s *shop) post(t testing.TB, id string, body []byte, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, bundle.HookPath+id, bytes.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func (s *shop) sendcloud(t testing.TB, body string) *httptest.ResponseRecorder {
	return s.post(t, "sendcloudcloud", []byte(body), "Sendcloud-Signature", hex.EncodeToString(mac([]byte(body))))
}

func TestASignedWebhookIsCommittedRawBeforeItIsAcknowledged(t *testing.T) {
	s := open(t)
	body := []byte(`{"name":"#1001"}`)
	w := s.post(t, "shopshopshop", body,
		"X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac(body)), "X-Shopify-Topic", "orders/create",
		"X-Shopify-Webhook-Id", "b54557e4", "Authorization", "Bearer secret", "Cookie", "secret", "User-Agent", "Shopify")
	if w.Code != http.StatusOK {
		t.Fatalf("answered %d", w.Code)
	}
	want := []store.Receipt{{
		Source: "webshop", DedupeKey: "id:b54557e4", Body: body, ReceivedAt: now,
		Header: map[string]string{"X-Shopify-Topic": "orders/create", "X-Shopify-Webhook-Id": "b54557e4"},
	}}
	if diff := cmp.Diff(want, s.inbox.receipts); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestGarbageWithARightSignatureIsAcceptedForTheQuarantine(t *testing.T) {
	s := open(t)
	for _, body := range []string{"", "\x00\xff", "{", strings.Repeat("x", ingest.MaxBodyBytes)} {
		if w := s.sendcloud(t, body); w.Code != http.StatusOK {
			t.Errorf("%d bytes: answered %d", len(body), w.Code)
		}
	}
	if len(s.inbox.receipts) != 4 {
		t.Errorf("%d receipts", len(s.inbox.receipts))
	}
}

func TestTheSameReceiptTenTimesIsStoredOnceAndAlwaysAcknowledged(t *testing.T) {
	s := open(t)
	for range 10 {
		if w := s.sendcloud(t, `{"n":1}`); w.Code != http.StatusOK {
			t.Fatalf("answered %d", w.Code)
		}
	}
	s.sendcloud(t, `{"n":2}`)
	if len(s.inbox.receipts) != 2 {
		t.Errorf("%d receipts", len(s.inbox.receipts))
	}
	if got := s.count(t, "sendcloud", "Duplicate"); got != 9 {
		t.Errorf("%v duplicates counted", got)
	}
}

func (s *shop) count(t testing.TB, definition, outcome string) float64 {
	t.Helper()
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if f.GetName() == "wismo_receipts_total" && labels["definition"] == definition && labels["outcome"] == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func TestWhateverIsWrongIsAnsweredSoThatTheSenderKnowsAndNothingIsStored(t *testing.T) {
	body := []byte(`{}`)
	right := hex.EncodeToString(mac(body))
	stale := strconv.FormatInt(now.Add(-time.Hour).Unix(), 10)
	tests := []struct {
		name       string
		spoil      func(*shop)
		id         string
		body       []byte
		header     []string
		want       int
		definition string
		outcome    string
	}{
		{name: "wrong signature", id: "sendcloudcloud", body: []byte(`{"a":1}`), header: []string{"Sendcloud-Signature", right}, want: 401, definition: "sendcloud", outcome: "WrongSignature"},
		{name: "no signature", id: "sendcloudcloud", body: body, want: 401, definition: "sendcloud", outcome: "Unsigned"},
		{
			name: "too late", id: "apiapiapi", body: body, want: 401, definition: "api", outcome: "StaleSignature",
			spoil:  func(s *shop) { s.secrets = []string{base64.StdEncoding.EncodeToString([]byte(secret))} },
			header: []string{"webhook-id", "1", "webhook-timestamp", stale, "webhook-signature", "v1," + base64.StdEncoding.EncodeToString(mac([]byte("1."+stale+".{}")))},
		},
		{name: "too large", id: "sendcloudcloud", body: make([]byte, ingest.MaxBodyBytes+1), header: []string{"Sendcloud-Signature", hex.EncodeToString(mac(make([]byte, ingest.MaxBodyBytes+1)))}, want: 413, definition: "sendcloud", outcome: "TooLarge"},
		{name: "secret not mounted yet", spoil: func(s *shop) { s.secrets = nil }, id: "sendcloudcloud", body: body, header: []string{"Sendcloud-Signature", right}, want: 503, definition: "sendcloud", outcome: "NoSecret"},
		{name: "storage fails", spoil: func(s *shop) { s.inbox.err = errors.New("disk full") }, id: "sendcloudcloud", body: body, header: []string{"Sendcloud-Signature", right}, want: 503, definition: "sendcloud", outcome: "StorageFailed"},
		{name: "unknown endpoint", id: "nobody", body: body, header: []string{"Sendcloud-Signature", right}, want: 404, outcome: "UnknownEndpoint"},
		{name: "no id", id: "", body: body, want: 404, outcome: "UnknownEndpoint"},
		{name: "below an endpoint", id: "sendcloudcloud/x", body: body, want: 404, outcome: "UnknownEndpoint"},
		{name: "a source without webhooks", id: "postnordnord", body: body, want: 404, outcome: "UnknownEndpoint"},
		{name: "a source that is only polled", id: "polledpolled", body: body, header: []string{"Sendcloud-Signature", right}, want: 404, outcome: "UnknownEndpoint"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			if test.spoil != nil {
				test.spoil(s)
			}
			w := s.post(t, test.id, test.body, test.header...)
			if w.Code != test.want || len(s.inbox.receipts) != 0 {
				t.Errorf("answered %d with %d receipts stored", w.Code, len(s.inbox.receipts))
			}
			retry := map[int]string{http.StatusServiceUnavailable: "30"}[test.want]
			if got := s.count(t, test.definition, test.outcome); got != 1 || w.Header().Get("Retry-After") != retry {
				t.Errorf("counted %v times as %s, Retry-After %q", got, test.outcome, w.Header().Get("Retry-After"))
			}
			for _, private := range []string{"/hooks", "id=", "cloudcloud", "apiapi", right, secret} {
				if strings.Contains(s.log.String(), private) {
					t.Errorf("the log tells %s: %s", private, s.log)
				}
			}
		})
	}
}

func TestAnUnknownEndpointLooksLikeAnyPageThatIsNotThere(t *testing.T) {
	nothing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "nichts da", http.StatusNotFound) })
	h := ingest.New(ingest.Config{NotFound: nothing})
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "/hooks/guess", nil))
		if w.Code != http.StatusNotFound || w.Body.String() != "nichts da\n" {
			t.Errorf("%s: %d %q", method, w.Code, w.Body)
		}
	}
}

func TestOnlyPostIsAWebhookUnlessTheProviderProbes(t *testing.T) {
	probing := definition.Definition{Name: "quay", Receipt: definition.Receipt{AnswersGet: true}}
	s := open(t)
	quay := ingest.New(ingest.Config{Endpoints: []ingest.Endpoint{{ID: "quay", Definition: &probing}}, Now: time.Now})
	tests := []struct {
		handler    http.Handler
		method, id string
		want       int
	}{
		{s.handler, http.MethodGet, "sendcloudcloud", 405}, {s.handler, http.MethodPut, "sendcloudcloud", 405},
		{quay, http.MethodGet, "quay", 200}, {quay, http.MethodHead, "quay", 200}, {quay, http.MethodDelete, "quay", 405},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		test.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), test.method, "/hooks/"+test.id, nil))
		if w.Code != test.want || w.Body.Len() != 0 || (w.Code == 405 && w.Header().Get("Allow") != "POST") {
			t.Errorf("%s %s: %d %q", test.method, test.id, w.Code, w.Body)
		}
	}
}

func TestASenderThatBreaksOffIsNotAcknowledged(t *testing.T) {
	s := open(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/sendcloudcloud", io.MultiReader(strings.NewReader("{"), brokenReader{}))
	r.Header.Set("Sendcloud-Signature", "00")
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || len(s.inbox.receipts) != 0 {
		t.Errorf("answered %d", w.Code)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestABodyWithoutASignatureIsNotEvenRead(t *testing.T) {
	for id, header := range map[string][]string{
		"sendcloudcloud": nil,
		"apiapiapi":      {"webhook-signature", "v1,AAAA", "webhook-id", "1"}, // its timestamp is signed, too
	} {
		s := open(t)
		body := strings.NewReader("{}")
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/"+id, body)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || body.Len() != 2 {
			t.Errorf("%s: answered %d, %d bytes left", id, w.Code, body.Len())
		}
	}
}

// held is a body whose sender takes its time.
type held struct {
	asked, end chan struct{}
	once       sync.Once
}

func (h *held) Read([]byte) (int, error) {
	h.once.Do(func() { close(h.asked) })
	<-h.end
	return 0, io.EOF
}

func TestMoreThanMemoryHoldsIsAskedToComeAgain(t *testing.T) {
	s := open(t)
	var senders sync.WaitGroup
	end := make(chan struct{})
	for range 8 { // of unknown length: each counts as the longest
		body := &held{asked: make(chan struct{}), end: end}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/sendcloudcloud", body)
		r.Header.Set("Sendcloud-Signature", hex.EncodeToString(mac(nil)))
		senders.Go(func() { s.handler.ServeHTTP(httptest.NewRecorder(), r) })
		<-body.asked
	}
	if w := s.sendcloud(t, `{"n":1}`); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("answered %d", w.Code)
	}
	if got := s.count(t, "sendcloud", "Overloaded"); got != 1 {
		t.Errorf("counted %v times", got)
	}
	close(end)
	senders.Wait()
	if w := s.sendcloud(t, `{"n":1}`); w.Code != http.StatusOK {
		t.Errorf("afterwards: answered %d", w.Code)
	}
}

func TestABrokenDefinitionIsNamedAtStart(t *testing.T) {
	_, err := ingest.Endpoints([]bundle.Source{{Name: "carrier-x", EndpointID: "x", Definition: "x", Document: "name: X"}})
	if err == nil || !strings.Contains(err.Error(), "carrier-x") {
		t.Errorf("got %v", err)
	}
}

// Through the real database: ten senders post every receipt three times each, and each is there once.
func TestConcurrentRepetitionsLeaveOneReceiptEachInTheDatabase(t *testing.T) {
	db, err := store.Open(t.Context(), store.Options{Path: t.TempDir() + "/wismo.db"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	endpoints, err := ingest.Endpoints([]bundle.Source{{Name: "s", EndpointID: "s", Definition: "sendcloud", Intake: "Webhook"}})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t)
	s.handler = ingest.New(ingest.Config{
		Endpoints: endpoints, Inbox: db, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Secrets: func(bundle.Source, *definition.Definition) [][]byte { return [][]byte{[]byte(secret)} },
	})
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for n := range 60 {
				body := fmt.Appendf(nil, `{"n":%d}`, n%20)
				if w := s.post(t, "s", body, "Sendcloud-Signature", hex.EncodeToString(mac(body))); w.Code != http.StatusOK {
					t.Errorf("answered %d", w.Code)
				}
			}
		})
	}
	wg.Wait()
	claims, err := db.ClaimReceipts(t.Context(), time.Now().Add(time.Minute), time.Minute, 100, []string{"s"})
	if err != nil || len(claims) != 20 {
		t.Errorf("%d receipts (%v), want 20", len(claims), err)
	}
}

func TestEveryMetricIsInOrder(t *testing.T) {
	s := open(t)
	s.sendcloud(t, "{}")
	problems, err := testutil.GatherAndLint(s.registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}
