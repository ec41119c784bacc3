package notifier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
)

const (
	lookLease = 30 * time.Second
	lookBatch = 20
	// refreshBatch is how many orders are evaluated at a time after the configuration changed: a transaction each, and receipts
	// are processed between two batches.
	refreshBatch = 50
)

// LookAll evaluates every order that is due because time has passed.
func (n *Notifier) LookAll(ctx context.Context) error {
	finish := context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		claims, err := n.Store.ClaimLooks(finish, n.Now(), lookLease, lookBatch)
		if err != nil || len(claims) == 0 {
			return err
		}
		for _, claim := range claims {
			if err := n.evaluateDue(finish, claim); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// evaluateDue evaluates one order. It returns an error only when the database fails.
func (n *Notifier) evaluateDue(ctx context.Context, claim store.LookClaim) error {
	outcome, err := recovered(func() (string, error) {
		return "Looked", n.Store.Update(ctx, func(tx *store.Tx) error {
			if err := n.reevaluate(ctx, tx, claim.OrderID); err != nil {
				return err
			}
			return tx.FinishLook(ctx, claim)
		})
	})
	if errors.Is(err, store.ErrLost) || errors.Is(err, store.ErrNotFound) {
		outcome, err = "Lost", nil
	}
	n.metrics.looks.WithLabelValues(outcomeOf(outcome, err)).Inc()
	return err
}

func outcomeOf(outcome string, err error) string {
	if err != nil {
		return "Error"
	}
	return outcome
}

// reevaluate evaluates an order without a new receipt, and stores when to look again.
func (n *Notifier) reevaluate(ctx context.Context, tx *store.Tx, id string) error {
	if _, err := tx.ConvertLegacy(ctx, id); err != nil {
		return err
	}
	row, order, err := tx.Assembled(ctx, id)
	if err != nil {
		return err
	}
	e := evaluation{n: n, tx: tx, row: row, order: order, before: &order}
	if err := e.run(ctx); err != nil {
		return fmt.Errorf("evaluating an order: %w", err)
	}
	return nil
}

// Refresh evaluates the orders that were evaluated under another configuration, or by the previous version, so that their next look
// follows the present one. It queues no message about what was true already.
func (n *Notifier) Refresh(ctx context.Context) error {
	after := ""
	for ctx.Err() == nil {
		ids, err := n.Store.StaleOrders(ctx, n.BundleHash, after, refreshBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			_, err := recovered(func() (string, error) {
				return "", n.Store.Update(ctx, func(tx *store.Tx) error { return n.reevaluate(ctx, tx, id) })
			})
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		after = ids[len(ids)-1]
	}
	return ctx.Err()
}

// refreshInterval is how often to check for orders that the previous version has written meanwhile.
const refreshInterval = time.Minute

// refresh evaluates what another configuration or the previous version has left, at the start and whenever there is more: such a
// process may run beside this one for a while. It logs a failure of the database and goes on.
func (n *Notifier) refresh(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		wait := refreshInterval
		err := errors.Join(n.ReplayChanged(ctx), n.takeOver(ctx), n.Refresh(ctx))
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			n.Log.Error("failed to re-evaluate orders that were last evaluated with another configuration or by the previous version; trying again", "error", err)
			wait = n.Retry.After(attempt)
		default:
			attempt = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// takeOver converts what the previous version has stored, in batches.
func (n *Notifier) takeOver(ctx context.Context) error {
	for ctx.Err() == nil {
		ids, err := n.Store.LegacyOrders(ctx, "", refreshBatch)
		if err != nil {
			return err
		}
		parcels := 0
		err = n.Store.Update(ctx, func(tx *store.Tx) (err error) {
			for _, id := range ids {
				if _, err := tx.ConvertLegacy(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
					return err
				}
			}
			parcels, err = tx.ConvertLegacyParcels(ctx, refreshBatch)
			return err
		})
		if err != nil || len(ids)+parcels == 0 {
			return err
		}
	}
	return ctx.Err()
}

// NextDue returns when the next look at an order, or the next message, is due; zero = nothing is.
func (n *Notifier) NextDue(ctx context.Context) (time.Time, error) { return n.Store.NextDue(ctx) }
