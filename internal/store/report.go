package store

import (
	"context"
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// Bounds of what a bundle.Report carries of a source.
const (
	maxReportedCodes = 20
	maxCodeBytes     = 64
)

// Counts is what the database contributes to a bundle.Report.
type Counts struct {
	Inbox    bundle.InboxReport
	Messages bundle.MessageReport
	Sources  []bundle.SourceReport // those that have ever sent anything, sorted by name
	Storage  bundle.Health         // Healthy or Full; one that does not answer is an error
}

// Counts counts what waits and what failed, and looks how much room there is.
func (s *Store) Counts(ctx context.Context) (c Counts, err error) {
	if c.Storage, err = room(s.path); err != nil {
		return c, err
	}
	err = s.View(ctx, func(tx *Tx) error {
		row := tx.tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM receipts WHERE state = 'New'),
			(SELECT count(*) FROM receipts WHERE state = 'Quarantined'),
			(SELECT count(*) FROM messages WHERE state IN ('Waiting', 'Sending')),
			(SELECT count(*) FROM messages WHERE state = 'Failed')`)
		if err := row.Scan(&c.Inbox.Waiting, &c.Inbox.Quarantined, &c.Messages.Waiting, &c.Messages.Failed); err != nil {
			return fmt.Errorf("counting: %w", err)
		}
		c.Sources, err = tx.sourceReports(ctx)
		return err
	})
	return c, err
}

func (tx *Tx) sourceReports(ctx context.Context) ([]bundle.SourceReport, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT name, received_at,
		(SELECT count(*) FROM receipts WHERE source = sources.name AND state = 'Quarantined') FROM sources ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("reading the sources: %w", err)
	}
	sources, err := collect(rows, func(scan func(...any) error) (r bundle.SourceReport, err error) {
		var last int64
		if err := scan(&r.Name, &last, &r.Quarantined); err != nil {
			return r, err
		}
		at := fromMillis(last)
		r.LastReceived = &at
		return r, nil
	}, nil)
	if err != nil {
		return nil, err
	}
	for i := range sources {
		sources[i].UnmappedCodes, err = tx.ids(ctx, `SELECT code FROM unmapped_codes WHERE source = ? ORDER BY seen DESC, code LIMIT ?`,
			sources[i].Name, maxReportedCodes)
		if err != nil {
			return nil, err
		}
	}
	return sources, nil
}

// CountUnmapped remembers a carrier's code that no mapping knows.
func (tx *Tx) CountUnmapped(ctx context.Context, source, code string, at time.Time) error {
	if len(code) > maxCodeBytes {
		code = code[:maxCodeBytes]
	}
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO unmapped_codes (source, code, seen, last_at) VALUES (?, ?, 1, ?)
		ON CONFLICT (source, code) DO UPDATE SET seen = unmapped_codes.seen + 1, last_at = excluded.last_at`, source, code, millis(at))
	if err != nil {
		return fmt.Errorf("counting an unmapped code: %w", err)
	}
	return nil
}
