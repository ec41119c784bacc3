package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/wismo-dev/wismo/internal/store/legacy"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// takeover holds the changes of the previous version to an order.
type takeover struct {
	records []tracking.Record // all of the order
	changed []tracking.Record // those of them that it changed
	email   string            // the address that it sent mail to
}

// LegacyOrders returns up to limit ids, after the given one, of orders that the previous version has written and ConvertLegacy has
// not taken over yet.
func (s *Store) LegacyOrders(ctx context.Context, after string, limit int) (ids []string, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		ids, err = tx.texts(ctx, `SELECT order_id FROM legacy_orders WHERE order_id > ? ORDER BY order_id LIMIT ?`, after, limit)
		return err
	})
	return ids, err
}

// ConvertLegacy converts what the previous version has written of an order into records, and reports whether there was anything. It
// clears the order's bundle hash, so that StaleOrders finds it: the previous version has not evaluated what time alone makes true.
func (tx *Tx) ConvertLegacy(ctx context.Context, orderID string) (converted bool, err error) {
	into, err := tx.Resolve(ctx, orderID)
	if err != nil {
		return false, err
	}
	known, err := tx.recordsOf(ctx, into)
	if err != nil {
		return false, err
	}
	over, err := tx.takeOver(ctx, orderID, known)
	if err != nil || over == nil {
		return false, err
	}
	for _, r := range over.changed {
		if err := tx.joinRecord(ctx, r, into); err != nil {
			return false, err
		}
	}
	if err := tx.markStale(ctx, into, over); err != nil {
		return false, err
	}
	_, err = tx.tx.ExecContext(ctx, `DELETE FROM legacy_orders WHERE order_id = ?`, orderID)
	return true, err
}

// joinRecord stores a record as one of the order; the record stays one of its other orders too.
func (tx *Tx) joinRecord(ctx context.Context, r tracking.Record, orderID string) error {
	owners := []string{orderID}
	switch stored, err := tx.Record(ctx, r.Key); {
	case err == nil:
		owners = append(owners, stored.Orders...)
	case !errors.Is(err, ErrNotFound):
		return err
	}
	return tx.SaveRecord(ctx, r, RecordJoined, unseen(map[string]bool{}, owners)...)
}

// markStale makes StaleOrders return the order, and stores the recipient of the messages that the previous version sent.
func (tx *Tx) markStale(ctx context.Context, orderID string, over *takeover) error {
	_, err := tx.tx.ExecContext(ctx, `INSERT INTO order_state (order_id) VALUES (?) ON CONFLICT (order_id) DO UPDATE SET bundle_hash = ''`, orderID)
	if err != nil {
		return fmt.Errorf("marking an order to be evaluated again: %w", err)
	}
	_, err = tx.tx.ExecContext(ctx, `UPDATE messages SET recipient_hash = ? WHERE order_id = ? AND recipient_hash = ''`, RecipientHash(over.email), orderID)
	if err != nil {
		return fmt.Errorf("storing the recipient of messages of the previous version: %w", err)
	}
	return nil
}

// takeOver merges the changes of the previous version to an order into its records, without storing them; nil = no changes.
func (tx *Tx) takeOver(ctx context.Context, orderID string, known []tracking.Record) (*takeover, error) {
	marked, err := tx.hasRow(ctx, `SELECT 1 FROM legacy_orders WHERE order_id = ?`, orderID)
	if err != nil || !marked {
		return nil, err
	}
	is, err := tx.legacyOrder(ctx, orderID)
	if err != nil {
		return nil, err
	}
	over := &takeover{records: known, email: is.Customer.Email}
	if is.Source == "" {
		return over, nil // PutOrder has written it, and WriteLegacy has not
	}
	var was legacy.Order
	if len(known) > 0 {
		if was, err = tx.project(ctx, orderID, known); err != nil {
			return nil, err
		}
	}
	for _, statement := range legacy.Statements(was, is) {
		if err := over.take(ctx, tx, statement); err != nil {
			return nil, err
		}
	}
	return over, nil
}

// take merges a statement into the record of its key: one of the order, else a stored one, else a new one.
func (o *takeover) take(ctx context.Context, tx *Tx, s tracking.Statement) error {
	at := -1
	for i := range o.records {
		if o.records[i].Key == s.Key {
			at = i
		}
	}
	if at < 0 {
		stored, err := tx.Record(ctx, s.Key)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		at = len(o.records)
		o.records = append(o.records, stored.Record)
	}
	record := o.records[at]
	if !record.Take(s) {
		return nil
	}
	o.records[at] = record
	o.changed = append(o.changed, record)
	return nil
}

// legacyOrder reads an order as the previous version stores it.
func (tx *Tx) legacyOrder(ctx context.Context, id string) (o legacy.Order, err error) {
	var body string
	err = tx.tx.QueryRowContext(ctx, `SELECT body FROM orders WHERE id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return o, ErrNotFound
	}
	if err != nil {
		return o, fmt.Errorf("reading an order: %w", err)
	}
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		return o, fmt.Errorf("decoding an order of the previous version: %w", err)
	}
	parcels, err := tx.legacyParcels(ctx, `order_id = ?`, id)
	for _, p := range parcels {
		o.Parcels = append(o.Parcels, p.Parcel)
	}
	return o, err
}

type legacyParcel struct {
	legacy.Parcel
	id                       int64
	hintNumber, hintExternal string
}

func (tx *Tx) legacyParcels(ctx context.Context, where string, args ...any) ([]legacyParcel, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT id, carrier, number, shipment_id, url, first_at, hint_number, hint_external FROM parcels WHERE `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("reading parcels of the previous version: %w", err)
	}
	parcels, err := collect(rows, func(scan func(...any) error) (p legacyParcel, err error) {
		var first int64
		err = scan(&p.id, &p.Carrier, &p.Number, &p.ShipmentID, &p.URL, &first, &p.hintNumber, &p.hintExternal)
		p.FirstAt = fromMillis(first)
		return p, err
	}, nil)
	if err != nil {
		return nil, err
	}
	for i := range parcels {
		bodies, err := tx.texts(ctx, `SELECT body FROM events WHERE parcel_id = ? ORDER BY at, event_key`, parcels[i].id)
		if err != nil {
			return nil, fmt.Errorf("reading events of the previous version: %w", err)
		}
		for _, body := range bodies {
			var e legacy.Event
			if err := json.Unmarshal([]byte(body), &e); err != nil {
				return nil, fmt.Errorf("decoding an event of the previous version: %w", err)
			}
			parcels[i].Events = append(parcels[i].Events, e)
		}
	}
	return parcels, nil
}

// project converts the records of an order to the form of the previous version.
func (tx *Tx) project(ctx context.Context, orderID string, records []tracking.Record) (legacy.Order, error) {
	state, err := tx.OrderRow(ctx, orderID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return legacy.Order{}, err
	}
	return project(tracking.Assemble(orderID, records, state.Bounds), records), nil
}

func project(o tracking.Order, records []tracking.Record) legacy.Order {
	for i := range records {
		if len(o.Sources) > 0 && records[i].Key == o.Sources[0] {
			return legacy.Of(o, lead(&records[i]))
		}
	}
	return legacy.Of(o, legacy.Lead{})
}

// lead returns what the form of the previous version needs of the order's leading record.
func lead(r *tracking.Record) legacy.Lead {
	if r.Order == nil {
		return legacy.Lead{}
	}
	l := legacy.Lead{ExternalID: r.Order.ExternalID, UpdatedAt: r.Whole.Version}
	for _, g := range r.Given {
		if g.Stamp.Version.After(l.UpdatedAt) {
			l.UpdatedAt = g.Stamp.Version
		}
	}
	return l
}

// sqlKey is the expression that turns a column of numbers, as the previous version writes them, into the form of
// tracking.NormalNumber. The indices of the sixth migration have the same expression.
func sqlKey(column string) string {
	for _, sign := range []string{"-", "/", "_", ".", "#"} {
		column = "replace(" + column + ", '" + sign + "', '')"
	}
	return column
}

// convertByKeys converts the orders and parcels of the previous version that have one of the join keys.
func (tx *Tx) convertByKeys(ctx context.Context, keys []string) error {
	left, err := tx.hasRow(ctx, `SELECT 1 WHERE EXISTS (SELECT 1 FROM legacy_orders) OR EXISTS (SELECT 1 FROM legacy_parcels)`)
	if err != nil || !left {
		return err
	}
	for _, key := range keys {
		orders, parcels, err := tx.legacyByKey(ctx, key)
		if err != nil {
			return fmt.Errorf("finding orders of the previous version: %w", err)
		}
		for _, id := range orders {
			if _, err := tx.ConvertLegacy(ctx, id); err != nil {
				return err
			}
		}
		for _, id := range parcels {
			if err := tx.convertOrphan(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// legacyByKey finds the orders, and the parcels without an order, that have the join key.
func (tx *Tx) legacyByKey(ctx context.Context, key string) (orders []string, parcels []int64, err error) {
	const (
		marked       = ` AND EXISTS (SELECT 1 FROM legacy_orders l WHERE l.order_id = o.id)`
		markedParcel = ` AND p.order_id IS NULL AND EXISTS (SELECT 1 FROM legacy_parcels l WHERE l.parcel_id = p.id)`
		ofParcel     = ` AND EXISTS (SELECT 1 FROM legacy_orders l WHERE l.order_id = p.order_id)`
	)
	kind, value, _ := strings.Cut(key, ":")
	switch {
	case value == "":
		return nil, nil, nil
	case kind == "n":
		return tx.legacyIDs(ctx, value, `SELECT o.id FROM orders o WHERE `+sqlKey("o.number_key")+` = ?`+marked,
			`SELECT p.id FROM parcels p WHERE `+sqlKey("p.hint_number")+` = ?`+markedParcel)
	case kind == "x":
		return tx.legacyIDs(ctx, value, `SELECT o.id FROM orders o WHERE o.source IN (SELECT name FROM sources) AND o.external_id = ? AND o.external_id <> ''`+marked,
			`SELECT p.id FROM parcels p WHERE p.hint_external = ?`+markedParcel)
	case kind == "p":
		return tx.legacyIDs(ctx, value, `SELECT DISTINCT p.order_id FROM parcels p WHERE `+sqlKey("p.number_key")+` = ?`+ofParcel,
			`SELECT p.id FROM parcels p WHERE `+sqlKey("p.number_key")+` = ?`+markedParcel)
	case kind == "s":
		_, ref, _ := strings.Cut(value, "/")
		return tx.legacyIDs(ctx, ref, `SELECT DISTINCT p.order_id FROM parcels p WHERE p.shipment_id = ? AND p.shipment_id <> ''`+ofParcel,
			`SELECT p.id FROM parcels p WHERE p.shipment_id = ? AND p.shipment_id <> ''`+markedParcel)
	}
	return nil, nil, nil
}

// legacyIDs runs the two queries with the value and returns the ids of the orders and of the parcels.
func (tx *Tx) legacyIDs(ctx context.Context, value, orderQuery, parcelQuery string) (orders []string, parcels []int64, err error) {
	if orders, err = tx.texts(ctx, orderQuery, value); err != nil {
		return nil, nil, err
	}
	parcels, err = tx.numbers(ctx, parcelQuery, value)
	return orders, parcels, err
}

// ConvertLegacyParcels converts up to limit parcels whose order the previous version did not know into records that wait, and returns
// how many it converted.
func (tx *Tx) ConvertLegacyParcels(ctx context.Context, limit int) (int, error) {
	ids, err := tx.numbers(ctx, `SELECT parcel_id FROM legacy_parcels ORDER BY parcel_id LIMIT ?`, limit)
	if err != nil {
		return 0, fmt.Errorf("finding parcels of the previous version: %w", err)
	}
	for _, id := range ids {
		if err := tx.convertOrphan(ctx, id); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (tx *Tx) convertOrphan(ctx context.Context, id int64) error {
	parcels, err := tx.legacyParcels(ctx, `id = ?`, id)
	if err != nil {
		return err
	}
	for _, p := range parcels {
		source := legacy.Source
		if p.Number == "" { // it has only the id of a shipment, which comes from a shop
			newest, err := tx.texts(ctx, `SELECT source FROM orders ORDER BY rowid DESC LIMIT 1`)
			if err != nil {
				return err
			}
			source = cmp.Or(append(newest, legacy.Source)...)
		}
		s := legacy.Orphan(source, "parcel/"+strconv.FormatInt(id, 10), p.Parcel, p.hintExternal, p.hintNumber)
		stored, err := tx.Record(ctx, s.Key)
		if errors.Is(err, ErrNotFound) {
			stored, err = Stored{State: RecordWaiting}, nil
		}
		if err != nil {
			return err
		}
		stored.Record.Take(s)
		if err := tx.SaveRecord(ctx, stored.Record, stored.State, stored.Orders...); err != nil {
			return err
		}
	}
	_, err = tx.tx.ExecContext(ctx, `DELETE FROM legacy_parcels WHERE parcel_id = ?`, id)
	return err
}
