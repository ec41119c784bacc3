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
	id          int64
	first, last time.Time // the window in which the number means this parcel; zero for a parcel that is not stored yet
}

// parcels loads the parcels that the condition selects, in the order in which they became known, with their events oldest first.
func (tx *Tx) parcels(ctx context.Context, where string, args ...any) ([]parcelRow, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT id, carrier, number, shipment_id, url, first_at, last_at FROM parcels WHERE `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("reading parcels: %w", err)
	}
	parcels, err := collect(rows, func(scan func(...any) error) (row parcelRow, err error) {
		var first, last int64
		err = scan(&row.id, &row.Carrier, &row.Number, &row.ShipmentID, &row.URL, &first, &last)
		row.first, row.last = fromMillis(first), fromMillis(last)
		return row, err
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

// owner is whose parcel it is: an order's, or nobody's yet, with what the carrier said of the order.
type owner struct {
	orderID      string
	hintNumber   string
	hintExternal string
}

// saveParcel updates the stored row of that parcel or adds one, and adds the events that are new.
// A new parcel was told of at seen; that may be months after its order was placed.
func (tx *Tx) saveParcel(ctx context.Context, of owner, seen time.Time, p tracking.Parcel, stored *parcelRow) error {
	row := parcelRow{Parcel: p, first: seen, last: seen}
	known := map[string]bool{}
	if stored != nil {
		row.id, row.first, row.last = stored.id, stored.first, stored.last
		for _, e := range stored.Events {
			known[e.Key] = true
		}
	}
	id, err := tx.upsertParcel(ctx, of, row)
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

func (tx *Tx) upsertParcel(ctx context.Context, of owner, p parcelRow) (id int64, err error) {
	first, last := p.first, p.last
	for _, e := range p.Events {
		if first.IsZero() || e.Time.Before(first) {
			first = e.Time
		}
		if e.Time.After(last) {
			last = e.Time
		}
	}
	if p.id != 0 {
		_, err := tx.tx.ExecContext(ctx, `UPDATE parcels SET carrier = ?, shipment_id = ?, url = ?, first_at = ?, last_at = ?,
			hint_number = CASE hint_number WHEN '' THEN ? ELSE hint_number END,
			hint_external = CASE hint_external WHEN '' THEN ? ELSE hint_external END WHERE id = ?`,
			p.Carrier, p.ShipmentID, p.URL, millis(first), millis(last), of.hintNumber, of.hintExternal, p.id)
		return p.id, err
	}
	order := sql.NullString{String: of.orderID, Valid: of.orderID != ""}
	err = tx.tx.QueryRowContext(ctx, `INSERT INTO parcels
		(order_id, carrier, number, number_key, shipment_id, url, first_at, last_at, hint_number, hint_external)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		order, p.Carrier, p.Number, tracking.NormalNumber(p.Number), p.ShipmentID, p.URL, millis(first), millis(last),
		of.hintNumber, of.hintExternal).Scan(&id)
	return id, err
}

// orphans loads the parcels without an order of that number or, where the number is not known, of that shipment,
// seen at about that time.
func (tx *Tx) orphans(ctx context.Context, carrier, number, shipment string, at time.Time) ([]parcelRow, error) {
	return tx.parcels(ctx, `order_id IS NULL AND first_at <= ? AND last_at >= ? AND (
		(number_key <> '' AND number_key = ? AND (carrier = ? OR carrier = '' OR ? = ''))
		OR (number_key = '' AND shipment_id <> '' AND shipment_id = ?))`,
		millis(at.Add(numberWindow)), millis(at.Add(-numberWindow)),
		tracking.NormalNumber(number), carrier, carrier, shipment)
}

// KeepOrphan stores events of a parcel whose order is not known yet; AdoptOrphans joins them later.
func (tx *Tx) KeepOrphan(ctx context.Context, said tracking.ParcelEvents, at time.Time) error {
	rows, err := tx.orphans(ctx, said.Carrier, said.Number, said.ShipmentID, at)
	if err != nil {
		return err
	}
	// The aggregate's own merge serves a parcel without an order, too.
	holder := tracking.Order{Parcels: []tracking.Parcel{{Carrier: said.Carrier, Number: said.Number, ShipmentID: said.ShipmentID}}}
	var stored *parcelRow
	if len(rows) > 0 {
		stored = &rows[len(rows)-1]
		holder.Parcels[0] = stored.Parcel
	}
	tracking.ApplyEvents(&holder, said)
	of := owner{hintNumber: tracking.NormalNumber(said.OrderNumber), hintExternal: said.ExternalID}
	if err := tx.saveParcel(ctx, of, at, holder.Parcels[0], stored); err != nil {
		return fmt.Errorf("storing a parcel without an order: %w", err)
	}
	return nil
}

// AdoptOrphans merges into the order what carriers have said of its parcels before the order, or the parcel, was known.
func (tx *Tx) AdoptOrphans(ctx context.Context, order *tracking.Order) error {
	at := toldAt(order)
	rows, err := tx.parcels(ctx, `order_id IS NULL AND first_at <= ? AND last_at >= ?
		AND ((hint_external <> '' AND hint_external = ?) OR (hint_number <> '' AND hint_number = ?))`,
		millis(at.Add(numberWindow)), millis(at.Add(-numberWindow)),
		order.ExternalID, tracking.NormalNumber(order.Number))
	if err != nil {
		return err
	}
	for _, parcel := range order.Parcels {
		more, err := tx.orphans(ctx, parcel.Carrier, parcel.Number, parcel.ShipmentID, at)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	for _, row := range rows {
		said := tracking.ParcelEvents{Carrier: row.Carrier, Number: row.Number, ShipmentID: row.ShipmentID, URL: row.URL, Events: row.Events}
		if !tracking.ApplyEvents(order, said) {
			continue // its parcel is still to come
		}
		if _, err := tx.tx.ExecContext(ctx, `DELETE FROM parcels WHERE id = ?`, row.id); err != nil {
			return fmt.Errorf("joining a parcel to its order: %w", err)
		}
	}
	return nil
}
