package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Ages says since when work waits; a zero time means that none does.
type Ages struct {
	Receipt time.Time // the arrival of the oldest receipt that is not worked off
	Message time.Time // when the message was due that should have gone longest ago; it may lie ahead
}

// Ages looks for the oldest work.
func (s *Store) Ages(ctx context.Context) (a Ages, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		row := tx.tx.QueryRowContext(ctx, `SELECT (SELECT min(received_at) FROM receipts WHERE state = 'New'),
			(SELECT min(not_before) FROM messages WHERE state IN ('Waiting', 'Sending'))`)
		var receipt, message sql.NullInt64
		if err := row.Scan(&receipt, &message); err != nil {
			return fmt.Errorf("looking for the oldest work: %w", err)
		}
		if receipt.Valid {
			a.Receipt = fromMillis(receipt.Int64)
		}
		if message.Valid {
			a.Message = fromMillis(message.Int64)
		}
		return nil
	})
	return a, err
}
