package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// collect reads all rows; RETURNING promises no order, so they are sorted when compare is given.
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

// due asks a reader first: an idle worker must never take the write lock.
func (s *Store) due(ctx context.Context, query string, now time.Time, more ...any) (bool, error) {
	var one int
	err := s.read.QueryRowContext(ctx, query, append([]any{millis(now)}, more...)...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
