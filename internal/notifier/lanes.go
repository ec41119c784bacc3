package notifier

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// lanesInterval is how often the history of deliveries is read anew: a day more or less changes no percentile of fifty parcels.
const lanesInterval = time.Hour

// lanes is the history of deliveries, as it was read last.
func (n *Notifier) lanes() tracking.Lanes {
	if known := n.history.Load(); known != nil {
		return *known
	}
	return nil
}

// ReadLanes reads the history of deliveries, from which estimates are made.
func (n *Notifier) ReadLanes(ctx context.Context) error {
	samples, err := n.Store.LaneSamples(ctx)
	if err != nil {
		return fmt.Errorf("reading the history of deliveries: %w", err)
	}
	lanes := samples.Lanes()
	n.history.Store(&lanes)
	return nil
}

// followLanes keeps the history up to date.
func (n *Notifier) followLanes(ctx context.Context) error {
	ticker := time.NewTicker(lanesInterval)
	defer ticker.Stop()
	for {
		if err := n.ReadLanes(ctx); err != nil && ctx.Err() == nil {
			n.Log.Error("reading the history of deliveries", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// countDeliveries adds the parcels that were delivered to the history, each once.
func (e *evaluation) countDeliveries(ctx context.Context, s tracking.Setting) error {
	if e.order.Test {
		return nil
	}
	for _, sh := range e.order.Shipments {
		for _, p := range sh.Parcels {
			d, ok := tracking.DeliveryOf(e.order, sh, p, s)
			if !ok {
				continue
			}
			key := seenKey("lane|"+p.Subject.String(), tracking.Recipient{})
			at, counted := slices.BinarySearch(e.row.Seen, key)
			if counted {
				continue
			}
			e.row.Seen = slices.Insert(e.row.Seen, at, key)
			if err := e.tx.AddDelivery(ctx, d); err != nil {
				return err
			}
		}
	}
	return nil
}
