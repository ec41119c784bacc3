package store

import (
	"context"
	"fmt"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// maxReported bounds the codes, and the fields, of a source in a report.
const maxReported = 20

// Counts is what the database contributes to a bundle.Report.
type Counts struct {
	Inbox    bundle.InboxReport
	Messages bundle.MessageReport
	Records  RecordCounts
	Sources  []bundle.SourceReport   // those that have sent anything, sorted by name
	BySource map[string]SourceCounts // a source without any count is absent
	Storage  bundle.Health           // Healthy or Full; a database that does not answer is an error
}

// RecordCounts counts the records that belong to no order.
type RecordCounts struct {
	Waiting  int
	Doubtful int
}

// SourceCounts counts what of a source could not be used.
type SourceCounts struct {
	Waiting     int     // receipts, because no process knows the source
	Quarantined int     // receipts
	Doubtful    int     // records that could belong to several orders
	Elements    int     // quarantined elements of receipts that were used otherwise
	Degraded    []Count // fields, at most 20, the most frequent first
	Unmapped    []Count // codes, at most 20, the most frequent first
}

// Count is how often something was seen.
type Count struct {
	Name string
	Seen int
}

// Counts counts what waits and what failed, and checks the free space of the volume.
func (s *Store) Counts(ctx context.Context) (c Counts, err error) {
	if c.Storage, err = freeSpace(s.path); err != nil {
		return c, err
	}
	err = s.View(ctx, func(tx *Tx) error {
		row := tx.tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM receipts WHERE state = 'New') + (SELECT count(*) FROM parked),
			(SELECT count(*) FROM receipts WHERE state = 'Quarantined'),
			(SELECT count(*) FROM messages WHERE state IN ('Waiting', 'Sending', 'Queued', 'Handing')),
			(SELECT count(*) FROM messages WHERE state = 'Failed'),
			(SELECT count(*) FROM records WHERE state <> 'Joined' AND state = 'Waiting'),
			(SELECT count(*) FROM records WHERE state <> 'Joined' AND state = 'Doubtful')`)
		err := row.Scan(&c.Inbox.Waiting, &c.Inbox.Quarantined, &c.Messages.Waiting, &c.Messages.Failed, &c.Records.Waiting, &c.Records.Doubtful)
		if err != nil {
			return fmt.Errorf("counting receipts, messages and records: %w", err)
		}
		if err := c.countBySource(ctx, tx); err != nil {
			return err
		}
		return c.reportSources(ctx, tx)
	})
	return c, err
}

func (c *Counts) countBySource(ctx context.Context, tx *Tx) error {
	c.BySource = map[string]SourceCounts{}
	for _, what := range []struct {
		query string
		note  func(*SourceCounts, Count)
	}{
		{`SELECT source, '', count(*) FROM parked GROUP BY source`, func(s *SourceCounts, n Count) { s.Waiting = n.Seen }},
		{`SELECT source, '', count(*) FROM receipts WHERE state = 'Quarantined' GROUP BY source`, func(s *SourceCounts, n Count) { s.Quarantined = n.Seen }},
		{`SELECT source, '', count(*) FROM records WHERE state <> 'Joined' AND state = 'Doubtful' GROUP BY source`, func(s *SourceCounts, n Count) { s.Doubtful = n.Seen }},
		{`SELECT source, '', count(*) FROM quarantine GROUP BY source`, func(s *SourceCounts, n Count) { s.Elements = n.Seen }},
		{`SELECT source, field, seen FROM degraded_fields ORDER BY source, seen DESC, field`, func(s *SourceCounts, n Count) {
			s.Degraded = appendReported(s.Degraded, n)
		}},
		{`SELECT source, code, seen FROM unmapped_codes ORDER BY source, seen DESC, code`, func(s *SourceCounts, n Count) {
			s.Unmapped = appendReported(s.Unmapped, n)
		}},
	} {
		rows, err := tx.tx.QueryContext(ctx, what.query)
		if err != nil {
			return fmt.Errorf("counting by source: %w", err)
		}
		_, err = collect(rows, func(scan func(...any) error) (n Count, err error) {
			var source string
			if err := scan(&source, &n.Name, &n.Seen); err != nil {
				return n, err
			}
			counts := c.BySource[source]
			what.note(&counts, n)
			c.BySource[source] = counts
			return n, nil
		}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

// appendReported appends the count, unless there are as many already as a report holds.
func appendReported(all []Count, n Count) []Count {
	if len(all) >= maxReported {
		return all
	}
	return append(all, n)
}

func (c *Counts) reportSources(ctx context.Context, tx *Tx) error {
	rows, err := tx.tx.QueryContext(ctx, `SELECT name, received_at FROM sources ORDER BY name`)
	if err != nil {
		return fmt.Errorf("reading the sources: %w", err)
	}
	c.Sources, err = collect(rows, func(scan func(...any) error) (r bundle.SourceReport, err error) {
		var last int64
		if err := scan(&r.Name, &last); err != nil {
			return r, err
		}
		at := fromMillis(last)
		r.LastReceived = &at
		r.Quarantined = c.BySource[r.Name].Quarantined
		for _, code := range c.BySource[r.Name].Unmapped {
			r.UnmappedCodes = append(r.UnmappedCodes, code.Name)
		}
		return r, nil
	}, nil)
	return err
}
