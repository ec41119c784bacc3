package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// numberWindow is how far in time two uses of one parcel number may lie apart and still mean the same parcel.
// Carriers recycle numbers; EasyPost, the most cautious of those read, holds them apart for three months.
const numberWindow = 120 * 24 * time.Hour

// NewOrderID draws a public order id: 130 random bits in lower-case base32.
func NewOrderID() string {
	return strings.ToLower(rand.Text())
}

// OrderByID returns the order of that public id with its parcels and events, or ErrNotFound.
func (s *Store) OrderByID(ctx context.Context, id string) (order *tracking.Order, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		order, err = tx.Order(ctx, id)
		return err
	})
	return order, err
}

// OrdersByNumber returns the orders of that number, the newest first: shops restart their numbering, and one Shop may
// have several sources. Case, spaces and a leading '#' do not matter. No order is no error.
func (s *Store) OrdersByNumber(ctx context.Context, number string) (orders []tracking.Order, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		orders, err = tx.orders(ctx, `SELECT id FROM orders WHERE number_key = ? ORDER BY placed_at DESC, id LIMIT 20`, tracking.NormalNumber(number))
		return err
	})
	return orders, err
}

// OrderByParcel returns the order whose parcel bears that number, the newest use of the number first, or ErrNotFound.
func (s *Store) OrderByParcel(ctx context.Context, number string) (*tracking.Order, error) {
	var orders []tracking.Order
	err := s.View(ctx, func(tx *Tx) (err error) {
		orders, err = tx.orders(ctx, `SELECT order_id FROM parcels WHERE number_key = ? AND order_id IS NOT NULL
			ORDER BY last_at DESC, id DESC LIMIT 1`, tracking.NormalNumber(number))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(orders) == 0 {
		return nil, ErrNotFound
	}
	return &orders[0], nil
}

// Order returns the order of that public id with its parcels and events, or ErrNotFound.
func (tx *Tx) Order(ctx context.Context, id string) (*tracking.Order, error) {
	var body string
	err := tx.tx.QueryRowContext(ctx, `SELECT body FROM orders WHERE id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reading an order: %w", err)
	}
	var order tracking.Order
	if err := json.Unmarshal([]byte(body), &order); err != nil {
		return nil, fmt.Errorf("reading order %s: its stored form cannot be decoded: %w", id, err)
	}
	rows, err := tx.parcels(ctx, `order_id = ?`, id)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		order.Parcels = append(order.Parcels, row.Parcel)
	}
	return &order, nil
}

// orders loads the orders whose ids the query selects, in that order.
func (tx *Tx) orders(ctx context.Context, query string, args ...any) ([]tracking.Order, error) {
	ids, err := tx.ids(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	orders := make([]tracking.Order, 0, len(ids))
	for _, id := range ids {
		order, err := tx.Order(ctx, id)
		if err != nil {
			return nil, err
		}
		orders = append(orders, *order)
	}
	return orders, nil
}

func (tx *Tx) ids(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := tx.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("looking up orders: %w", err)
	}
	return collect(rows, func(scan func(...any) error) (id string, err error) {
		return id, scan(&id)
	}, nil)
}

// FindOrder returns the order that a source means: by the shop platform's id, else by its number, the newest first.
// It returns ErrNotFound when neither is known yet. Source "" looks at the orders of every source: it is a carrier's, whose
// id may be of its own making, so that the number counts beside any.
func (tx *Tx) FindOrder(ctx context.Context, source, externalID, number string) (*tracking.Order, error) {
	orders, err := tx.orders(ctx, `SELECT id FROM orders
		WHERE (? = '' OR source = ?) AND ((? <> '' AND external_id = ?)
			OR (? <> '' AND number_key = ? AND (? = '' OR ? = '' OR external_id = '' OR external_id = ?)))
		ORDER BY external_id <> ? , placed_at DESC, id LIMIT 1`,
		source, source, externalID, externalID,
		number, tracking.NormalNumber(number), source, externalID, externalID, externalID)
	if err != nil {
		return nil, err
	}
	if len(orders) == 0 {
		return nil, ErrNotFound
	}
	return &orders[0], nil
}

// OrdersOfParcel returns the ids of the orders that the parcel carries: one as a rule, several when they were packed together.
// At is when the parcel was seen: a number that was last used long before is another parcel.
func (tx *Tx) OrdersOfParcel(ctx context.Context, carrier, number string, at time.Time) ([]string, error) {
	return tx.ids(ctx, `SELECT DISTINCT order_id FROM parcels WHERE number_key = ? AND order_id IS NOT NULL
		AND (carrier = ? OR carrier = '' OR ? = '') AND first_at <= ? AND last_at >= ? ORDER BY order_id`,
		tracking.NormalNumber(number), carrier, carrier, millis(at.Add(numberWindow)), millis(at.Add(-numberWindow)))
}

// SaveOrder stores the order with its parcels and new events. What is stored already stays.
func (tx *Tx) SaveOrder(ctx context.Context, order *tracking.Order) error {
	head := *order
	head.Parcels = nil // rows of their own
	body, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("encoding order %s: %w", order.ID, err)
	}
	_, err = tx.tx.ExecContext(ctx, `INSERT INTO orders (id, source, external_id, number_key, placed_at, body) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET source = excluded.source, external_id = excluded.external_id,
			number_key = excluded.number_key, placed_at = excluded.placed_at, body = excluded.body`,
		order.ID, order.Source, order.ExternalID, tracking.NormalNumber(order.Number), millis(order.PlacedAt), string(body))
	if err != nil {
		return fmt.Errorf("storing order %s: %w", order.ID, err)
	}
	stored, err := tx.parcels(ctx, `order_id = ?`, order.ID)
	if err != nil {
		return err
	}
	for _, parcel := range order.Parcels {
		if err := tx.saveParcel(ctx, owner{orderID: order.ID}, toldAt(order), parcel, same(stored, parcel)); err != nil {
			return fmt.Errorf("storing a parcel of order %s: %w", order.ID, err)
		}
	}
	return nil
}

// toldAt is when the shop last told of the order, and so of a parcel that is new in it.
func toldAt(order *tracking.Order) time.Time {
	if order.UpdatedAt.After(order.PlacedAt) {
		return order.UpdatedAt
	}
	return order.PlacedAt
}

// same finds the stored row of the parcel; nil = it is new.
func same(stored []parcelRow, p tracking.Parcel) *parcelRow {
	for i := range stored {
		if stored[i].Is(p.Carrier, p.Number) {
			return &stored[i]
		}
	}
	return nil
}
