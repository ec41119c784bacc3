package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// LookClaim is an order whose due look this worker has leased. A look evaluates an order because time has passed.
type LookClaim struct {
	OrderID string
	Attempt int // counts claims, starts at 1; fences out a worker whose lease has ended
}

// ClaimLooks leases up to limit orders whose next look is due, the longest due first. The lease is at most LongestLease.
func (s *Store) ClaimLooks(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]LookClaim, error) {
	const free = `next_look > 0 AND next_look <= ? AND (look_lease <= ? OR look_lease > ?)`
	at, latest := toMillis(now), toMillis(now.Add(LongestLease))
	if due, err := s.due(ctx, `SELECT 1 FROM order_state WHERE `+free+` LIMIT 1`, now, at, latest); err != nil || !due {
		return nil, err
	}
	rows, err := s.write.QueryContext(ctx, `UPDATE order_state SET look_claims = look_claims + 1, look_lease = ?
		WHERE order_id IN (SELECT order_id FROM order_state WHERE `+free+` ORDER BY next_look, order_id LIMIT ?)
		RETURNING order_id, look_claims`, toMillis(now.Add(min(lease, LongestLease))), at, at, latest, limit)
	if err != nil {
		return nil, s.failed(fmt.Errorf("claiming looks: %w", err))
	}
	claims, err := collect(rows, func(scan func(...any) error) (c LookClaim, err error) {
		return c, scan(&c.OrderID, &c.Attempt)
	}, nil)
	return claims, s.failed(err)
}

// FinishLook ends a claim; PutOrder sets in the same transaction when the next look is due. It returns ErrLost if another worker has
// claimed the look meanwhile.
func (tx *Tx) FinishLook(ctx context.Context, c LookClaim) error {
	return fenced(tx.tx.ExecContext(ctx, `UPDATE order_state SET look_lease = 0 WHERE order_id = ? AND look_claims = ? AND look_lease > 0`, c.OrderID, c.Attempt))
}

// NextDue returns the earliest time at which a look, a message or a receipt is due, which may be past; zero = nothing waits. A receipt
// that was never tried is due when it was received.
func (s *Store) NextDue(ctx context.Context) (next time.Time, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		for _, query := range []string{
			`SELECT min(next_look) FROM order_state WHERE next_look > 0`,
			`SELECT min(not_before) FROM messages WHERE state IN ('Waiting', 'Sending', 'Queued', 'Handing')`,
			`SELECT min(due_at) FROM receipts WHERE state = 'New' AND due_at > 0`,
			`SELECT received_at FROM (` + oldestFresh + `) AS fresh`,
		} {
			at, err := tx.instant(ctx, query)
			if err != nil {
				return fmt.Errorf("finding what is due next: %w", err)
			}
			if next.IsZero() || (!at.IsZero() && at.Before(next)) {
				next = at
			}
		}
		return nil
	})
	return next, err
}

// instant reads one time; zero = the query finds none.
func (tx *Tx) instant(ctx context.Context, query string, args ...any) (time.Time, error) {
	times, err := column[sql.NullInt64](ctx, tx, query, args)
	if err != nil || len(times) == 0 {
		return time.Time{}, err
	}
	return fromMillis(times[0].Int64), nil
}

// StaleOrders returns up to limit ids, after the given one, of orders that were last evaluated under another bundle.
func (s *Store) StaleOrders(ctx context.Context, bundleHash, after string, limit int) (ids []string, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		for hash := ""; ; { // one bundle at a time, so that the orders of bundleHash are not read
			if hash != bundleHash {
				more, err := tx.texts(ctx, `SELECT order_id FROM order_state WHERE merged_into = '' AND bundle_hash = ? AND order_id > ? ORDER BY order_id LIMIT ?`, hash, after, limit)
				if err != nil {
					return fmt.Errorf("looking for orders of other bundles: %w", err)
				}
				ids = append(ids, more...)
			}
			next, err := column[sql.NullString](ctx, tx, `SELECT min(bundle_hash) FROM order_state WHERE merged_into = '' AND bundle_hash > ?`, []any{hash})
			if err != nil {
				return fmt.Errorf("looking for orders of other bundles: %w", err)
			}
			if len(next) == 0 || !next[0].Valid {
				return nil
			}
			hash = next[0].String
		}
	})
	slices.Sort(ids)
	return ids[:min(limit, len(ids))], err
}
