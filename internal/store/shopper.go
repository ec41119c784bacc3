package store

import (
	"context"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// Opened is an order with what decides which links open it.
type Opened struct {
	Order        tracking.Order
	LinksRevoked bool // links without a recipient no longer open the order
}

// OpenOrder returns the order of that public id, or the one that it was merged into; ErrNotFound if there is none.
func (s *Store) OpenOrder(ctx context.Context, id string) (o Opened, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		row, order, err := tx.Assembled(ctx, id)
		if err != nil {
			return err
		}
		o = Opened{order, row.LinksRevoked}
		return nil
	})
	return o, err
}

// ChoicesOf is Tx.RecipientChoices in a transaction of its own.
func (s *Store) ChoicesOf(ctx context.Context, orderID, address string, further bool) (c RecipientChoices, err error) {
	err = s.View(ctx, func(tx *Tx) error {
		c, err = tx.RecipientChoices(ctx, orderID, address, further)
		return err
	})
	return c, err
}

// SetOrderChoice is Tx.SetPreference for the buyer, and Tx.SetFurtherPreference for a further recipient.
func (s *Store) SetOrderChoice(ctx context.Context, orderID, address string, further bool, p Preference) error {
	return s.Update(ctx, func(tx *Tx) error {
		if further {
			return tx.SetFurtherPreference(ctx, orderID, address, p.Choice, p.At)
		}
		return tx.SetPreference(ctx, orderID, p.Choice, p.At)
	})
}

// SetShopChoice is Tx.SetAddressPreference.
func (s *Store) SetShopChoice(ctx context.Context, address string, p Preference) error {
	return s.Update(ctx, func(tx *Tx) error { return tx.SetAddressPreference(ctx, address, p.Choice, p.At) })
}
