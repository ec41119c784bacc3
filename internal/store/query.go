package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// collect reads all rows and sorts them if compare is set: RETURNING guarantees no order.
func collect[T any](rows *sql.Rows, read func(scan func(...any) error) (T, error), compare func(a, b T) int) (all []T, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := read(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("reading a row: %w", err)
		}
		all = append(all, one)
	}
	if compare != nil {
		slices.SortFunc(all, compare)
	}
	return all, rows.Err()
}

// due reports whether the query finds a row. It uses a reader: an idle worker must never take the write lock.
func (s *Store) due(ctx context.Context, query string, now time.Time, more ...any) (bool, error) {
	var one int
	err := s.read.QueryRowContext(ctx, query, append([]any{toMillis(now)}, more...)...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// maxParameters bounds the parameters of one statement; SQLite takes 32,766 and PostgreSQL 65,535.
const maxParameters = 500

// list returns the right side of an IN with its parameters. It repeats the last value up to a power of two, so that lists of all
// lengths make few statements, which can be prepared.
func list[T any](values []T) (marks string, args []any) {
	for _, v := range values {
		args = append(args, v)
	}
	for len(args) > 0 && len(args)&(len(args)-1) != 0 {
		args = append(args, args[len(args)-1])
	}
	return "(" + strings.TrimSuffix(strings.Repeat("?, ", len(args)), ", ") + ")", args
}

// texts reads a column of strings.
func (tx *Tx) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	return column[string](ctx, tx, query, args)
}

// numbers reads a column of integers.
func (tx *Tx) numbers(ctx context.Context, query string, args ...any) ([]int64, error) {
	return column[int64](ctx, tx, query, args)
}

func column[T any](ctx context.Context, tx *Tx, query string, args []any) ([]T, error) {
	rows, err := tx.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(scan func(...any) error) (value T, err error) {
		return value, scan(&value)
	}, nil)
}

// ids reads a column of ids outside of a transaction: an idle worker must never take the write lock.
func (s *Store) ids(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(scan func(...any) error) (id int64, err error) {
		return id, scan(&id)
	}, nil)
}
