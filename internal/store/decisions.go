package store

import (
	"context"
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Decision is one verdict with its reason, stored so that support staff can explain it.
type Decision struct {
	OrderID   string
	Occasion  tracking.Occasion
	Subject   tracking.Subject
	Instance  string
	Role      tracking.RecipientRole // of the recipient; "" = the buyer
	Asked     string                 // AtQueue or AtSend
	At        time.Time
	Verdict   string
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
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO decisions (order_id, occasion, parcel, asked, at, action, channel, not_before, rule, words,
			subject, instance, recipient_role) VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, d.OrderID, string(d.Occasion), d.Asked, toMillis(d.At),
		d.Verdict, d.Channel, toMillis(d.NotBefore), d.Rule, d.Words, d.Subject.String(), d.Instance, string(d.Role))
	if err != nil {
		return fmt.Errorf("storing a decision: %w", err)
	}
	return nil
}

// Decisions returns the decisions on an order, the oldest first.
func (tx *Tx) Decisions(ctx context.Context, orderID string) ([]Decision, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT order_id, occasion, parcel, subject, instance, recipient_role, asked, at, action, channel,
		not_before, rule, words FROM decisions WHERE order_id = ? ORDER BY id`, orderID)
	if err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	return collect(rows, func(scan func(...any) error) (Decision, error) {
		var d Decision
		var parcel, subject string
		var at, notBefore int64
		err := scan(&d.OrderID, &d.Occasion, &parcel, &subject, &d.Instance, &d.Role, &d.Asked, &at, &d.Verdict, &d.Channel, &notBefore, &d.Rule, &d.Words)
		d.At, d.NotBefore, d.Subject = fromMillis(at), fromMillis(notBefore), subjectOf(subject, parcel)
		return d, err
	}, nil)
}
