package store

import (
	"database/sql"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/fsnotify/fsnotify"
	"github.com/pressly/goose/v3"
)

// MigratedTo opens a database, without the store, whose schema is of that version, newer or older than it was. The caller closes it.
func MigratedTo(t testing.TB, path string, version int64) *sql.DB {
	t.Helper()
	db, err := pool("file:"+path+writeDSN, 1)
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		t.Fatal(err)
	}
	_, up := provider.UpTo(t.Context(), version)
	_, down := provider.DownTo(t.Context(), version)
	if err := errors.Join(up, down); err != nil {
		t.Fatal(err)
	}
	return db
}

// WithoutInotify makes the kernel grant no watch for the rest of the test.
func WithoutInotify(t *testing.T) {
	t.Helper()
	newWatcher = func() (*fsnotify.Watcher, error) { return nil, errors.New("too many open files") }
	t.Cleanup(func() { newWatcher = fsnotify.NewWatcher })
}

// HealthOf takes sizes in bytes.
var HealthOf = healthOf

// Rows counts the rows of a table.
func Rows(t testing.TB, s *Store, table string) (n int) {
	t.Helper()
	if err := s.read.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Plan is how the database would answer a query.
func Plan(t testing.TB, s *Store, query string, args ...any) string {
	t.Helper()
	var plan []string
	err := s.View(t.Context(), func(tx *Tx) error {
		rows, err := tx.tx.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			return err
		}
		plan, err = collect(rows, func(scan func(...any) error) (detail string, err error) {
			var id, parent, unused int
			return detail, scan(&id, &parent, &unused, &detail)
		}, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n")
}

// Queries are those that must not depend on how much is stored, with as many parameters as they have.
func Queries() map[string]int {
	return map[string]int{
		freshReceipts: 1, parkedReceipts: 2, triedReceipts: 2, tooFarAheadReceipts: 2, oldestFresh: 0, dueMessages: 6,
		`SELECT record_id FROM record_keys WHERE key IN (?) LIMIT ?`: 2,
	}
}

// Checkpoint moves all that was written into the database's own file.
func Checkpoint(t testing.TB, s *Store) {
	t.Helper()
	if _, err := s.write.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
}

// Exec runs a statement as one of the store's writes.
func Exec(t testing.TB, s *Store, query string, args ...any) error {
	t.Helper()
	return s.Update(t.Context(), func(tx *Tx) error {
		_, err := tx.tx.ExecContext(t.Context(), query, args...)
		return err
	})
}

// Watcher is one that the next Watch takes, in place of one of its own.
func Watcher(t *testing.T) *fsnotify.Watcher {
	t.Helper()
	w, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	newWatcher = func() (*fsnotify.Watcher, error) { return w, nil }
	t.Cleanup(func() { newWatcher = fsnotify.NewWatcher })
	return w
}

// Feed has the watcher receive nothing from the kernel; each call of the result is a write to the database at path.
func Feed(w *fsnotify.Watcher, path string) (written func()) {
	events := make(chan fsnotify.Event)
	w.Events, w.Errors = events, make(chan error)
	return func() { events <- fsnotify.Event{Name: path + "-wal", Op: fsnotify.Write} }
}

// ReplayQuery is how Replay looks for receipts.
func ReplayQuery(f ReplayFilter) (string, []any) {
	where, args := f.where()
	return `SELECT id FROM receipts WHERE ` + where + ` ORDER BY id LIMIT 10`, args
}
