package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The column receipts.replay.
const (
	notReplayed   = 0
	replayed      = 1
	replayedMuted = 2
)

// Bounds of what is stored about unreadable parts of a source's receipts.
const (
	maxRemembered = 200 // codes, and fields
	maxCodeBytes  = 64
	maxPathBytes  = 200
)

// ReplayFilter selects receipts that were processed. Every condition that is set must hold; of States, Elements and Unmapped, one.
type ReplayFilter struct {
	Source     string         // "" = any
	Receipts   []int64        // ids, at most 500; nil = any
	Code       string         // a code that no mapping knew, implies Unmapped
	States     []ReceiptState // of ReceiptDone, ReceiptIgnored, ReceiptQuarantined
	Elements   bool           // an element of it is quarantined
	Unmapped   bool           // it held a code that no mapping knew
	Definition string         // hash: only what was read with another definition; "" = any
	After      int64          // id: only later receipts
}

// Replay queues up to limit receipts to be processed again, the oldest first, as if they had just arrived; if muted, shoppers are told
// nothing of them. It clears their problems. It returns how many they are, and the last one's id for the next call's After.
func (s *Store) Replay(ctx context.Context, f ReplayFilter, muted bool, limit int) (n int, last int64, err error) {
	where, args := f.where()
	ids, err := s.ids(ctx, `SELECT id FROM receipts WHERE `+where+` ORDER BY id LIMIT ?`, append(args, min(limit, maxParameters))...)
	if err != nil {
		return 0, 0, fmt.Errorf("finding receipts to replay: %w", err)
	}
	if len(ids) == 0 {
		return 0, f.After, nil
	}
	how := replayed
	if muted {
		how = replayedMuted
	}
	among, args := list(ids)
	err = s.Update(ctx, func(tx *Tx) error {
		_, err := tx.tx.ExecContext(ctx, `UPDATE receipts SET state = 'New', due_at = 0, problem = '', understood = 0, tries = 0, returned = attempts, replay = ?
			WHERE state IN ('Done', 'Ignored', 'Quarantined') AND id IN `+among, append([]any{how}, args...)...)
		if err != nil {
			return err
		}
		for _, table := range []string{"quarantine", "unmapped_receipts"} {
			if _, err := tx.tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE receipt_id IN `+among, args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("replaying receipts: %w", err)
	}
	return len(ids), ids[len(ids)-1], nil
}

func (f ReplayFilter) where() (string, []any) {
	all := []string{`state IN ('Done', 'Ignored', 'Quarantined')`, `id > ?`}
	args := []any{f.After}
	and := func(condition string, values ...any) {
		all, args = append(all, condition), append(args, values...)
	}
	if f.Source != "" {
		and(`source = ?`, f.Source)
	}
	if len(f.Receipts) > 0 {
		among, values := list(f.Receipts)
		and(`id IN `+among, values...)
	}
	if f.Definition != "" {
		and(`definition <> ?`, f.Definition)
	}
	if any, values := f.anyOf(); len(any) > 0 {
		and(`(`+strings.Join(any, ` OR `)+`)`, values...)
	}
	return strings.Join(all, ` AND `), args
}

// anyOf returns the conditions of which one must hold.
func (f ReplayFilter) anyOf() (any []string, args []any) {
	for _, state := range []ReceiptState{ReceiptDone, ReceiptIgnored, ReceiptQuarantined} {
		if slices.Contains(f.States, state) {
			any = append(any, `state = '`+string(state)+`'`) // not a parameter, so that the partial index of quarantined receipts is used
		}
	}
	if f.Elements {
		any, args = append(any, `id IN (SELECT receipt_id FROM quarantine WHERE ? IN ('', source))`), append(args, f.Source)
	}
	if f.Unmapped || f.Code != "" {
		any, args = append(any, `id IN (SELECT receipt_id FROM unmapped_receipts WHERE ? IN ('', source) AND ? IN ('', code))`), append(args, f.Source, cut(f.Code, maxCodeBytes))
	}
	return any, args
}

// cut shortens a text to at most size bytes, between two runes.
func cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size]
}

// QuarantineElement stores that one element of a receipt could not be read; the others are used. Neither the path nor the problem of
// the element quotes the payload. FinishReceipt fences it.
func (tx *Tx) QuarantineElement(ctx context.Context, c ReceiptClaim, path, problem string, at time.Time) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO quarantine (receipt_id, path, problem, source, at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (receipt_id, path) DO UPDATE SET problem = excluded.problem, at = excluded.at`,
		c.ID, cut(path, maxPathBytes), problem, c.Source, toMillis(at))
	if err != nil {
		return fmt.Errorf("quarantining an element: %w", err)
	}
	return nil
}

// CountDegraded counts an optional field of a source that could not be read and was left out. It keeps the 200 fields of a source that
// were counted last.
func (tx *Tx) CountDegraded(ctx context.Context, source, field string, at time.Time) error {
	if err := tx.countSeen(ctx, "degraded_fields", "field", source, cut(field, maxPathBytes), at); err != nil {
		return fmt.Errorf("counting a field that could not be read: %w", err)
	}
	return nil
}

// CountUnmapped counts a code that no mapping knows, and stores the receipt that has it. It keeps the 200 codes of a source that were
// counted last.
func (tx *Tx) CountUnmapped(ctx context.Context, c ReceiptClaim, code string) error {
	code = cut(code, maxCodeBytes)
	if err := tx.countSeen(ctx, "unmapped_codes", "code", c.Source, code, c.ReceivedAt); err != nil {
		return fmt.Errorf("counting an unmapped code: %w", err)
	}
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO unmapped_receipts (source, code, receipt_id) VALUES (?, ?, ?)
		ON CONFLICT (source, code, receipt_id) DO NOTHING`, c.Source, code, c.ID)
	if err != nil {
		return fmt.Errorf("storing the receipt of an unmapped code: %w", err)
	}
	return nil
}

// countSeen increments, in one of the two tables of counts, how often a source has sent a value, and deletes the oldest values above
// maxRemembered.
func (tx *Tx) countSeen(ctx context.Context, table, column, source, value string, at time.Time) error {
	var seen int
	err := tx.tx.QueryRowContext(ctx, `INSERT INTO `+table+` (source, `+column+`, seen, last_at) VALUES (?, ?, 1, ?)
		ON CONFLICT (source, `+column+`) DO UPDATE SET seen = `+table+`.seen + 1, last_at = excluded.last_at RETURNING seen`, source, value, toMillis(at)).Scan(&seen)
	if err != nil || seen > 1 {
		return err
	}
	_, err = tx.tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE source = ? AND `+column+` NOT IN (
		SELECT `+column+` FROM `+table+` WHERE source = ? ORDER BY last_at DESC, `+column+` LIMIT ?)`, source, source, maxRemembered)
	return err
}

// SourceDefinition returns the hash of the definition that the source's receipts were last read with; "" = not known.
func (tx *Tx) SourceDefinition(ctx context.Context, source string) (string, error) {
	hashes, err := tx.texts(ctx, `SELECT hash FROM source_definitions WHERE source = ?`, source)
	if err != nil {
		return "", fmt.Errorf("reading the definition of a source: %w", err)
	}
	return strings.Join(hashes, ""), nil
}

// SetSourceDefinition stores the hash of the definition that the source's receipts are read with from now on. If it has changed, the
// counts of the former one are deleted.
func (tx *Tx) SetSourceDefinition(ctx context.Context, source, hash string) error {
	was, err := tx.SourceDefinition(ctx, source)
	if err != nil || was == hash {
		return err
	}
	_, err = tx.tx.ExecContext(ctx, `INSERT INTO source_definitions (source, hash) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET hash = excluded.hash`, source, hash)
	if err != nil {
		return fmt.Errorf("storing the definition of a source: %w", err)
	}
	for _, table := range []string{"unmapped_codes", "degraded_fields"} {
		if _, err := tx.tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE source = ?`, source); err != nil {
			return fmt.Errorf("deleting the counts of a former definition: %w", err)
		}
	}
	return nil
}
