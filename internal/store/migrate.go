package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// reader is the number of this version as a reader of the database. A migration with which an older version cannot work raises
// schema_readable.min_reader above that version's number.
const reader = 2

// migrate brings the schema up to date. The file lock keeps two processes that start together from doing it twice; the kernel releases
// it with the process, however that ends.
func migrate(ctx context.Context, db *sql.DB, lockPath string) (err error) {
	lock, err := os.OpenFile(lockPath, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking %s: %w", lockPath, err)
	}
	if err := readable(ctx, db); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithVerbose(false))
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating the schema: %w", err)
	}
	return nil
}

// readable refuses a database whose schema is too new for this version.
func readable(ctx context.Context, db *sql.DB) error {
	var known, least int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_readable'`).Scan(&known)
	if err != nil || known == 0 {
		return err
	}
	if err := db.QueryRowContext(ctx, `SELECT COALESCE(max(min_reader), 0) FROM schema_readable`).Scan(&least); err != nil {
		return fmt.Errorf("reading which versions may open it: %w", err)
	}
	if least > reader {
		return fmt.Errorf("a newer version of wismo has migrated it to storage format %d, and this version reads up to format %d: run the newer version again", least, reader)
	}
	return nil
}
