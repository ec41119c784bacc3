package store

import (
	"database/sql"
	"errors"
	"io/fs"
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

// RoomLeft judges sizes in bytes.
var RoomLeft = roomLeft
