package store

import (
	"context"
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Decision is one answer to "may this shopper be told this, now?", kept so that a support agent can explain it.
type Decision struct {
	OrderID   string
	Occasion  tracking.Occasion
	Parcel    string
	Asked     string // AtQueue or AtSend
	At        time.Time
	Action    string
	Channel   string
	NotBefore time.Time
	Rule      string
	Words     string
}

// When a decision was asked for.
const (
	AtQueue = "Queue"
	AtSend  = "Send"
)

// RecordDecision stores a decision.
func (tx *Tx) RecordDecision(ctx context.Context, d Decision) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO decisions (order_id, occasion, parcel, asked, at, action, channel, not_before, rule, words)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, d.OrderID, string(d.Occasion), d.Parcel, d.Asked, millis(d.At), d.Action, d.Channel,
		millis(d.NotBefore), d.Rule, d.Words)
	if err != nil {
		return fmt.Errorf("storing a decision: %w", err)
	}
	return nil
}

// Decisions lists what has been decided for an order, the oldest first.
func (tx *Tx) Decisions(ctx context.Context, orderID string) ([]Decision, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT order_id, occasion, parcel, asked, at, action, channel, not_before, rule, words
		FROM decisions WHERE order_id = ? ORDER BY id`, orderID)
	if err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	return collect(rows, func(scan func(...any) error) (Decision, error) {
		var d Decision
		var at, notBefore int64
		err := scan(&d.OrderID, &d.Occasion, &d.Parcel, &d.Asked, &at, &d.Action, &d.Channel, &notBefore, &d.Rule, &d.Words)
		d.At, d.NotBefore = fromMillis(at), fromMillis(notBefore)
		return d, err
	}, nil)
}
