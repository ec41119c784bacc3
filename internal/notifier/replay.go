package notifier

import (
	"context"

	"github.com/wismo-dev/wismo/internal/store"
)

// replayBatch is how many receipts are queued again in one transaction.
const replayBatch = 200

// ReplayChanged replays what could not be read of a source when its definition has changed. Decisions treat what is old by
// then as old.
func (n *Notifier) ReplayChanged(ctx context.Context) error {
	for _, name := range n.sourceNames() {
		hash := n.mappers[name].hash
		var known string
		err := n.Store.View(ctx, func(tx *store.Tx) (err error) {
			known, err = tx.SourceDefinition(ctx, name)
			return err
		})
		if err != nil {
			return err
		}
		if known == hash {
			continue
		}
		replayed, err := n.replay(ctx, store.ReplayFilter{
			Source: name, States: []store.ReceiptState{store.ReceiptQuarantined}, Elements: true, Unmapped: true, Definition: hash,
		})
		if err != nil {
			return err
		}
		if replayed > 0 {
			n.Log.Info("queued received webhooks to be replayed with the changed definition", "source", name, "webhooks", replayed)
		}
		if err := n.Store.Update(ctx, func(tx *store.Tx) error { return tx.SetSourceDefinition(ctx, name, hash) }); err != nil {
			return err
		}
	}
	return nil
}

func (n *Notifier) replay(ctx context.Context, f store.ReplayFilter) (replayed int, err error) {
	for ctx.Err() == nil {
		count, last, err := n.Store.Replay(ctx, f, false, replayBatch)
		replayed += count
		if err != nil || count == 0 {
			return replayed, err
		}
		f.After = last
	}
	return replayed, ctx.Err()
}
