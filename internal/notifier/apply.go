package notifier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// maxNeighbours bounds how many records are joined at once. A person orders some dozen times a year, and few orders share a number.
const maxNeighbours = 600

// errTooMany means that a receipt's numbers lead to more records than can be joined at once.
var errTooMany = errors.New("its numbers are shared by too many records to be joined")

// changes collects what one receipt, or one order that is evaluated again, changes in the records and orders around it.
type changes struct {
	n          *Notifier
	tx         *store.Tx
	receivedAt time.Time // when the receipt was committed
	muted      bool      // no message is queued: it is a replay, or a receipt from before the activity was loosened
	records    []record
	before     map[string]tracking.Order // the orders as they were, by id
}

// record is a stored record that shares a key with the receipt.
type record struct {
	store.Stored
	touched bool // the receipt changes it
}

// apply merges the statements of one receipt into the records, joins these anew with all that share a key with them, and evaluates the
// orders that change.
func (n *Notifier) apply(ctx context.Context, tx *store.Tx, heard time.Time, muted bool, statements []tracking.Statement) error {
	c := &changes{n: n, tx: tx, receivedAt: heard, muted: muted || !heard.After(n.Activity().MuteUntil), before: map[string]tracking.Order{}}
	if err := c.load(ctx, tracking.Identify(statements)); err != nil {
		return err
	}
	if !slices.ContainsFunc(c.records, func(r record) bool { return r.touched }) {
		return nil
	}
	return c.join(ctx)
}

// load loads the records that share a key with the statements, before and after, and merges the statements into them.
func (c *changes) load(ctx context.Context, statements []tracking.Statement) error {
	said := map[tracking.Key]*tracking.Record{}
	var keys []string
	for _, s := range statements {
		if said[s.Key] == nil {
			known, err := c.tx.Record(ctx, s.Key)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			keys = append(keys, known.Record.JoinKeys()...)
			said[s.Key] = &tracking.Record{}
		}
		said[s.Key].Take(s)
		keys = append(keys, said[s.Key].JoinKeys()...)
	}
	near, more, err := c.tx.Neighbours(ctx, keys, maxNeighbours)
	if err != nil {
		return err
	}
	if more {
		return errTooMany
	}
	for _, stored := range near {
		c.records = append(c.records, record{Stored: stored})
	}
	if err := c.assembleBefore(ctx); err != nil {
		return err
	}
	for _, s := range statements {
		c.take(s)
	}
	return nil
}

func (c *changes) take(s tracking.Statement) {
	i := slices.IndexFunc(c.records, func(r record) bool { return r.Record.Key == s.Key })
	if i < 0 {
		c.records = append(c.records, record{})
		i = len(c.records) - 1
	}
	if c.records[i].Record.Take(s) {
		c.records[i].touched = true
	}
}

// assembleBefore assembles the orders of the records as they are before the receipt.
func (c *changes) assembleBefore(ctx context.Context) error {
	for _, id := range c.ids() {
		row, err := c.tx.OrderRow(ctx, id)
		if err != nil {
			return err
		}
		c.before[id] = tracking.Assemble(id, c.of(id), row.Bounds)
	}
	return nil
}

// ids returns the orders that the records belong to, sorted.
func (c *changes) ids() []string {
	var all []string
	for _, r := range c.records {
		all = append(all, r.Orders...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (c *changes) of(id string) []tracking.Record {
	var all []tracking.Record
	for _, r := range c.records {
		if slices.Contains(r.Orders, id) {
			all = append(all, r.Record)
		}
	}
	return all
}

// join groups the records into orders anew, stores what has changed, and evaluates the affected orders.
func (c *changes) join(ctx context.Context) error {
	records := make([]tracking.Record, len(c.records))
	for i := range c.records {
		records[i] = c.records[i].Record
	}
	joined := tracking.Join(records)
	owners := make([][]string, len(records))
	ids := make([]string, len(joined.Groups))
	var taken []string
	for g, group := range joined.Groups {
		id, err := c.identify(ctx, group, &taken)
		if err != nil {
			return err
		}
		ids[g] = id
		for _, i := range group.Records {
			owners[i] = append(owners[i], id)
		}
	}
	concerned, err := c.save(ctx, owners, joined.Doubtful)
	if err != nil {
		return err
	}
	for g, group := range joined.Groups {
		if err := c.settle(ctx, ids[g], group, concerned); err != nil {
			return err
		}
	}
	return nil
}

// identify returns the id of a group's order: the one that it had before. Several orders that turn out to be one are merged; an order that
// is split keeps the id where its leading record is.
func (c *changes) identify(ctx context.Context, group tracking.Group, taken *[]string) (string, error) {
	var id string
	for _, i := range group.Records {
		r := c.records[i]
		if r.Record.Order == nil {
			continue
		}
		for _, known := range r.Orders {
			switch {
			case known == id || slices.Contains(*taken, known):
			case id == "":
				id = known
				*taken = append(*taken, id)
			default:
				if err := c.tx.MergeOrder(ctx, known, id); err != nil {
					return "", err
				}
				*taken = append(*taken, known)
			}
		}
	}
	if id != "" {
		return id, nil
	}
	id = store.NewOrderID()
	*taken = append(*taken, id)
	return id, c.tx.PutOrder(ctx, store.OrderRow{ID: id, PlacedAt: c.receivedAt})
}

// save stores the records that are new, changed, or belong to another order now. It returns the affected orders.
func (c *changes) save(ctx context.Context, owners [][]string, doubtful []int) (map[string]bool, error) {
	concerned := map[string]bool{}
	for i := range c.records {
		r := &c.records[i]
		state := store.RecordJoined
		switch {
		case slices.Contains(doubtful, i):
			state = store.RecordDoubtful
		case len(owners[i]) == 0:
			state = store.RecordWaiting
		}
		now := slices.Sorted(slices.Values(owners[i]))
		if !r.touched && state == r.State && slices.Equal(now, r.Orders) {
			continue
		}
		for _, id := range slices.Concat(r.Orders, now) {
			concerned[id] = true
		}
		if err := c.tx.SaveRecord(ctx, r.Record, state, now...); err != nil {
			return nil, err
		}
		r.Orders, r.State = now, state
	}
	return concerned, nil
}

// settle assembles the order of a group and evaluates it, if anything of it has changed.
func (c *changes) settle(ctx context.Context, id string, group tracking.Group, concerned map[string]bool) error {
	row, err := c.tx.OrderRow(ctx, id)
	if err != nil {
		return err
	}
	if !concerned[id] && sameBounds(row.Bounds, group.Bounds) {
		return nil
	}
	row.Bounds = group.Bounds
	order := tracking.Assemble(id, c.of(id), group.Bounds)
	row.PlacedAt = order.PlacedAt
	e := evaluation{n: c.n, tx: c.tx, row: row, order: order, muted: c.muted}
	if before, known := c.before[id]; known {
		e.before = &before
	}
	if err := e.run(ctx); err != nil {
		return fmt.Errorf("evaluating an order: %w", err)
	}
	return c.tx.WriteLegacy(ctx, &order)
}

func sameBounds(a, b tracking.Bounds) bool {
	sameEnds := maps.EqualFunc(a.Ends, b.Ends, time.Time.Equal)
	return sameEnds && slices.Equal(a.Shared, b.Shared) && maps.EqualFunc(a.Together, b.Together, slices.Equal[[]string])
}
