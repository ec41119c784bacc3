package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// RecordState is whether a record belongs to orders.
type RecordState string

// The states of a record.
const (
	RecordJoined   RecordState = "Joined"
	RecordWaiting  RecordState = "Waiting"  // its order is not known yet
	RecordDoubtful RecordState = "Doubtful" // it could belong to several orders, or contradicts the one that it names
)

// Stored is a record with the orders that it belongs to.
type Stored struct {
	Record tracking.Record
	Orders []string // ids, sorted; several for a parcel with several orders, none unless State is RecordJoined
	State  RecordState
}

// Record returns the record of that key, or ErrNotFound.
func (tx *Tx) Record(ctx context.Context, key tracking.Key) (Stored, error) {
	all, err := tx.storedRecords(ctx, `source = ? AND kind = ? AND ref = ?`, key.Source, string(key.Kind), key.Ref)
	if err != nil {
		return Stored{}, err
	}
	if len(all) == 0 {
		return Stored{}, ErrNotFound
	}
	return all[0].Stored, nil
}

// SaveRecord stores a record with its join keys and its orders, and replaces the one of the same key. A joined record has at least one
// order; a waiting or doubtful one has none.
func (tx *Tx) SaveRecord(ctx context.Context, r tracking.Record, state RecordState, orderIDs ...string) error {
	if (state == RecordJoined) != (len(orderIDs) > 0) {
		return fmt.Errorf("storing a record of %s: a record in the state %s cannot belong to %d orders", r.Key.Source, state, len(orderIDs))
	}
	body, err := encodeRecord(r)
	if err != nil {
		return fmt.Errorf("encoding a record of %s: %w", r.Key.Source, err)
	}
	var id int64
	err = tx.tx.QueryRowContext(ctx, `INSERT INTO records (source, kind, ref, state, first_heard, last_heard, body) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (source, kind, ref) DO UPDATE SET state = excluded.state, first_heard = excluded.first_heard,
			last_heard = excluded.last_heard, body = excluded.body RETURNING id`,
		r.Key.Source, string(r.Key.Kind), r.Key.Ref, string(state), toMillis(r.FirstHeard), toMillis(r.LastHeard), body).Scan(&id)
	if err != nil {
		return fmt.Errorf("storing a record of %s: %w", r.Key.Source, err)
	}
	if err := tx.replace(ctx, "record_keys", "key", id, r.JoinKeys()); err != nil {
		return fmt.Errorf("storing the join keys of a record of %s: %w", r.Key.Source, err)
	}
	if err := tx.replace(ctx, "order_records", "order_id", id, orderIDs); err != nil {
		return fmt.Errorf("storing the orders of a record of %s: %w", r.Key.Source, err)
	}
	return nil
}

// replace makes the values the only ones that the table has for the record. It writes only differences: most often there are none.
func (tx *Tx) replace(ctx context.Context, table, column string, record int64, values []string) error {
	known, err := tx.texts(ctx, `SELECT `+column+` FROM `+table+` WHERE record_id = ?`, record)
	if err != nil {
		return err
	}
	for _, value := range known {
		if slices.Contains(values, value) {
			continue
		}
		if _, err := tx.tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE record_id = ? AND `+column+` = ?`, record, value); err != nil {
			return err
		}
	}
	for _, value := range values {
		if slices.Contains(known, value) {
			continue
		}
		if _, err := tx.tx.ExecContext(ctx, `INSERT INTO `+table+` (record_id, `+column+`) VALUES (?, ?)`, record, value); err != nil {
			return err
		}
		known = append(known, value)
	}
	return nil
}

// RecordsOf returns the records of an order, sorted by key, or none. It includes what the previous version has
// written of the order and ConvertLegacy has not taken over yet.
func (tx *Tx) RecordsOf(ctx context.Context, orderID string) ([]tracking.Record, error) {
	known, err := tx.recordsOf(ctx, orderID)
	if err != nil {
		return nil, err
	}
	over, err := tx.takeOver(ctx, orderID, known)
	if err != nil {
		return nil, err
	}
	if over != nil {
		known = over.records
	}
	slices.SortFunc(known, func(a, b tracking.Record) int { return compareKeys(a.Key, b.Key) })
	return known, nil
}

func compareKeys(a, b tracking.Key) int {
	return strings.Compare(string(a.Kind)+"\x00"+a.Source+"\x00"+a.Ref, string(b.Kind)+"\x00"+b.Source+"\x00"+b.Ref)
}

// recordsOf reads the stored records of an order.
func (tx *Tx) recordsOf(ctx context.Context, orderID string) ([]tracking.Record, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT r.body FROM order_records o JOIN records r ON r.id = o.record_id WHERE o.order_id = ? ORDER BY r.id`, orderID)
	if err != nil {
		return nil, fmt.Errorf("reading the records of an order: %w", err)
	}
	return collect(rows, func(scan func(...any) error) (tracking.Record, error) {
		var body []byte
		if err := scan(&body); err != nil {
			return tracking.Record{}, err
		}
		return decodeRecord(body)
	}, nil)
}

// row is a stored record with the id of its row.
type row struct {
	Stored
	id int64
}

func (tx *Tx) storedRecords(ctx context.Context, where string, args ...any) ([]row, error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT id, state, body FROM records WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading records: %w", err)
	}
	all, err := collect(rows, func(scan func(...any) error) (r row, err error) {
		var body []byte
		if err := scan(&r.id, &r.State, &body); err != nil {
			return r, err
		}
		r.Record, err = decodeRecord(body)
		return r, err
	}, func(a, b row) int { return int(a.id - b.id) })
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all, tx.readOrders(ctx, all)
}

// readOrders fills in the orders of the records.
func (tx *Tx) readOrders(ctx context.Context, records []row) error {
	at := map[int64]*row{}
	ids := make([]int64, len(records))
	for i := range records {
		ids[i] = records[i].id
		at[ids[i]] = &records[i]
	}
	among, args := list(ids)
	rows, err := tx.tx.QueryContext(ctx, `SELECT record_id, order_id FROM order_records WHERE record_id IN `+among+` ORDER BY order_id`, args...)
	if err != nil {
		return fmt.Errorf("reading the orders of records: %w", err)
	}
	_, err = collect(rows, func(scan func(...any) error) (id int64, err error) {
		var order string
		if err := scan(&id, &order); err != nil {
			return id, err
		}
		at[id].Orders = append(at[id].Orders, order)
		return id, nil
	}, nil)
	return err
}

// Neighbours returns the records that share one of the join keys, those that share a key or an order with them, and so on, in
// the order in which they were first stored. It stops at limit records, and reports whether there are more. It first converts orders of
// the previous version that have such a key, so it needs an Update. Its cost depends on what it returns, not on how much is stored.
func (tx *Tx) Neighbours(ctx context.Context, keys []string, limit int) (near []Stored, more bool, err error) {
	search := neighbourhood{tx: tx, limit: limit, keys: map[string]bool{}, orders: map[string]bool{}, rows: map[int64]row{}}
	for next := keys; len(next) > 0 && !search.more; {
		if next, err = search.round(ctx, next); err != nil {
			return nil, false, err
		}
	}
	all := make([]row, 0, len(search.rows))
	for _, r := range search.rows {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b row) int { return int(a.id - b.id) })
	for _, r := range all {
		near = append(near, r.Stored)
	}
	return near, search.more, nil
}

// neighbourhood is a search that grows from join keys until it is closed.
type neighbourhood struct {
	tx     *Tx
	limit  int
	more   bool
	keys   map[string]bool // that were searched for
	orders map[string]bool
	rows   map[int64]row
}

// round finds the records of the keys and of the orders that these belong to, and returns the keys that are new with them.
func (n *neighbourhood) round(ctx context.Context, keys []string) (next []string, err error) {
	keys = unseen(n.keys, keys)
	if err := n.tx.convertByKeys(ctx, keys); err != nil {
		return nil, err
	}
	found, err := n.add(ctx, `SELECT record_id FROM record_keys WHERE key IN `, keys)
	if err != nil {
		return nil, err
	}
	var orders []string
	for _, r := range found {
		orders = append(orders, r.Orders...)
	}
	siblings, err := n.add(ctx, `SELECT record_id FROM order_records WHERE order_id IN `, unseen(n.orders, orders))
	if err != nil {
		return nil, err
	}
	for _, r := range append(found, siblings...) {
		next = append(next, r.Record.JoinKeys()...)
	}
	return next, nil
}

// unseen marks the values as seen, and returns those that were not before.
func unseen(seen map[string]bool, values []string) (fresh []string) {
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			fresh = append(fresh, v)
		}
	}
	return fresh
}

// add reads the records that the query selects for the values, as far as they are new and the limit allows.
func (n *neighbourhood) add(ctx context.Context, query string, values []string) (added []row, err error) {
	for part := range slices.Chunk(values, maxParameters) {
		among, args := list(part)
		ids, err := n.tx.numbers(ctx, query+among+` LIMIT ?`, append(args, n.limit+len(n.rows)+1)...)
		if err != nil {
			return nil, fmt.Errorf("finding neighbours: %w", err)
		}
		slices.Sort(ids)
		ids = slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { _, known := n.rows[id]; return known })
		if room := n.limit - len(n.rows); len(ids) > room {
			n.more, ids = true, ids[:room]
		}
		for some := range slices.Chunk(ids, maxParameters) {
			among, args := list(some)
			read, err := n.tx.storedRecords(ctx, `id IN `+among, args...)
			if err != nil {
				return nil, err
			}
			for _, r := range read {
				n.rows[r.id] = r
			}
			added = append(added, read...)
		}
	}
	return added, nil
}

// OpenRecords returns up to limit records of that state whose last statement came before the given time, the oldest first.
func (tx *Tx) OpenRecords(ctx context.Context, state RecordState, before time.Time, limit int) ([]Stored, error) {
	rows, err := tx.storedRecords(ctx, `id IN (SELECT id FROM records WHERE state <> 'Joined' AND state = ? AND last_heard < ?
		ORDER BY last_heard, id LIMIT ?)`, string(state), toMillis(before), limit)
	if err != nil {
		return nil, err
	}
	all := make([]Stored, len(rows))
	for i := range rows {
		all[i] = rows[i].Stored
	}
	return all, nil
}

// hasRow reports whether the query finds a row.
func (tx *Tx) hasRow(ctx context.Context, query string, args ...any) (bool, error) {
	var one int
	err := tx.tx.QueryRowContext(ctx, query, args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
