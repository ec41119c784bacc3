package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Receipt is one webhook as it arrived, verified but not parsed. It may hold personal data: never log it.
type Receipt struct {
	ID         int64
	Source     string // name of the bundle.Source
	DedupeKey  string // the sender's delivery id or a hash of the content; unique within the source
	Header     map[string]string
	Body       []byte
	ReceivedAt time.Time
}

// ReceiptState is the state of a receipt.
type ReceiptState string

// The states of a receipt.
const (
	ReceiptNew         ReceiptState = "New"
	ReceiptWaiting     ReceiptState = "Waiting" // the process that found it did not know its source
	ReceiptDone        ReceiptState = "Done"
	ReceiptIgnored     ReceiptState = "Ignored"     // the mapping ignores it
	ReceiptQuarantined ReceiptState = "Quarantined" // cannot be read with its definition; Replay tries again
)

// generation is stored with each receipt that this version has processed; the previous version leaves 0.
const generation = 1

const (
	appendSQL = `INSERT INTO receipts (source, dedupe_key, header, body, received_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (source, dedupe_key) DO NOTHING`
	touchSQL = `INSERT INTO sources (name, received_at) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET received_at = excluded.received_at,
			longest_pause = max(sources.longest_pause, excluded.received_at - sources.received_at)
		WHERE excluded.received_at > sources.received_at`
)

// AppendReceipt stores a receipt durably: when it returns without an error, the receipt survives a crash. It stores nothing, and fresh
// is false, if the source has sent the same DedupeKey before.
func (s *Store) AppendReceipt(ctx context.Context, r Receipt) (fresh bool, err error) {
	header, err := json.Marshal(r.Header)
	if err != nil {
		return false, fmt.Errorf("encoding the receipt's header: %w", err)
	}
	err = s.Update(ctx, func(tx *Tx) error {
		result, err := tx.tx.ExecContext(ctx, appendSQL, r.Source, r.DedupeKey, string(header), r.Body, toMillis(r.ReceivedAt))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if fresh = n == 1; err != nil || !fresh {
			return err
		}
		_, err = tx.tx.ExecContext(ctx, touchSQL, r.Source, toMillis(r.ReceivedAt))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("storing a receipt of %s: %w", r.Source, err)
	}
	return fresh, nil
}

// ReceiptClaim is a receipt that this worker has leased.
type ReceiptClaim struct {
	Receipt
	Attempt    int // counts claims, starts at 1; fences out a worker whose lease has ended
	Tries      int // earlier attempts that failed because of the receipt itself
	Unfinished int // earlier claims that were neither finished nor released: the worker ended, maybe because of this receipt
	Replay     bool
	Muted      bool // the replay tells shoppers nothing

	latest int64 // unix milliseconds: the latest time until which RetryReceipt may defer it
}

// Queries of the receipts that are claimed together. A receipt that was claimed before may have crashed its worker: it is claimed
// after all fresh ones, and alone.
const (
	freshReceipts  = `SELECT id, source FROM receipts WHERE state = 'New' AND due_at = 0 ORDER BY id LIMIT ?`
	parkedReceipts = `SELECT receipt_id FROM parked WHERE source = ? ORDER BY receipt_id LIMIT ?`
	triedReceipts  = `SELECT id, source FROM receipts WHERE state = 'New' AND due_at > 0 AND due_at <= ? ORDER BY due_at, id LIMIT ?`
	// tooFarAheadReceipts are due later than any lease may end, so the clock was set back.
	tooFarAheadReceipts = `SELECT id, source FROM receipts WHERE state = 'New' AND due_at > ? ORDER BY due_at, id LIMIT ?`
	oldestFresh         = `SELECT received_at FROM receipts WHERE state = 'New' AND due_at = 0 ORDER BY id LIMIT 1`
)

// parkBatch bounds how many receipts of unknown sources are set aside in one transaction.
const parkBatch = 500

// ClaimReceipts leases up to limit fresh receipts of the given sources, the oldest first; if there is none, one that was claimed before
// and is due. Receipts of other sources wait for a process that knows them. The lease is at most LongestLease.
func (s *Store) ClaimReceipts(ctx context.Context, now time.Time, lease time.Duration, limit int, sources []string) ([]ReceiptClaim, error) {
	c := claiming{s: s, sources: sources, limit: limit, now: toMillis(now), latest: toMillis(now.Add(LongestLease)), until: toMillis(now.Add(min(lease, LongestLease)))}
	ids, err := c.fresh(ctx)
	if err == nil && len(ids) == 0 {
		c.limit = 1
		if ids, err = c.known(ctx, triedReceipts, c.now); err == nil && len(ids) == 0 {
			ids, err = c.known(ctx, tooFarAheadReceipts, c.latest)
		}
	}
	if err != nil {
		return nil, s.failed(fmt.Errorf("finding receipts to claim: %w", err))
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return c.claim(ctx, ids)
}

// claiming is one call of ClaimReceipts.
type claiming struct {
	s                  *Store
	sources            []string
	limit              int
	now, latest, until int64 // unix milliseconds: the time of the call, the latest valid end of a lease, the end of this one
}

// fresh finds receipts that were never claimed, or that waited for a process that knows their source.
func (c *claiming) fresh(ctx context.Context) ([]int64, error) {
	ids, err := c.known(ctx, freshReceipts)
	if err != nil {
		return nil, err
	}
	if waiting, err := c.s.ids(ctx, `SELECT receipt_id FROM parked LIMIT 1`); err != nil || len(waiting) == 0 {
		return ids, err
	}
	for _, source := range c.sources {
		parked, err := c.s.ids(ctx, parkedReceipts, source, c.limit)
		if err != nil {
			return nil, err
		}
		ids = append(ids, parked...)
	}
	slices.Sort(ids)
	return ids[:min(c.limit, len(ids))], nil
}

// known finds receipts of known sources, and parks those of other sources that are before them.
func (c *claiming) known(ctx context.Context, query string, args ...any) (ids []int64, err error) {
	for limit := c.limit; ; limit = parkBatch {
		var strange []int64
		if ids, strange, err = c.sort(ctx, query, append(slices.Clone(args), limit)); err != nil {
			return nil, err
		}
		if err := c.park(ctx, strange); err != nil {
			return nil, err
		}
		if len(ids) > 0 || len(strange) == 0 {
			return ids[:min(c.limit, len(ids))], nil
		}
	}
}

// sort separates receipts of known sources from those of others.
func (c *claiming) sort(ctx context.Context, query string, args []any) (known, strange []int64, err error) {
	rows, err := c.s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	type found struct {
		id     int64
		source string
	}
	all, err := collect(rows, func(scan func(...any) error) (f found, err error) {
		return f, scan(&f.id, &f.source)
	}, nil)
	for _, f := range all {
		if slices.Contains(c.sources, f.source) {
			known = append(known, f.id)
		} else {
			strange = append(strange, f.id)
		}
	}
	return known, strange, err
}

func (c *claiming) park(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	among, args := list(ids)
	return c.s.Update(ctx, func(tx *Tx) error {
		_, err := tx.tx.ExecContext(ctx, `INSERT INTO parked (receipt_id, source) SELECT id, source FROM receipts WHERE id IN `+among+` AND state = 'New'`, args...)
		if err != nil {
			return err
		}
		_, err = tx.tx.ExecContext(ctx, `UPDATE receipts SET state = 'Waiting' WHERE id IN `+among+` AND state = 'New'`, args...)
		return err
	})
}

// claim leases the receipts that no other worker has claimed meanwhile.
func (c *claiming) claim(ctx context.Context, ids []int64) (claims []ReceiptClaim, err error) {
	among, args := list(ids)
	err = c.s.Update(ctx, func(tx *Tx) error {
		rows, err := tx.tx.QueryContext(ctx, `UPDATE receipts SET state = 'New', attempts = attempts + 1, due_at = ?
			WHERE id IN `+among+` AND (state = 'Waiting' OR (state = 'New' AND (due_at <= ? OR due_at > ?)))
			RETURNING id, source, dedupe_key, header, body, received_at, attempts, tries, returned, replay`, slices.Concat([]any{c.until}, args, []any{c.now, c.latest})...)
		if err != nil {
			return err
		}
		if claims, err = collect(rows, scanReceipt, func(a, b ReceiptClaim) int { return int(a.ID - b.ID) }); err != nil {
			return err
		}
		for i := range claims {
			claims[i].latest = c.latest
		}
		_, err = tx.tx.ExecContext(ctx, `DELETE FROM parked WHERE receipt_id IN `+among, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claiming receipts: %w", err)
	}
	return claims, nil
}

func scanReceipt(scan func(...any) error) (ReceiptClaim, error) {
	var c ReceiptClaim
	var header string
	var received int64
	var returned, replay int
	err := scan(&c.ID, &c.Source, &c.DedupeKey, &header, &c.Body, &received, &c.Attempt, &c.Tries, &returned, &replay)
	if err != nil {
		return c, err
	}
	c.ReceivedAt = fromMillis(received)
	c.Unfinished = max(0, c.Attempt-1-returned)
	c.Replay, c.Muted = replay != notReplayed, replay == replayedMuted
	return c, json.Unmarshal([]byte(header), &c.Header)
}

// Outcome is the result of processing a receipt.
type Outcome struct {
	State      ReceiptState
	Problem    string // never quotes the payload
	Definition string // hash of the definition that it was read with
}

// FinishReceipt ends a claim. It returns ErrLost when another worker has claimed the receipt meanwhile.
func (tx *Tx) FinishReceipt(ctx context.Context, c ReceiptClaim, o Outcome) error {
	return fenced(tx.tx.ExecContext(ctx, `UPDATE receipts SET state = ?, problem = ?, definition = ?, understood = ?
		WHERE id = ? AND attempts = ? AND state = 'New'`, string(o.State), o.Problem, o.Definition, generation, c.ID, c.Attempt))
}

// RetryReceipt releases a claim until the given time, at most LongestLease after it was claimed. Counted: the attempt failed because of
// the receipt itself and counts as a try. A failure of the database must not count, or it would quarantine good receipts.
func (tx *Tx) RetryReceipt(ctx context.Context, c ReceiptClaim, at time.Time, problem string, counted bool) error {
	tries := 0
	if counted {
		tries = 1
	}
	return fenced(tx.tx.ExecContext(ctx, `UPDATE receipts SET due_at = ?, problem = ?, returned = returned + 1, tries = tries + ?
		WHERE id = ? AND attempts = ? AND state = 'New'`, min(toMillis(at), c.latest), problem, tries, c.ID, c.Attempt))
}
