package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Receipt is one webhook as it arrived, verified but not understood. It may hold personal data: never log it.
type Receipt struct {
	ID         int64
	Source     string // name of the bundle.Source
	DedupeKey  string // the sender's delivery id or a hash of the content; unique within the source
	Header     map[string]string
	Body       []byte
	ReceivedAt time.Time
}

// ReceiptState is how far a receipt has come.
type ReceiptState string

// The states of a receipt.
const (
	ReceiptNew         ReceiptState = "New"
	ReceiptDone        ReceiptState = "Done"
	ReceiptIgnored     ReceiptState = "Ignored"     // understood, and of no interest
	ReceiptQuarantined ReceiptState = "Quarantined" // not understood; kept for a replay after a fix
)

const (
	appendSQL = `INSERT INTO receipts (source, dedupe_key, header, body, received_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (source, dedupe_key) DO NOTHING`
	touchSQL = `INSERT INTO sources (name, received_at) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET received_at = excluded.received_at,
			longest_pause = max(sources.longest_pause, excluded.received_at - sources.received_at)
		WHERE excluded.received_at > sources.received_at`
)

// AppendReceipt stores a receipt durably: when it returns without an error, the receipt survives a crash.
// It is not fresh when the source has sent the same DedupeKey before; then nothing is stored.
func (s *Store) AppendReceipt(ctx context.Context, r Receipt) (fresh bool, err error) {
	header, err := json.Marshal(r.Header)
	if err != nil {
		return false, fmt.Errorf("encoding the receipt's header: %w", err)
	}
	err = s.Update(ctx, func(tx *Tx) error {
		result, err := tx.tx.StmtContext(ctx, s.append).ExecContext(ctx, r.Source, r.DedupeKey, string(header), r.Body, millis(r.ReceivedAt))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if fresh = n == 1; err != nil || !fresh {
			return err
		}
		_, err = tx.tx.StmtContext(ctx, s.touch).ExecContext(ctx, r.Source, millis(r.ReceivedAt))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("storing a receipt of %s: %w", r.Source, err)
	}
	return fresh, nil
}

// ReceiptClaim is a receipt that this worker alone may finish until its lease ends.
type ReceiptClaim struct {
	Receipt
	Attempt int // starts at 1; fences out a worker whose lease has ended
}

// Which receipts are claimed together. One that was claimed before may be what ended its worker: it comes after all that is
// fresh, the least tried first, and alone, so that it takes no other with it.
const (
	freshReceipts = `FROM receipts WHERE state = 'New' AND attempts = 0 AND due_at <= ? ORDER BY id LIMIT ?`
	triedReceipts = `FROM receipts WHERE state = 'New' AND attempts > 0 AND due_at <= ? ORDER BY attempts, due_at, id LIMIT min(1, ?)`
)

// ClaimReceipts leases up to limit fresh receipts, the oldest first; when there is none, one that was claimed before and is due.
func (s *Store) ClaimReceipts(ctx context.Context, now time.Time, lease time.Duration, limit int) ([]ReceiptClaim, error) {
	for _, which := range []string{freshReceipts, triedReceipts} {
		if claims, err := s.claimReceipts(ctx, which, now, lease, limit); err != nil || len(claims) > 0 {
			return claims, err
		}
	}
	return nil, nil
}

func (s *Store) claimReceipts(ctx context.Context, which string, now time.Time, lease time.Duration, limit int) ([]ReceiptClaim, error) {
	if due, err := s.due(ctx, `SELECT 1 `+which, now, 1); err != nil || !due {
		return nil, err
	}
	rows, err := s.write.QueryContext(ctx, `UPDATE receipts SET attempts = attempts + 1, due_at = ? WHERE id IN (SELECT id `+which+`)
		RETURNING id, source, dedupe_key, header, body, received_at, attempts`, millis(now.Add(lease)), millis(now), limit)
	if err != nil {
		return nil, fmt.Errorf("claiming receipts: %w", err)
	}
	return collect(rows, func(scan func(...any) error) (ReceiptClaim, error) {
		var c ReceiptClaim
		var header string
		var received int64
		err := scan(&c.ID, &c.Source, &c.DedupeKey, &header, &c.Body, &received, &c.Attempt)
		if err != nil {
			return c, err
		}
		c.ReceivedAt = fromMillis(received)
		return c, json.Unmarshal([]byte(header), &c.Header)
	}, func(a, b ReceiptClaim) int { return int(a.ID - b.ID) })
}

// FinishReceipt ends a claim. The problem says what is wrong, never what the payload holds.
// It returns ErrLost when another worker has claimed the receipt meanwhile.
func (tx *Tx) FinishReceipt(ctx context.Context, c ReceiptClaim, state ReceiptState, problem string) error {
	return must(tx.tx.ExecContext(ctx, `UPDATE receipts SET state = ?, problem = ? WHERE id = ? AND attempts = ? AND state = 'New'`,
		string(state), problem, c.ID, c.Attempt))
}

// RetryReceipt gives a claim back until the given instant.
func (tx *Tx) RetryReceipt(ctx context.Context, c ReceiptClaim, at time.Time, problem string) error {
	return must(tx.tx.ExecContext(ctx, `UPDATE receipts SET due_at = ?, problem = ? WHERE id = ? AND attempts = ? AND state = 'New'`,
		millis(at), problem, c.ID, c.Attempt))
}
