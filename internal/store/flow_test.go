package store_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/store"
)

func flows(t *testing.T, s *store.Store) []store.Flow {
	t.Helper()
	all, err := s.Flows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func expect(t *testing.T, s *store.Store, now time.Time, names ...string) {
	t.Helper()
	if err := s.ExpectSources(t.Context(), names, now); err != nil {
		t.Fatal(err)
	}
}

func TestAnExpectedSourceTellsItsLongestPause(t *testing.T) {
	s, start := fresh(t), time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)
	expect(t, s, start, "webshop", "carrier-easypost")
	for i, after := range []time.Duration{time.Hour, 2 * time.Hour, 10 * time.Hour, 9 * time.Hour, 11 * time.Hour} { // one is late
		appended(t, s, store.Receipt{Source: "webshop", DedupeKey: string(rune('a' + i)), Body: []byte("{}"), ReceivedAt: start.Add(after)}, true)
	}
	appended(t, s, store.Receipt{Source: "unasked", DedupeKey: "a", Body: []byte("{}"), ReceivedAt: start}, true)
	want := []store.Flow{
		{Source: "carrier-easypost", Since: start},
		{Source: "webshop", Since: start, LastReceived: start.Add(11 * time.Hour), LongestPause: 8 * time.Hour},
	}
	if diff := cmp.Diff(want, flows(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASourceIsExpectedFromWhenItWasFirstAskedFor(t *testing.T) {
	s, start := fresh(t), time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)
	expect(t, s, start, "webshop", "erp")
	expect(t, s, start.Add(time.Hour), "webshop") // a restart without the other one
	expect(t, s, start.Add(2*time.Hour), "webshop", "erp")
	want := []store.Flow{{Source: "erp", Since: start.Add(2 * time.Hour)}, {Source: "webshop", Since: start}}
	if diff := cmp.Diff(want, flows(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A database of the previous version has no pauses; they are computed from its receipts.
func TestAnUpgradeKnowsThePausesBeforeIt(t *testing.T) {
	path, start := filepath.Join(t.TempDir(), store.FileName), time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)
	db := store.MigratedTo(t, path, 1)
	for i, after := range []time.Duration{0, time.Hour, 9 * time.Hour} {
		_, err := db.ExecContext(t.Context(), `INSERT INTO receipts (source, dedupe_key, header, body, received_at) VALUES ('webshop', ?, '{}', '', ?)`,
			i, start.Add(after).UnixMilli())
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := db.ExecContext(t.Context(), `INSERT INTO sources (name, received_at) VALUES ('webshop', ?)`, start.Add(9*time.Hour).UnixMilli())
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	upgraded := open(t, path)
	expect(t, upgraded, start, "webshop")
	if got := flows(t, upgraded); len(got) != 1 || got[0].LongestPause != 8*time.Hour {
		t.Errorf("got %+v", got)
	}
}

// The previous version writes as it did: with pods of both on one volume, or after a downgrade, nothing is refused.
func TestTheVersionBeforeWritesIntoTheNewSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	s := open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{1000, 2000} {
		_, err = db.ExecContext(t.Context(), `INSERT INTO sources (name, received_at) VALUES ('webshop', ?)
			ON CONFLICT (name) DO UPDATE SET received_at = excluded.received_at WHERE excluded.received_at > sources.received_at`, at)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, s, time.UnixMilli(0), "webshop")
	if got := flows(t, s); len(got) != 1 || !got[0].LastReceived.Equal(time.UnixMilli(2000)) {
		t.Errorf("got %+v", got)
	}
}
