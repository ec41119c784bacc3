package dataplane_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/wismo-dev/wismo/internal/corpus"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// oldShop is a Shop with old orders, whose mails go to a real SMTP server.
type oldShop struct {
	*dataPlane
	t     *testing.T
	relay *channel.SMTP
	mails *sink

	database string // the file
	samples  []sample
	late     []old // whose carriers' words are still to come
	rested   time.Time
	before   string // a database of the previous version, of that time
}

// newOldShop has no database yet.
func newOldShop(t *testing.T) *oldShop {
	t.Helper()
	mails := newSink(t)
	doc := document()
	doc.Policy.QuietHours = nil // every message is sent at once
	doc.Email.Host, doc.Email.Port, doc.Email.TLS = "127.0.0.1", mails.port, "None"
	p := newDataPlane(t, doc)
	relay := channel.NewSMTP(doc.Email, func() (string, string) { return "", "" })
	p.worker = p.notifier(relay)
	p.set(monday)
	return &oldShop{dataPlane: p, t: t, relay: relay, mails: mails, database: filepath.Join(p.dir, store.FileName)}
}

// each sends what a source says, and has each acknowledged.
func (s *oldShop) each(deliveries []corpus.Delivery) {
	s.t.Helper()
	for _, d := range deliveries {
		s.sent++
		header := http.Header{}
		for name, value := range d.Header {
			header.Set(name, value)
		}
		if got := s.hand(string(d.Source), header, d.Body); got != http.StatusOK {
			s.t.Fatalf("a webhook of %s was answered %d", d.Source, got)
		}
	}
}

// hours let the time pass; what is due is done at every full hour.
func (s *oldShop) hours(n int) {
	for range n {
		s.set(s.now().Add(time.Hour))
		s.settle()
	}
}

// say has the carrier say something of each sample.
func (s *oldShop) say(status string) {
	s.t.Helper()
	for _, o := range s.samples {
		body := encoded(s.t, map[string]any{"type": "parcel.event", "data": map[string]any{
			"carrier": o.carrier, "number": o.number, "orderNumber": o.order, "status": status, "time": s.now().Format(time.RFC3339),
		}})
		if got := s.post("api", "", body); got != http.StatusOK {
			s.t.Fatalf("answered %d", got)
		}
	}
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// run lets the whole notifier work until it has taken up every order.
func (s *oldShop) run() {
	s.t.Helper()
	ctx, end := context.WithCancel(s.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.worker.Run(ctx) }()
	for !s.settled(ctx) {
		time.Sleep(50 * time.Millisecond)
	}
	end()
	if err := <-ended; err != nil {
		s.t.Fatal(err)
	}
}

// settled reports whether no order is of another bundle or of the previous version.
func (s *oldShop) settled(ctx context.Context) bool {
	s.t.Helper()
	left, err1 := s.store.LegacyOrders(ctx, "", 1)
	stale, err2 := s.store.StaleOrders(ctx, hash(s.doc), "", 1)
	due, err3 := s.store.NextDue(ctx)
	if err := errors.Join(err1, err2, err3); err != nil {
		s.t.Fatal(err)
	}
	return len(left)+len(stale) == 0 && (due.IsZero() || due.After(s.now()))
}

// writeBefore makes a database of the previous version of what this one has written beside its own for it.
func writeBefore(t *testing.T, from, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("../../internal/store/migrations/sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`ATTACH '` + from + `' AS now`,
		`INSERT INTO orders (id, source, external_id, number_key, placed_at, body)
			SELECT id, source, external_id, number_key, placed_at, body FROM now.orders WHERE source <> ''`,
		`INSERT INTO parcels (id, order_id, carrier, number, number_key, shipment_id, url, first_at, last_at, hint_number, hint_external)
			SELECT id, order_id, carrier, number, number_key, shipment_id, url, first_at, last_at, hint_number, hint_external FROM now.parcels`,
		`INSERT INTO events (parcel_id, event_key, at, body) SELECT parcel_id, event_key, at, body FROM now.events`,
		`INSERT INTO sources (name, received_at, longest_pause) SELECT name, received_at, longest_pause FROM now.sources`,
		`DETACH now`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func (s *oldShop) size() (bytes int64) {
	for _, suffix := range []string{"", "-wal"} {
		if info, err := os.Stat(s.database + suffix); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// read asks the database beside the store.
func (s *oldShop) read(query string, args []any, each func(*sql.Rows) error) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.database+"?_pragma=busy_timeout(5000)")
	if err != nil {
		s.t.Fatal(err)
	}
	rows, err := db.QueryContext(s.t.Context(), query, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	for rows.Next() {
		err = errors.Join(err, each(rows))
	}
	if err := errors.Join(err, rows.Err(), rows.Close(), db.Close()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *oldShop) number(query string, args ...any) (n int) {
	s.t.Helper()
	s.read(query, args, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n
}

// occasions counts the messages after that id.
func (s *oldShop) occasions(id int) map[tracking.Occasion]int {
	s.t.Helper()
	all := map[tracking.Occasion]int{}
	s.read(`SELECT occasion, count(*) FROM messages WHERE id > ? GROUP BY occasion`, []any{id}, func(rows *sql.Rows) error {
		var occasion tracking.Occasion
		var n int
		err := rows.Scan(&occasion, &n)
		all[occasion] = n
		return err
	})
	return all
}

// peakMemory is the most that this process has had in memory.
func peakMemory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Join(strings.Fields(line), " ")
}

// probe is another process that writes now and then, and notes how long it has to wait.
type probe struct {
	stop   chan struct{}
	waited chan []time.Duration
}

func (s *oldShop) probing() *probe {
	s.t.Helper()
	other, err := store.Open(s.t.Context(), store.Options{Path: s.database})
	if err != nil {
		s.t.Fatal(err)
	}
	p := &probe{make(chan struct{}), make(chan []time.Duration, 1)}
	go func() {
		var waited []time.Duration
		for {
			select {
			case <-p.stop:
				_ = other.Close()
				p.waited <- waited
				return
			case <-time.After(20 * time.Millisecond):
			}
			began := time.Now()
			if err := other.Update(context.Background(), func(*store.Tx) error { return nil }); err != nil {
				fmt.Fprintln(os.Stderr, "the database was locked:", err)
			}
			waited = append(waited, time.Since(began))
		}
	}()
	return p
}

// end ends it and says how long it has waited: mostly, seldom and at most.
func (p *probe) end() string {
	close(p.stop)
	waited := <-p.waited
	if len(waited) == 0 {
		return "not at all"
	}
	slices.Sort(waited)
	at := func(share int) time.Duration { return waited[(len(waited)-1)*share/1000].Round(10 * time.Microsecond) }
	return fmt.Sprintf("p50 %v, p99 %v, longest %v", at(500), at(990), at(1000))
}
