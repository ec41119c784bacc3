package notifier

import (
	"context"
	"slices"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// ReadLanes reads the history of deliveries, from which estimates are made.
func (n *Notifier) ReadLanes(ctx context.Context) error { return n.lanes.Read(ctx, n.Store) }

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
