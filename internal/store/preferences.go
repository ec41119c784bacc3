package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Kinds of subjects that a preference is kept for.
const (
	ofOrder   = "order"
	ofAddress = "address"
)

// Unsubscribe records that the order's shopper wants no more routine news of this Shop: for this order, and for every
// other order under the same mail address, which is kept as a hash only. Asking twice changes nothing.
// It returns ErrNotFound for an order that is not there.
func (s *Store) Unsubscribe(ctx context.Context, orderID string, at time.Time) error {
	return s.Update(ctx, func(tx *Tx) error {
		order, err := tx.Order(ctx, orderID)
		if err != nil {
			return err
		}
		for kind, subject := range subjects(order) {
			_, err := tx.tx.ExecContext(ctx, `INSERT INTO preferences (kind, subject, unsubscribed_at) VALUES (?, ?, ?)
				ON CONFLICT (kind, subject) DO NOTHING`, kind, subject, millis(at))
			if err != nil {
				return fmt.Errorf("storing a preference: %w", err)
			}
		}
		return nil
	})
}

// Unsubscribed says whether the order's shopper has asked for no more routine news.
func (tx *Tx) Unsubscribed(ctx context.Context, order *tracking.Order) (bool, error) {
	var n int
	of := subjects(order)
	err := tx.tx.QueryRowContext(ctx, `SELECT count(*) FROM preferences WHERE (kind = ? AND subject = ?) OR (kind = ? AND subject = ?)`,
		ofOrder, of[ofOrder], ofAddress, of[ofAddress]).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("reading preferences: %w", err)
	}
	return n > 0, nil
}

func subjects(order *tracking.Order) map[string]string {
	of := map[string]string{ofOrder: order.ID}
	if address := strings.ToLower(strings.TrimSpace(order.Customer.Email)); address != "" {
		sum := sha256.Sum256([]byte(address))
		of[ofAddress] = hex.EncodeToString(sum[:])
	}
	return of
}
