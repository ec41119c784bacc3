package notifier

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// changes are the orders that one receipt touches, with their journeys as they were before it.
type changes struct {
	n      *Notifier
	tx     *store.Tx
	from   bundle.Source
	heard  time.Time
	orders map[string]*change
}

type change struct {
	order  *tracking.Order
	before tracking.Journey // zero for a new order
}

// apply merges what a receipt says into the orders it concerns, and queues what there is to be told.
func (n *Notifier) apply(ctx context.Context, tx *store.Tx, from bundle.Source, claim store.ReceiptClaim, update tracking.Update) error {
	c := &changes{n: n, tx: tx, from: from, heard: claim.ReceivedAt, orders: map[string]*change{}}
	for _, said := range update.Orders {
		if err := c.applyOrder(ctx, said); err != nil {
			return err
		}
	}
	for _, said := range update.Events {
		if err := c.applyEvents(ctx, said); err != nil {
			return err
		}
	}
	for _, changed := range c.inOrder() {
		if err := tx.SaveOrder(ctx, changed.order); err != nil {
			return err
		}
		if err := n.tell(ctx, tx, changed); err != nil {
			return err
		}
	}
	return nil
}

func (c *changes) inOrder() []*change {
	all := make([]*change, 0, len(c.orders))
	for _, one := range c.orders {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b *change) int {
		return cmp.Or(a.order.PlacedAt.Compare(b.order.PlacedAt), cmp.Compare(a.order.ID, b.order.ID))
	})
	return all
}

func (c *changes) applyOrder(ctx context.Context, said tracking.OrderChange) error {
	said.At = orElse(said.At, c.heard)
	changed, err := c.find(ctx, said.Order.ExternalID, said.Order.Number)
	if errors.Is(err, store.ErrNotFound) {
		if c.from.Kind != bundle.Orders {
			return nil // a carrier speaks of an order that the shop has not told of
		}
		changed, err = c.add(ctx, said)
	}
	if err != nil {
		return err
	}
	said.Order.ID, said.Order.Source = "", ""
	tracking.Apply(changed.order, said)
	return c.tx.AdoptOrphans(ctx, changed.order)
}

// add makes a new order, stored at once so that the rest of the receipt finds it.
func (c *changes) add(ctx context.Context, said tracking.OrderChange) (*change, error) {
	order := &tracking.Order{ID: store.NewOrderID(), Source: c.from.Name}
	said.Order.PlacedAt = orElse(said.Order.PlacedAt, said.At)
	said.Order.Phase = cmp.Or(said.Order.Phase, tracking.OrderReceived)
	tracking.Apply(order, said)
	c.orders[order.ID] = &change{order: order}
	return c.orders[order.ID], c.tx.SaveOrder(ctx, order)
}

func (c *changes) applyEvents(ctx context.Context, said tracking.ParcelEvents) error {
	at := c.heard
	if len(said.Events) > 0 {
		at = said.Events[len(said.Events)-1].Time
	}
	concerned, err := c.concerned(ctx, said, at)
	if err != nil {
		return err
	}
	found := false
	for _, changed := range concerned {
		before := len(changed.order.Parcels)
		found = tracking.ApplyEvents(changed.order, said) || found
		if len(changed.order.Parcels) == before {
			continue
		}
		// The parcel is new to the order; others may have spoken of it already.
		if err := c.tx.AdoptOrphans(ctx, changed.order); err != nil {
			return err
		}
	}
	if !found {
		return c.tx.KeepOrphan(ctx, said, at)
	}
	return nil
}

// concerned finds the orders of a parcel: the one that the carrier names, and those that the parcel is known to carry.
func (c *changes) concerned(ctx context.Context, said tracking.ParcelEvents, at time.Time) ([]*change, error) {
	var all []*change
	named, err := c.find(ctx, said.ExternalID, said.OrderNumber)
	switch {
	case err == nil:
		all = append(all, named)
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	if said.Number == "" {
		return all, nil
	}
	ids, err := c.tx.OrdersOfParcel(ctx, said.Carrier, said.Number, at)
	if err != nil {
		return nil, err
	}
	for id, changed := range c.orders { // parcels that this very receipt has told of are not stored yet
		if slices.ContainsFunc(changed.order.Parcels, func(p tracking.Parcel) bool { return p.Is(said.Carrier, said.Number) }) {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		changed, err := c.load(ctx, id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(all, changed) {
			all = append(all, changed)
		}
	}
	return all, nil
}

// find looks an order up by what the source calls it. An order source knows its own orders only, a carrier serves all.
func (c *changes) find(ctx context.Context, externalID, number string) (*change, error) {
	if externalID == "" && number == "" {
		return nil, store.ErrNotFound
	}
	source := ""
	if c.from.Kind == bundle.Orders {
		source = c.from.Name
	}
	order, err := c.tx.FindOrder(ctx, source, externalID, number)
	if err != nil {
		return nil, err
	}
	return c.keep(order), nil
}

func (c *changes) load(ctx context.Context, id string) (*change, error) {
	if known, ok := c.orders[id]; ok {
		return known, nil
	}
	order, err := c.tx.Order(ctx, id)
	if err != nil {
		return nil, err
	}
	return c.keep(order), nil
}

// keep remembers the order as it was; what this receipt has changed already stays.
func (c *changes) keep(order *tracking.Order) *change {
	known, ok := c.orders[order.ID]
	if !ok {
		known = &change{order: order, before: c.n.project(order)}
		c.orders[order.ID] = known
	}
	return known
}

func orElse(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}
