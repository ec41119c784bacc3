package ingest_test

import (
	"bytes"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/ingest"
	"github.com/wismo-dev/wismo/internal/store"
)

// Senders at once, and receipts each of them posts before the other side takes its turn.
const (
	benchSenders = 4
	benchBatch   = 50
)

// BenchmarkAcknowledged measures receipts acknowledged per second over loopback HTTP, against a bare handler that does
// the same HMAC and the same transaction and nothing else. Both sides take turns, so that the machine's moods hit both.
func BenchmarkAcknowledged(b *testing.B) {
	ours, bare := newSide(b, wismoHandler(b)), newSide(b, bareHandler(b))
	b.ResetTimer()
	for b.Loop() {
		ours.send(b)
		bare.send(b)
	}
	b.StopTimer()
	b.ReportMetric(ours.rate(), "wismo/s")
	b.ReportMetric(bare.rate(), "bare/s")
	b.ReportMetric(ours.rate()/bare.rate(), "ratio")
}

// side is one of the two servers, with what it has done so far.
type side struct {
	url    string
	client *http.Client
	sent   int
	took   time.Duration
	body   []byte
}

func newSide(b *testing.B, handler http.Handler) *side {
	b.Helper()
	body, err := os.ReadFile("../carrier/mapping/testdata/sendcloud/parcel_status_changed.json")
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(handler)
	b.Cleanup(server.Close)
	client := server.Client()
	if t, ok := client.Transport.(*http.Transport); ok {
		t.MaxIdleConnsPerHost = benchSenders
	}
	return &side{url: server.URL + "/hooks/s", client: client, body: body}
}

func (s *side) send(b *testing.B) {
	b.Helper()
	var wg sync.WaitGroup
	requests := make([][]*http.Request, benchSenders)
	for i := range requests {
		for range benchBatch {
			requests[i] = append(requests[i], s.request(b))
		}
	}
	started := time.Now()
	for _, batch := range requests {
		wg.Go(func() {
			for _, r := range batch {
				s.do(b, r)
			}
		})
	}
	wg.Wait()
	s.took += time.Since(started)
}

func (s *side) request(b *testing.B) *http.Request {
	b.Helper()
	s.sent++
	body := append(fmt.Appendf(nil, "%d", s.sent), s.body...)
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Sendcloud-Signature", hex.EncodeToString(mac(body)))
	return r
}

func (s *side) do(b *testing.B, r *http.Request) {
	response, err := s.client.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		b.Errorf("answered %d", response.StatusCode)
	}
}

func (s *side) rate() float64 { return float64(s.sent) / s.took.Seconds() }

func openStore(b *testing.B) (db *store.Store, path string) {
	b.Helper()
	path = b.TempDir() + "/wismo.db"
	db, err := store.Open(b.Context(), store.Options{Path: path})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db, path
}

func wismoHandler(b *testing.B) http.Handler {
	b.Helper()
	db, _ := openStore(b)
	endpoints, err := ingest.Endpoints([]bundle.Source{{Name: "s", EndpointID: "s", Definition: "sendcloud", Intake: "Webhook"}})
	if err != nil {
		b.Fatal(err)
	}
	return ingest.New(ingest.Config{
		Endpoints: endpoints, Inbox: db, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Secrets: func(bundle.Source, *definition.Definition) [][]byte { return [][]byte{[]byte(secret)} },
	})
}

// bareHandler is the simplest handler: read, HMAC, the two statements of a receipt in one immediate
// transaction on one connection with the same pragmas, 200.
func bareHandler(b *testing.B) http.Handler {
	b.Helper()
	_, path := openStore(b) // for the schema
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)"+
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-1000)&_pragma=journal_size_limit(4194304)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	receipt, source := prepare(b, db, `INSERT INTO receipts (source, dedupe_key, header, body, received_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (source, dedupe_key) DO NOTHING`), prepare(b, db, `INSERT INTO sources (name, received_at) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET received_at = excluded.received_at`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !hmac.Equal([]byte(hex.EncodeToString(mac(body))), []byte(r.Header.Get("Sendcloud-Signature"))) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if err := insert(r, db, receipt, source, body); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
}

func prepare(b *testing.B, db *sql.DB, query string) *sql.Stmt {
	b.Helper()
	statement, err := db.PrepareContext(b.Context(), query)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = statement.Close() })
	return statement
}

func insert(r *http.Request, db *sql.DB, receipt, source *sql.Stmt, body []byte) error {
	tx, err := db.BeginTx(r.Context(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing is left to do after a commit
	at := time.Now().UnixMilli()
	key := r.Header.Get("Sendcloud-Signature") // unique with the body, and costs the bare side no second hash
	if _, err := tx.StmtContext(r.Context(), receipt).ExecContext(r.Context(), "s", key, "{}", body, at); err != nil {
		return err
	}
	if _, err := tx.StmtContext(r.Context(), source).ExecContext(r.Context(), "s", at); err != nil {
		return err
	}
	return tx.Commit()
}
