package store

import (
	"context"
	"fmt"
	"time"
)

// Ages holds since when work waits; zero = no such work waits.
type Ages struct {
	Receipt time.Time // arrival of the oldest receipt that is not processed
	Message time.Time // the earliest time at which a waiting message is due; may be in the future
	Look    time.Time // the earliest time at which an order is due to be looked at; may be in the future
}

// Ages returns since when the oldest work waits.
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
				return fmt.Errorf("finding the oldest waiting work: %w", err)
			}
			if look.into.IsZero() || (!at.IsZero() && at.Before(*look.into)) {
				*look.into = at
			}
		}
		return nil
	})
	return a, err
}
