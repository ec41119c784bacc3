package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/wismo-dev/wismo/internal/store/legacy"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// WriteLegacy writes an assembled order in the form of the previous version, which may run beside this one or after a rollback. Call
// it after the order's records are saved; first convert what the previous version has added.
func (tx *Tx) WriteLegacy(ctx context.Context, o *tracking.Order) error {
	var leading tracking.Record
	if len(o.Sources) > 0 {
		stored, err := tx.Record(ctx, o.Sources[0])
		if err != nil {
			return err
		}
		leading = stored.Record
	}
	old := legacy.Of(*o, lead(&leading))
	if err := tx.writeLegacyOrder(ctx, old); err != nil {
		return fmt.Errorf("storing an order for the previous version: %w", err)
	}
	known, err := tx.knownParcels(ctx, o.ID)
	if err != nil {
		return fmt.Errorf("reading the parcels of the previous version: %w", err)
	}
	for _, p := range old.Parcels {
		if err := tx.writeLegacyParcel(ctx, o.ID, p, known); err != nil {
			return fmt.Errorf("storing a parcel for the previous version: %w", err)
		}
	}
	_, err = tx.tx.ExecContext(ctx, `DELETE FROM legacy_orders WHERE order_id = ?`, o.ID)
	return err
}

func (tx *Tx) writeLegacyOrder(ctx context.Context, o legacy.Order) error {
	o.Parcels = nil // rows of their own
	body, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = tx.tx.ExecContext(ctx, `UPDATE orders SET source = ?, external_id = ?, number_key = ?, placed_at = ?, body = ? WHERE id = ? AND body <> ?`,
		o.Source, o.ExternalID, legacy.NormalNumber(o.Number), toMillis(o.PlacedAt), string(body), o.ID, string(body))
	return err
}

// knownParcel is a row of the table parcels, with the keys of its events.
type knownParcel struct {
	id     int64
	events map[string]bool
}

// knownParcels returns the parcels of an order that the previous version knows, by their number in its form.
func (tx *Tx) knownParcels(ctx context.Context, orderID string) (map[string]knownParcel, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT p.id, p.number_key, e.event_key FROM parcels p LEFT JOIN events e ON e.parcel_id = p.id WHERE p.order_id = ?`, orderID)
	if err != nil {
		return nil, err
	}
	known := map[string]knownParcel{}
	_, err = collect(rows, func(scan func(...any) error) (id int64, err error) {
		var number string
		var event sql.NullString
		if err := scan(&id, &number, &event); err != nil {
			return id, err
		}
		if known[number].events == nil {
			known[number] = knownParcel{id, map[string]bool{}}
		}
		known[number].events[event.String] = true
		return id, nil
	}, nil)
	return known, err
}

func (tx *Tx) writeLegacyParcel(ctx context.Context, orderID string, p legacy.Parcel, all map[string]knownParcel) error {
	known := all[legacy.NormalNumber(p.Number)]
	id, err := tx.upsertLegacyParcel(ctx, orderID, p, known.id)
	if err != nil {
		return err
	}
	for _, e := range p.Events {
		if known.events[e.Key] {
			continue
		}
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		_, err = tx.tx.ExecContext(ctx, `INSERT INTO events (parcel_id, event_key, at, body) VALUES (?, ?, ?, ?) ON CONFLICT (parcel_id, event_key) DO NOTHING`,
			id, e.Key, toMillis(e.Time), string(body))
		if err != nil {
			return err
		}
	}
	return nil
}

// upsertLegacyParcel updates the row of that id, or adds one if it is 0.
func (tx *Tx) upsertLegacyParcel(ctx context.Context, orderID string, p legacy.Parcel, id int64) (int64, error) {
	first, last := p.Span()
	if id != 0 {
		_, err := tx.tx.ExecContext(ctx, `UPDATE parcels SET carrier = ?, shipment_id = ?, url = ?, first_at = ?, last_at = ? WHERE id = ?`,
			p.Carrier, p.ShipmentID, p.URL, toMillis(first), toMillis(last), id)
		return id, err
	}
	err := tx.tx.QueryRowContext(ctx, `INSERT INTO parcels
		(order_id, carrier, number, number_key, shipment_id, url, first_at, last_at, hint_number, hint_external)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '') RETURNING id`,
		orderID, p.Carrier, p.Number, legacy.NormalNumber(p.Number), p.ShipmentID, p.URL, toMillis(first), toMillis(last)).Scan(&id)
	return id, err
}
