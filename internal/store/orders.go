package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// maxFound bounds how many orders a look-up returns.
const maxFound = 20

// NewOrderID returns a random public order id: 130 bits in lower-case base32.
func NewOrderID() string {
	return strings.ToLower(rand.Text())
}

// OrderRow is what is stored of an order beside the records of its sources.
type OrderRow struct {
	ID          string
	PlacedAt    time.Time // orders of one number are listed the newest first
	Bounds      tracking.Bounds
	Seen        []string  // ids of the news that were decided on, sorted
	MutedUntil  time.Time // news learned until then are not told: they are older than wismo's following of the order
	EvaluatedAt time.Time // until when the watches of the order were evaluated; zero = never
	NextLook    time.Time // zero = never
	BundleHash  string    // of the bundle that the order was last evaluated under
	// LinksRevoked: the buyer's address was corrected, so links without a recipient no longer open the order.
	LinksRevoked bool
}

// PutOrder adds or updates the row of an order. Store its records, and call WriteLegacy, in the same transaction.
func (tx *Tx) PutOrder(ctx context.Context, o OrderRow) error {
	bounds, seen, err := encodeRow(o)
	if err != nil {
		return fmt.Errorf("encoding the row of an order: %w", err)
	}
	_, err = tx.tx.ExecContext(ctx, `INSERT INTO orders (id, source, external_id, number_key, placed_at, body) VALUES (?, '', '', ?, ?, '{}')
		ON CONFLICT (id) DO UPDATE SET placed_at = excluded.placed_at`, o.ID, noNumber, toMillis(o.PlacedAt))
	if err != nil {
		return fmt.Errorf("storing an order: %w", err)
	}
	_, err = tx.tx.ExecContext(ctx, `INSERT INTO order_state (order_id, bounds, seen, muted_until, evaluated_at, next_look, bundle_hash, links_revoked)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (order_id) DO UPDATE SET bounds = excluded.bounds, seen = excluded.seen,
			muted_until = excluded.muted_until, evaluated_at = excluded.evaluated_at, next_look = excluded.next_look,
			bundle_hash = excluded.bundle_hash, links_revoked = excluded.links_revoked`,
		o.ID, bounds, seen, toMillis(o.MutedUntil), toMillis(o.EvaluatedAt), toMillis(o.NextLook), o.BundleHash, o.LinksRevoked)
	if err != nil {
		return fmt.Errorf("storing the state of an order: %w", err)
	}
	return nil
}

// noNumber is stored instead of a number so that no look-up finds it: a number in its normal form has no space.
const noNumber = " "

func encodeRow(o OrderRow) (bounds, seen string, err error) {
	if len(o.Bounds.Shared) > 0 || len(o.Bounds.Ends) > 0 || len(o.Bounds.Together) > 0 {
		text, err := json.Marshal(o.Bounds)
		if err != nil {
			return "", "", err
		}
		bounds = string(text)
	}
	if len(o.Seen) > 0 {
		sorted := slices.Sorted(slices.Values(o.Seen))
		text, err := json.Marshal(slices.Compact(sorted))
		if err != nil {
			return "", "", err
		}
		seen = string(text)
	}
	return bounds, seen, nil
}

// OrderRow returns the row of an order, or of the one that it was merged into; ErrNotFound if there is none. The row of an order of the
// previous version that was not converted has only its id and time.
func (tx *Tx) OrderRow(ctx context.Context, id string) (o OrderRow, err error) {
	if o.ID, err = tx.Resolve(ctx, id); err != nil {
		return OrderRow{}, err
	}
	var bounds, seen string
	var placed, muted, evaluated, next int64
	err = tx.tx.QueryRowContext(ctx, `SELECT o.placed_at, COALESCE(s.bounds, ''), COALESCE(s.seen, ''), COALESCE(s.muted_until, 0),
		COALESCE(s.evaluated_at, 0), COALESCE(s.next_look, 0), COALESCE(s.bundle_hash, ''), COALESCE(s.links_revoked, 0)
		FROM orders o LEFT JOIN order_state s ON s.order_id = o.id WHERE o.id = ?`, o.ID).
		Scan(&placed, &bounds, &seen, &muted, &evaluated, &next, &o.BundleHash, &o.LinksRevoked)
	if err != nil {
		return OrderRow{}, fmt.Errorf("reading the row of an order: %w", err)
	}
	o.PlacedAt, o.MutedUntil, o.EvaluatedAt, o.NextLook = fromMillis(placed), fromMillis(muted), fromMillis(evaluated), fromMillis(next)
	return o, errors.Join(decodeInto(bounds, &o.Bounds), decodeInto(seen, &o.Seen))
}

func decodeInto(text string, into any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// Resolve returns the present id of an order: its own, or that of the order it was merged into. It returns ErrNotFound for an id that
// no order has had.
func (tx *Tx) Resolve(ctx context.Context, id string) (string, error) {
	var into string
	err := tx.tx.QueryRowContext(ctx, `SELECT COALESCE(s.merged_into, '') FROM orders o LEFT JOIN order_state s ON s.order_id = o.id WHERE o.id = ?`, id).Scan(&into)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", ErrNotFound
	case err != nil:
		return "", fmt.Errorf("looking up an order: %w", err)
	case into != "":
		return into, nil
	}
	return id, nil
}

// OrderByID returns the order of that public id, or the one that it was merged into; ErrNotFound if there is none.
func (s *Store) OrderByID(ctx context.Context, id string) (order *tracking.Order, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		order, err = tx.Order(ctx, id)
		return err
	})
	return order, err
}

// Order is OrderByID within a transaction.
func (tx *Tx) Order(ctx context.Context, id string) (*tracking.Order, error) {
	_, order, err := tx.Assembled(ctx, id)
	if err != nil {
		return nil, err
	}
	return &order, nil
}

// Assembled returns the row of an order, and the order assembled from its records.
func (tx *Tx) Assembled(ctx context.Context, id string) (OrderRow, tracking.Order, error) {
	row, err := tx.OrderRow(ctx, id)
	if err != nil {
		return row, tracking.Order{}, err
	}
	records, err := tx.RecordsOf(ctx, row.ID)
	if err != nil {
		return row, tracking.Order{}, err
	}
	return row, tracking.Assemble(row.ID, records, row.Bounds), nil
}

// OrdersByNumber returns the orders of that number, the newest first and at most 20: shops restart their numbering, and one Shop may
// have several sources. It compares normal forms. It returns nil if there is none, or for an empty number.
func (s *Store) OrdersByNumber(ctx context.Context, number string) ([]tracking.Order, error) {
	return s.found(ctx, number, `SELECT o.order_id FROM record_keys k JOIN records r ON r.id = k.record_id AND r.kind = 'Order'
			JOIN order_records o ON o.record_id = r.id WHERE k.key = 'n:' || ?
		UNION SELECT o.id FROM legacy_orders l JOIN orders o ON o.id = l.order_id WHERE `+sqlKey("o.number_key")+` = ?`)
}

// OrdersByParcelNumber returns the orders of which a parcel has or had that number, the newest first and at most 20. It returns nil if
// there is none, or for an empty number.
func (s *Store) OrdersByParcelNumber(ctx context.Context, number string) ([]tracking.Order, error) {
	return s.found(ctx, number, `SELECT o.order_id FROM record_keys k JOIN order_records o ON o.record_id = k.record_id WHERE k.key = 'p:' || ?
		UNION SELECT p.order_id FROM parcels p JOIN legacy_orders l ON l.order_id = p.order_id WHERE `+sqlKey("p.number_key")+` = ?`)
}

// found assembles the newest of the orders that the query selects. The query takes the number in its normal form twice.
func (s *Store) found(ctx context.Context, number, query string) (orders []tracking.Order, err error) {
	normal := tracking.NormalNumber(number)
	if normal == "" {
		return nil, nil
	}
	err = s.View(ctx, func(tx *Tx) error {
		ids, err := tx.texts(ctx, `SELECT id FROM orders WHERE id IN (`+query+`) ORDER BY placed_at DESC, id LIMIT ?`, normal, normal, maxFound)
		if err != nil {
			return fmt.Errorf("looking up orders: %w", err)
		}
		for _, id := range ids {
			order, err := tx.Order(ctx, id)
			if err != nil {
				return err
			}
			orders = append(orders, *order)
		}
		return nil
	})
	return orders, err
}

// MergeOrder merges an order into another one that is the same purchase; the id of the first then resolves to the second. It merges
// records, messages, decisions and preferences; a message that both have is kept once. The merged row has the later MutedUntil and the
// Seen of both; PutOrder must set its Bounds.
func (tx *Tx) MergeOrder(ctx context.Context, from, into string) error {
	if from == into {
		return nil
	}
	if _, err := tx.ConvertLegacy(ctx, from); err != nil {
		return err
	}
	a, errFrom := tx.OrderRow(ctx, from)
	b, errInto := tx.OrderRow(ctx, into)
	if err := errors.Join(errFrom, errInto); err != nil {
		return err
	}
	if a.ID == b.ID {
		return nil
	}
	b.Seen = append(b.Seen, a.Seen...)
	if a.MutedUntil.After(b.MutedUntil) {
		b.MutedUntil = a.MutedUntil
	}
	b.LinksRevoked = b.LinksRevoked || a.LinksRevoked
	if b.EvaluatedAt.IsZero() {
		b.EvaluatedAt = a.EvaluatedAt
	}
	for _, step := range []func() error{
		func() error { return tx.PutOrder(ctx, b) },
		func() error { return tx.mergeMessages(ctx, a.ID, b.ID) },
		func() error { return tx.mergePreference(ctx, a.ID, b.ID) },
		func() error { return tx.mergeRows(ctx, a.ID, b.ID) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("merging two orders: %w", err)
		}
	}
	return nil
}

// mergeRows moves the rows of an order to another, and keeps what opens its links, for the previous version too. The previous version
// no longer finds the order by a number or a parcel.
func (tx *Tx) mergeRows(ctx context.Context, from, into string) error {
	for _, step := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO order_records (order_id, record_id) SELECT ?, record_id FROM order_records WHERE order_id = ?
			AND record_id NOT IN (SELECT record_id FROM order_records WHERE order_id = ?)`, []any{into, from, into}},
		{`DELETE FROM order_records WHERE order_id = ?`, []any{from}},
		{`UPDATE decisions SET order_id = ? WHERE order_id = ?`, []any{into, from}},
		{`UPDATE order_state SET merged_into = ? WHERE merged_into = ?`, []any{into, from}},
		{`INSERT INTO order_state (order_id, merged_into) VALUES (?, ?)
			ON CONFLICT (order_id) DO UPDATE SET merged_into = excluded.merged_into, next_look = 0, seen = '', bounds = ''`, []any{from, into}},
		{`DELETE FROM parcels WHERE order_id = ?`, []any{from}},
		{`UPDATE orders SET external_id = '', number_key = ? WHERE id = ?`, []any{noNumber, from}},
		{`DELETE FROM legacy_orders WHERE order_id = ?`, []any{from}},
	} {
		if _, err := tx.tx.ExecContext(ctx, step.query, step.args...); err != nil {
			return err
		}
	}
	return nil
}
