package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"
)

// Flow holds when a source that is expected to send webhooks has sent them.
type Flow struct {
	Source       string
	Since        time.Time     // since when it is expected
	LastReceived time.Time     // zero = nothing ever arrived
	LongestPause time.Duration // between two receipts, so far; 0 = fewer than two receipts
}

// ExpectSources stores which sources are expected to send, from now on if they were not expected before. A source that was not
// expected for a while starts again.
func (s *Store) ExpectSources(ctx context.Context, names []string, now time.Time) error {
	err := s.Update(ctx, func(tx *Tx) error {
		known, err := tx.texts(ctx, `SELECT name FROM expected_sources`)
		if err != nil {
			return err
		}
		for _, name := range known {
			if slices.Contains(names, name) {
				continue
			}
			if _, err := tx.tx.ExecContext(ctx, `DELETE FROM expected_sources WHERE name = ?`, name); err != nil {
				return err
			}
		}
		for _, name := range names {
			_, err := tx.tx.ExecContext(ctx, `INSERT INTO expected_sources (name, since) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`, name, toMillis(now))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing which sources are expected to send: %w", err)
	}
	return nil
}

// Flows returns when each expected source last sent a webhook, sorted by name.
func (s *Store) Flows(ctx context.Context) (flows []Flow, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.tx.QueryContext(ctx, `SELECT e.name, e.since, s.received_at, s.longest_pause
			FROM expected_sources e LEFT JOIN sources s ON s.name = e.name ORDER BY e.name`)
		if err != nil {
			return err
		}
		flows, err = collect(rows, readFlow, nil)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading when the sources have sent: %w", err)
	}
	return flows, nil
}

func readFlow(scan func(...any) error) (f Flow, err error) {
	var since int64
	var last, pause sql.NullInt64
	if err := scan(&f.Source, &since, &last, &pause); err != nil {
		return f, err
	}
	f.Since, f.LastReceived = fromMillis(since), fromMillis(last.Int64)
	f.LongestPause = time.Duration(pause.Int64) * time.Millisecond
	return f, nil
}
