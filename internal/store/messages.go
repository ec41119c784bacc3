package store

import (
	"context"
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Message is one thing to be told of one order, on one channel, at most once.
type Message struct {
	ID        int64
	OrderID   string
	Occasion  tracking.Occasion
	Parcel    string // tracking.ParcelKey where each parcel is told of separately; "" = once an order
	About     string // tracking.ParcelKey of the parcel it happened to; "" = the order as a whole
	Channel   string
	Level     string
	At        time.Time // when it happened, by the carrier's clock
	Heard     time.Time // when wismo learned of it
	NotBefore time.Time
	State     MessageState
	Attempt   int // starts at 1; fences out a worker whose lease has ended
	Finished  time.Time
	Problem   string
}

// MessageState is how far a message has come.
type MessageState string

// The states of a message.
const (
	MessageWaiting    MessageState = "Waiting"
	MessageSending    MessageState = "Sending"
	MessageSent       MessageState = "Sent"
	MessageFailed     MessageState = "Failed"
	MessageSuperseded MessageState = "Superseded" // newer news has made it stale
	MessageSuppressed MessageState = "Suppressed" // it may no longer be told
)

const messageColumns = `id, order_id, occasion, parcel, about, channel, level, occurred_at, heard_at, not_before, state, attempts, finished_at, problem`

func scanMessage(scan func(...any) error) (Message, error) {
	var m Message
	var at, heard, notBefore, finished int64
	err := scan(&m.ID, &m.OrderID, &m.Occasion, &m.Parcel, &m.About, &m.Channel, &m.Level, &at, &heard, &notBefore, &m.State, &m.Attempt, &finished, &m.Problem)
	m.At, m.Heard, m.NotBefore, m.Finished = fromMillis(at), fromMillis(heard), fromMillis(notBefore), fromMillis(finished)
	return m, err
}

// QueueMessage adds a waiting message; it is not fresh when the same has been queued before, whatever became of it.
func (tx *Tx) QueueMessage(ctx context.Context, m Message) (fresh bool, err error) {
	result, err := tx.tx.ExecContext(ctx, `INSERT INTO messages (order_id, occasion, parcel, about, channel, level, occurred_at, heard_at, not_before)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id, occasion, channel, parcel) DO NOTHING`,
		m.OrderID, string(m.Occasion), m.Parcel, m.About, m.Channel, m.Level, millis(m.At), millis(m.Heard), millis(m.NotBefore))
	if err != nil {
		return false, fmt.Errorf("queueing a message: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Messages lists all messages of an order, the oldest first.
func (tx *Tx) Messages(ctx context.Context, orderID string) ([]Message, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT `+messageColumns+` FROM messages WHERE order_id = ? ORDER BY id`, orderID)
	if err != nil {
		return nil, fmt.Errorf("reading messages: %w", err)
	}
	return collect(rows, scanMessage, nil)
}

// ClaimMessages leases up to limit messages that are due, the oldest first. A message whose worker died while sending is due
// again when its lease ends.
func (s *Store) ClaimMessages(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]Message, error) {
	const due = `state IN ('Waiting', 'Sending') AND not_before <= ?`
	if any, err := s.due(ctx, `SELECT 1 FROM messages WHERE `+due+` LIMIT 1`, now); err != nil || !any {
		return nil, err
	}
	rows, err := s.write.QueryContext(ctx, `UPDATE messages SET state = 'Sending', attempts = attempts + 1, not_before = ?
		WHERE id IN (SELECT id FROM messages WHERE `+due+` ORDER BY not_before, id LIMIT ?)
		RETURNING `+messageColumns, millis(now.Add(lease)), millis(now), limit)
	if err != nil {
		return nil, fmt.Errorf("claiming messages: %w", err)
	}
	return collect(rows, scanMessage, func(a, b Message) int { return int(a.ID - b.ID) })
}

// FinishMessage ends a claim for good. It returns ErrLost when another worker has claimed the message meanwhile.
func (tx *Tx) FinishMessage(ctx context.Context, m Message, state MessageState, at time.Time, problem string) error {
	return must(tx.tx.ExecContext(ctx, `UPDATE messages SET state = ?, finished_at = ?, problem = ?
		WHERE id = ? AND attempts = ? AND state = 'Sending'`, string(state), millis(at), problem, m.ID, m.Attempt))
}

// DeferMessage gives a claim back until the given instant. The attempt stays counted.
func (tx *Tx) DeferMessage(ctx context.Context, m Message, until time.Time, problem string) error {
	return must(tx.tx.ExecContext(ctx, `UPDATE messages SET state = 'Waiting', not_before = ?, problem = ?
		WHERE id = ? AND attempts = ? AND state = 'Sending'`, millis(until), problem, m.ID, m.Attempt))
}
