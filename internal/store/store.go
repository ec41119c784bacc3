package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"modernc.org/sqlite" // and the database/sql driver "sqlite"
)

// FileName is the database's name within the Shop's volume.
const FileName = "wismo.db"

// ErrNotFound is returned if nothing is stored under that name.
var ErrNotFound = errors.New("not found")

// ErrLost is returned if another worker has taken over the claim: the work must be dropped.
var ErrLost = errors.New("the lease was lost to another worker")

// Options are the options of Open.
type Options struct {
	Path string // of the SQLite file; its directory must exist
}

// Store is one Shop's database. It is safe for concurrent use, by several processes too.
type Store struct {
	path  string
	write *sql.DB // one connection: SQLite has one writer, and queueing here is fairer than its busy handler
	read  *sql.DB
	lock  *writeLock

	writing, reading *prepared // their statements

	writeFailing atomic.Bool // the last write failed because of the database or the disk
}

// Durable (synchronous=FULL) because a webhook is acknowledged after its commit; immediate because a deferred
// transaction that turns into a writer fails under a second process, whatever the busy timeout.
const (
	pragmas  = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-1000)&_pragma=journal_size_limit(4194304)"
	writeDSN = "?_txlock=immediate&" + pragmas
	readDSN  = "?_txlock=deferred&" + pragmas + "&_pragma=query_only(1)"
)

// Open opens the database, creates it when it is absent and brings its schema up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", o.Path, err)
	}
	s := &Store{path: path}
	if s.write, err = pool("file:"+path+writeDSN, 1); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database %s: %w", o.Path, err), s.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if err := migrate(ctx, s.write, s.path+".lock"); err != nil {
		return err
	}
	var err error
	if s.read, err = pool("file:"+s.path+readDSN, 2); err != nil {
		return err
	}
	s.writing, s.reading = newPrepared(s.write), newPrepared(s.read)
	s.lock, err = openWriteLock(s.path + ".lock")
	return err
}

func pool(dsn string, size int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// Close releases the database.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.file.Close())
	}
	return errors.Join(errs...)
}

// Ping returns an error if the database cannot be read.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.read.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM sources LIMIT 1)").Scan(&one)
}

// Tx is one transaction: all of it is stored, or nothing.
type Tx struct{ tx transaction }

// Update runs do in one durable transaction. It is rolled back when do returns an error.
func (s *Store) Update(ctx context.Context, do func(*Tx) error) error {
	begin := func() (*sql.Tx, error) {
		s.lock.lock()
		defer s.lock.unlock()
		return s.write.BeginTx(ctx, nil)
	}
	return s.failed(inTx(ctx, s.writing, begin, do))
}

// failed records for Watch whether a write failed because of the database.
func (s *Store) failed(err error) error {
	var engine *sqlite.Error
	s.writeFailing.Store(errors.As(err, &engine))
	return err
}

// View runs do on one consistent state of the database; it cannot write.
func (s *Store) View(ctx context.Context, do func(*Tx) error) error {
	return inTx(ctx, s.reading, func() (*sql.Tx, error) { return s.read.BeginTx(ctx, nil) }, do)
}

func inTx(ctx context.Context, pool *prepared, begin func() (*sql.Tx, error), do func(*Tx) error) (err error) {
	pool.prepare(ctx)
	tx, err := begin()
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	// After a panic too: an open transaction blocks the only writing connection, and with it the webhooks of every process.
	defer func() { err = errors.Join(err, ignoreDone(tx.Rollback())) }()
	if err := do(&Tx{transaction{tx, pool}}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing a transaction: %w", err)
	}
	return nil
}

// ignoreDone drops the error that the transaction has ended already, by its commit or by its context.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// fenced returns ErrLost if the write, which is fenced by a claim, has changed no row.
func fenced(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return ErrLost
	}
	return err
}

func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
