package store

import (
	"context"
	"database/sql"
	"sync"
)

// maxPreparedStatements bounds how many prepared statements a connection pool keeps: a list of parameters makes a statement for each length.
const maxPreparedStatements = 120

// prepared keeps the prepared statements of one pool, by their text. Parsing a statement costs more than running most of them.
type prepared struct {
	db *sql.DB

	mu     sync.Mutex
	known  map[string]*sql.Stmt
	wanted []string // to be prepared: the transaction that asked for them holds the connection that they are prepared on
}

func newPrepared(db *sql.DB) *prepared { return &prepared{db: db, known: map[string]*sql.Stmt{}} }

// get returns the prepared statement, or nil if it is not prepared yet.
func (p *prepared) get(query string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	stmt := p.known[query]
	if stmt == nil && len(p.known)+len(p.wanted) < maxPreparedStatements {
		p.wanted = append(p.wanted, query)
	}
	return stmt
}

// prepare prepares the wanted statements. One that cannot be prepared is run as text, and wanted again.
func (p *prepared) prepare(ctx context.Context) {
	p.mu.Lock()
	wanted := p.wanted
	p.wanted = nil
	p.mu.Unlock()
	for _, query := range wanted {
		stmt, err := p.db.PrepareContext(ctx, query)
		if err != nil {
			return
		}
		p.mu.Lock()
		if p.known[query] == nil {
			p.known[query], stmt = stmt, nil
		}
		p.mu.Unlock()
		if stmt != nil {
			_ = stmt.Close() // another transaction has prepared it meanwhile
		}
	}
}

// transaction is a transaction that uses the prepared statements of its pool.
type transaction struct {
	*sql.Tx
	prepared *prepared
}

// ExecContext runs a statement that returns no rows.
func (t transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if stmt := t.prepared.get(query); stmt != nil {
		return t.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

// QueryContext runs a statement that returns rows.
func (t transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := t.prepared.get(query); stmt != nil {
		return t.StmtContext(ctx, stmt).QueryContext(ctx, args...)
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a statement that returns one row.
func (t transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := t.prepared.get(query); stmt != nil {
		return t.StmtContext(ctx, stmt).QueryRowContext(ctx, args...)
	}
	return t.Tx.QueryRowContext(ctx, query, args...)
}
