package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/wismo-dev/wismo/internal/store/legacy"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// WriteLegacy writes an order, as it is assembled now, for a program of the version before that may come back or works beside
// this one. Call it after the order's records are saved; what such a program has added must be taken over before.
func (tx *Tx) WriteLegacy(ctx context.Context, o *tracking.Order) error {
	records, err := tx.recordsOf(ctx, o.ID)
	if err != nil {
		return err
	}
	old := project(*o, records)
	if err := tx.writeLegacyOrder(ctx, old); err != nil {
		return fmt.Errorf("writing an order for the version before: %w", err)
	}
	stored, err := tx.legacyParcels(ctx, `order_id = ?`, o.ID)
	if err != nil {
		return err
	}
	for _, p := range old.Parcels {
		if err := tx.writeLegacyParcel(ctx, o.ID, p, stored); err != nil {
			return fmt.Errorf("writing a parcel for the version before: %w", err)
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
	_, err = tx.tx.ExecContext(ctx, `UPDATE orders SET source = ?, external_id = ?, number_key = ?, placed_at = ?, body = ? WHERE id = ?`,
		o.Source, o.ExternalID, legacy.NormalNumber(o.Number), millis(o.PlacedAt), string(body), o.ID)
	return err
}

func (tx *Tx) writeLegacyParcel(ctx context.Context, orderID string, p legacy.Parcel, stored []legacyParcel) error {
	known := map[string]bool{}
	var id int64
	for _, s := range stored {
		if legacy.NormalNumber(s.Number) == legacy.NormalNumber(p.Number) {
			id = s.id
			for _, e := range s.Events {
				known[e.Key] = true
			}
		}
	}
	id, err := tx.upsertLegacyParcel(ctx, orderID, p, id)
	if err != nil {
		return err
	}
	for _, e := range p.Events {
		if known[e.Key] {
			continue
		}
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		_, err = tx.tx.ExecContext(ctx, `INSERT INTO events (parcel_id, event_key, at, body) VALUES (?, ?, ?, ?) ON CONFLICT (parcel_id, event_key) DO NOTHING`,
			id, e.Key, millis(e.Time), string(body))
		if err != nil {
			return err
		}
	}
	return nil
}

// upsertLegacyParcel updates the row of that id, or adds one where it is 0.
func (tx *Tx) upsertLegacyParcel(ctx context.Context, orderID string, p legacy.Parcel, id int64) (int64, error) {
	first, last := p.Span()
	if id != 0 {
		_, err := tx.tx.ExecContext(ctx, `UPDATE parcels SET carrier = ?, shipment_id = ?, url = ?, first_at = ?, last_at = ? WHERE id = ?`,
			p.Carrier, p.ShipmentID, p.URL, millis(first), millis(last), id)
		return id, err
	}
	err := tx.tx.QueryRowContext(ctx, `INSERT INTO parcels
		(order_id, carrier, number, number_key, shipment_id, url, first_at, last_at, hint_number, hint_external)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', '') RETURNING id`,
		orderID, p.Carrier, p.Number, legacy.NormalNumber(p.Number), p.ShipmentID, p.URL, millis(first), millis(last)).Scan(&id)
	return id, err
}
