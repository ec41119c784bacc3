package store_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/store/legacy"
)

// before is the previous version on a database: its statements, word by word.
type before struct {
	t  *testing.T
	db *sql.DB
}

// writtenBefore is a database that the notifier of the previous version has written; testdata/before.sql is its dump.
func writtenBefore(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), store.FileName)
	dump, err := os.ReadFile("testdata/before.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(t.Context(), string(dump))
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// startBefore opens the database as the previous version does: with the two migrations that it knows.
func startBefore(t *testing.T, path string) *before {
	t.Helper()
	known := os.DirFS(t.TempDir())
	dir := t.TempDir()
	for _, name := range []string{"00001_first.sql", "00002_flow.sql"} {
		text, err := os.ReadFile(filepath.Join("migrations/sqlite", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
		known = os.DirFS(dir)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, known)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatalf("the previous version does not open the database: %v", err)
	}
	return &before{t, db}
}

func (b *before) exec(query string, args ...any) sql.Result {
	b.t.Helper()
	result, err := b.db.ExecContext(b.t.Context(), query, args...)
	if err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
	return result
}

func (b *before) text(query string, args ...any) (text string) {
	b.t.Helper()
	err := b.db.QueryRowContext(b.t.Context(), query, args...).Scan(&text)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		b.t.Fatalf("%s: %v", query, err)
	}
	return text
}

// id finds an order by its number as the page does.
func (b *before) id(number string) string {
	b.t.Helper()
	return b.text(`SELECT id FROM orders WHERE number_key = ? ORDER BY placed_at DESC, id LIMIT 20`, legacy.NormalNumber(number))
}

// order reads an order with its parcels and events.
func (b *before) order(id string) (o legacy.Order) {
	b.t.Helper()
	if err := json.Unmarshal([]byte(b.text(`SELECT body FROM orders WHERE id = ?`, id)), &o); err != nil {
		b.t.Fatal(err)
	}
	o.Parcels = nil
	type found struct {
		legacy.Parcel
		id int64
	}
	var parcels []found
	rows, err := b.db.QueryContext(b.t.Context(), `SELECT id, carrier, number, shipment_id, url, first_at, last_at FROM parcels WHERE order_id = ? ORDER BY id`, id)
	if err != nil {
		b.t.Fatal(err)
	}
	for rows.Next() {
		var p found
		var first, last int64
		if err := rows.Scan(&p.id, &p.Carrier, &p.Number, &p.ShipmentID, &p.URL, &first, &last); err != nil {
			b.t.Fatal(err)
		}
		parcels = append(parcels, p)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		b.t.Fatal(err)
	}
	for _, p := range parcels {
		p.Events = b.events(p.id)
		o.Parcels = append(o.Parcels, p.Parcel)
	}
	return o
}

func (b *before) events(parcel int64) (events []legacy.Event) {
	b.t.Helper()
	rows, err := b.db.QueryContext(b.t.Context(), `SELECT body FROM events WHERE parcel_id = ? ORDER BY at, event_key`, parcel)
	if err != nil {
		b.t.Fatal(err)
	}
	for rows.Next() {
		var body string
		var e legacy.Event
		if err := errors.Join(rows.Scan(&body), json.Unmarshal([]byte(body), &e)); err != nil {
			b.t.Fatal(err)
		}
		events = append(events, e)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		b.t.Fatal(err)
	}
	return events
}

// save stores the head of an order.
func (b *before) save(o legacy.Order) {
	b.t.Helper()
	o.Parcels = nil
	body, err := json.Marshal(o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.exec(`INSERT INTO orders (id, source, external_id, number_key, placed_at, body) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET source = excluded.source, external_id = excluded.external_id,
			number_key = excluded.number_key, placed_at = excluded.placed_at, body = excluded.body`,
		o.ID, o.Source, o.ExternalID, legacy.NormalNumber(o.Number), o.PlacedAt.UnixMilli(), string(body))
}

// scan stores an event of a parcel of that number, of the order or, where that is "", of none yet.
func (b *before) scan(order, number string, e legacy.Event) {
	b.t.Helper()
	at := e.Time.UnixMilli()
	id := b.text(`SELECT id FROM parcels WHERE number_key = ? AND COALESCE(order_id, '') = ?`, legacy.NormalNumber(number), order)
	if id == "" {
		id = b.text(`INSERT INTO parcels
		(order_id, carrier, number, number_key, shipment_id, url, first_at, last_at, hint_number, hint_external)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, sql.NullString{String: order, Valid: order != ""}, "postnl", number,
			legacy.NormalNumber(number), "", "", at, at, "", "")
	} else {
		b.exec(`UPDATE parcels SET carrier = ?, shipment_id = ?, url = ?, first_at = ?, last_at = ?,
				hint_number = CASE hint_number WHEN '' THEN ? ELSE hint_number END,
				hint_external = CASE hint_external WHEN '' THEN ? ELSE hint_external END WHERE id = ?`, "postnl", "", "", at, at, "", "", id)
	}
	body, err := json.Marshal(e)
	if err != nil {
		b.t.Fatal(err)
	}
	b.exec(`INSERT INTO events (parcel_id, event_key, at, body) VALUES (?, ?, ?, ?)
			ON CONFLICT (parcel_id, event_key) DO NOTHING`, id, e.Key, at, string(body))
}

// queue adds a waiting message of the order as a whole.
func (b *before) queue(order, occasion string) {
	b.t.Helper()
	b.exec(`INSERT INTO messages (order_id, occasion, parcel, about, channel, level, occurred_at, heard_at, not_before)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id, occasion, channel, parcel) DO NOTHING`,
		order, occasion, "", "", "Email", "Routine", noon.UnixMilli(), noon.UnixMilli(), noon.UnixMilli())
}

// claimMessages leases all messages that are due, and lists their occasions.
func (b *before) claimMessages(now time.Time) (occasions []string) {
	b.t.Helper()
	rows, err := b.db.QueryContext(b.t.Context(), `UPDATE messages SET state = 'Sending', attempts = attempts + 1, not_before = ?
		WHERE id IN (SELECT id FROM messages WHERE state IN ('Waiting', 'Sending') AND not_before <= ? ORDER BY not_before, id LIMIT ?)
		RETURNING occasion`, now.Add(time.Minute).UnixMilli(), now.UnixMilli(), 100)
	if err != nil {
		b.t.Fatal(err)
	}
	for rows.Next() {
		var occasion string
		if err := rows.Scan(&occasion); err != nil {
			b.t.Fatal(err)
		}
		occasions = append(occasions, occasion)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		b.t.Fatal(err)
	}
	return occasions
}
