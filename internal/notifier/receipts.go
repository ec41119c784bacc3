package notifier

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/carrier/mapping"
	"github.com/wismo-dev/wismo/internal/store"
)

const (
	// A batch takes milliseconds; the lease bounds how long its receipts wait when their worker is killed.
	receiptLease = 20 * time.Second
	receiptBatch = 20
	// maxReceiptAttempts bounds how often a receipt is tried before it is put aside, whether it fails unexpectedly or takes the
	// whole process with it.
	maxReceiptAttempts = 8
)

// source is one configured sender of receipts. Its mapping is compiled with its first receipt: CEL costs memory.
type source struct {
	bundle.Source
	mapper func() (*mapping.Mapper, error)
}

func sources(doc *bundle.Document) map[string]*source {
	all := make(map[string]*source, len(doc.Sources))
	for _, s := range doc.Sources {
		all[s.Name] = &source{Source: s, mapper: sync.OnceValues(func() (*mapping.Mapper, error) {
			d, err := definition.Resolve(s)
			if err != nil {
				return nil, err
			}
			return mapping.Compile(d)
		})}
	}
	return all
}

// ReceiveAll works off every receipt that is due. What it has claimed it finishes even when ctx ends: a claim that is
// dropped keeps everybody waiting for its lease.
func (n *Notifier) ReceiveAll(ctx context.Context) error {
	finish := context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		claims, err := n.Store.ClaimReceipts(finish, n.Now(), receiptLease, receiptBatch)
		if err != nil || len(claims) == 0 {
			return err
		}
		for _, claim := range claims {
			if err := n.receive(finish, claim); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// receive works off one receipt. It returns an error only when the database fails.
func (n *Notifier) receive(ctx context.Context, claim store.ReceiptClaim) error {
	outcome, err := safely(func() (string, error) { return n.understand(ctx, claim) })
	if errors.Is(err, store.ErrLost) {
		n.metrics.receipts.WithLabelValues(claim.Source, "Lost").Inc()
		return nil
	}
	if err != nil {
		n.Log.Error("a receipt could not be worked off", "source", claim.Source, "receipt", claim.ID, "attempt", claim.Attempt, "error", err)
		outcome, err = n.giveBack(ctx, claim)
	}
	n.metrics.receipts.WithLabelValues(claim.Source, outcome).Inc()
	if errors.Is(err, store.ErrLost) {
		return nil
	}
	return err
}

// understand maps the receipt and stores all that follows from it in one transaction.
func (n *Notifier) understand(ctx context.Context, claim store.ReceiptClaim) (outcome string, err error) {
	if claim.Attempt > maxReceiptAttempts {
		return n.quarantine(ctx, claim, "the notifier ended while working on it, every time: is it too large for its memory?")
	}
	from, ok := n.mappers[claim.Source]
	if !ok {
		return n.quarantine(ctx, claim, "its source is no longer configured")
	}
	mapper, err := from.mapper()
	if err != nil {
		return "", fmt.Errorf("compiling the mapping: %w", err)
	}
	result, err := mapper.Map(ctx, claim.Header, claim.Body, claim.ReceivedAt)
	if errors.Is(err, mapping.ErrInterrupted) {
		return "", err
	}
	if err != nil {
		return n.quarantine(ctx, claim, err.Error()) // Map's errors hold no payload
	}
	state := store.ReceiptDone
	if result.Ignored {
		state = store.ReceiptIgnored
	}
	err = n.Store.Update(ctx, func(tx *store.Tx) error {
		for _, code := range result.Unmapped {
			if err := tx.CountUnmapped(ctx, claim.Source, code, claim.ReceivedAt); err != nil {
				return err
			}
		}
		if err := n.apply(ctx, tx, from.Source, claim, result.Update); err != nil {
			return err
		}
		return tx.FinishReceipt(ctx, claim, state, "")
	})
	return string(state), err
}

func (n *Notifier) quarantine(ctx context.Context, claim store.ReceiptClaim, problem string) (string, error) {
	n.Log.Warn("a receipt is quarantined", "source", claim.Source, "receipt", claim.ID, "problem", problem)
	state := store.ReceiptQuarantined
	return string(state), n.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.FinishReceipt(ctx, claim, state, problem)
	})
}

// giveBack has the receipt tried again later, or puts it aside when that has not helped often enough.
func (n *Notifier) giveBack(ctx context.Context, claim store.ReceiptClaim) (string, error) {
	const problem = "an unexpected failure, see the notifier's log"
	if claim.Attempt >= maxReceiptAttempts {
		return n.quarantine(ctx, claim, problem)
	}
	return "Retried", n.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.RetryReceipt(ctx, claim, n.Now().Add(n.Retry.After(claim.Attempt)), problem)
	})
}

// safely turns a panic into an error, so that one strange payload or order cannot stop the work on all others. The stack is
// told, the panic's value is not: it may hold personal data.
func safely(do func() (string, error)) (outcome string, err error) {
	defer func() {
		if recover() != nil {
			outcome, err = "", fmt.Errorf("a panic:\n%s", debug.Stack())
		}
	}()
	return do()
}
