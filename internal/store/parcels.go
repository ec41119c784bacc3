package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

type parcelRow struct {
	tracking.Parcel
	id int64
}

// parcels loads the parcels that the condition selects, in the order in which they became known, with their events oldest first.
func (tx *Tx) parcels(ctx context.Context, where string, args ...any) ([]parcelRow, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT id, carrier, number, shipment_id, url FROM parcels WHERE `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("reading parcels: %w", err)
	}
	parcels, err := collect(rows, func(scan func(...any) error) (row parcelRow, err error) {
		return row, scan(&row.id, &row.Carrier, &row.Number, &row.ShipmentID, &row.URL)
	}, nil)
	if err != nil {
		return nil, err
	}
	for i := range parcels {
		if parcels[i].Events, err = tx.events(ctx, parcels[i].id); err != nil {
			return nil, err
		}
	}
	return parcels, nil
}

func (tx *Tx) events(ctx context.Context, parcel int64) ([]tracking.Event, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT body FROM events WHERE parcel_id = ? ORDER BY at, event_key`, parcel)
	if err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	return collect(rows, func(scan func(...any) error) (e tracking.Event, err error) {
		var body string
		if err := scan(&body); err != nil {
			return e, err
		}
		return e, json.Unmarshal([]byte(body), &e)
	}, nil)
}

// saveParcel updates the stored row of that parcel or adds one, and adds the events that are new.
func (tx *Tx) saveParcel(ctx context.Context, orderID string, seen time.Time, p tracking.Parcel, stored []parcelRow) error {
	first, last := seen, seen
	for _, e := range p.Events {
		if first.IsZero() || e.Time.Before(first) {
			first = e.Time
		}
		if e.Time.After(last) {
			last = e.Time
		}
	}
	id, known := int64(0), map[string]bool{}
	for _, row := range stored {
		if row.Is(p.Carrier, p.Number) {
			id = row.id
			for _, e := range row.Events {
				known[e.Key] = true
			}
			break
		}
	}
	id, err := tx.upsertParcel(ctx, id, orderID, p, first, last)
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
		_, err = tx.tx.ExecContext(ctx, `INSERT INTO events (parcel_id, event_key, at, body) VALUES (?, ?, ?, ?)
			ON CONFLICT (parcel_id, event_key) DO NOTHING`, id, e.Key, millis(e.Time), string(body))
		if err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) upsertParcel(ctx context.Context, id int64, orderID string, p tracking.Parcel, first, last time.Time) (int64, error) {
	if id != 0 {
		_, err := tx.tx.ExecContext(ctx, `UPDATE parcels SET carrier = ?, shipment_id = ?, url = ?, first_at = ?, last_at = ? WHERE id = ?`,
			p.Carrier, p.ShipmentID, p.URL, millis(first), millis(last), id)
		return id, err
	}
	order := sql.NullString{String: orderID, Valid: orderID != ""}
	err := tx.tx.QueryRowContext(ctx, `INSERT INTO parcels (order_id, carrier, number, number_key, shipment_id, url, first_at, last_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		order, p.Carrier, p.Number, tracking.NormalNumber(p.Number), p.ShipmentID, p.URL, millis(first), millis(last)).Scan(&id)
	return id, err
}

// orphanWhere selects parcels of that number whose order is not known, seen within the window.
const orphanWhere = `order_id IS NULL AND number_key = ? AND (carrier = ? OR carrier = '' OR ? = '') AND first_at <= ? AND last_at >= ?`

func (tx *Tx) orphans(ctx context.Context, carrier, number string, at time.Time) ([]parcelRow, error) {
	return tx.parcels(ctx, orphanWhere, tracking.NormalNumber(number), carrier, carrier,
		millis(at.Add(numberWindow)), millis(at.Add(-numberWindow)))
}

// KeepOrphan stores events of a parcel whose order is not known yet; AdoptOrphans joins them later.
func (tx *Tx) KeepOrphan(ctx context.Context, said tracking.ParcelEvents, at time.Time) error {
	stored, err := tx.orphans(ctx, said.Carrier, said.Number, at)
	if err != nil {
		return err
	}
	// The aggregate's own merge keeps the events of a parcel without an order in order, too.
	var holder tracking.Order
	if len(stored) > 0 {
		stored = stored[len(stored)-1:]
		holder.Parcels = []tracking.Parcel{stored[0].Parcel}
	}
	tracking.ApplyEvents(&holder, said)
	for _, parcel := range holder.Parcels {
		if err := tx.saveParcel(ctx, "", at, parcel, stored); err != nil {
			return fmt.Errorf("storing a parcel without an order: %w", err)
		}
	}
	return nil
}

// AdoptOrphans merges into the order what carriers have said of its parcels before the order was known.
func (tx *Tx) AdoptOrphans(ctx context.Context, order *tracking.Order) error {
	for _, parcel := range order.Parcels {
		rows, err := tx.orphans(ctx, parcel.Carrier, parcel.Number, order.PlacedAt)
		if err != nil {
			return err
		}
		for _, row := range rows {
			tracking.ApplyEvents(order, tracking.ParcelEvents{Carrier: row.Carrier, Number: row.Number, ShipmentID: row.ShipmentID, URL: row.URL, Events: row.Events})
			if _, err := tx.tx.ExecContext(ctx, `DELETE FROM parcels WHERE id = ?`, row.id); err != nil {
				return fmt.Errorf("joining a parcel to its order: %w", err)
			}
		}
	}
	return nil
}
