package store

import (
	"context"
	"fmt"
	"time"
)

// Ages says since when work waits; a zero time means that none does.
type Ages struct {
	Receipt time.Time // the arrival of the oldest receipt that is not worked off
	Message time.Time // when the message was due that should have gone longest ago; it may lie ahead
	Look    time.Time // when the look was due that should have been taken longest ago; it may lie ahead
}

// Ages looks for the oldest work.
func (s *Store) Ages(ctx context.Context) (a Ages, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		for _, look := range []struct {
			into  *time.Time
			query string
		}{
			{&a.Receipt, oldestFresh},
			{&a.Receipt, `SELECT min(received_at) FROM receipts WHERE state = 'New' AND due_at > 0`},
			{&a.Receipt, `SELECT received_at FROM receipts WHERE id = (SELECT min(receipt_id) FROM parked)`},
			{&a.Message, `SELECT min(not_before) FROM messages WHERE state IN ('Waiting', 'Sending', 'Queued', 'Handing')`},
			{&a.Look, `SELECT min(next_look) FROM order_state WHERE next_look > 0`},
		} {
			at, err := tx.instant(ctx, look.query)
			if err != nil {
				return fmt.Errorf("looking for the oldest work: %w", err)
			}
			if look.into.IsZero() || (!at.IsZero() && at.Before(*look.into)) {
				*look.into = at
			}
		}
		return nil
	})
	return a, err
}
