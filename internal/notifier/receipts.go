package notifier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
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
	// maxReceiptAttempts bounds how often a receipt is tried before it is quarantined, whether it fails unexpectedly or ends the
	// whole process.
	maxReceiptAttempts = 8
)

// source is one configured sender of receipts. Its mapping is compiled with its first receipt: CEL costs memory.
type source struct {
	bundle.Source
	hash   string // of its definition
	mapper func() (*mapping.Mapper, error)

	replayed atomic.Int64 // receipts that were replayed
}

// replays returns the number of replayed receipts; 0 for a source that is not configured any more.
func (s *source) replays() int {
	if s == nil {
		return 0
	}
	return int(s.replayed.Load())
}

func sources(doc *bundle.Document) map[string]*source {
	all := make(map[string]*source, len(doc.Sources))
	for _, s := range doc.Sources {
		all[s.Name] = &source{Source: s, hash: definition.Hash(s), mapper: sync.OnceValues(func() (*mapping.Mapper, error) {
			d, err := definition.Resolve(s)
			if err != nil {
				return nil, err
			}
			return mapping.Compile(d)
		})}
	}
	return all
}

// sourceNames returns the sources that this process knows, sorted. A receipt of another one waits for the process that knows it.
func (n *Notifier) sourceNames() []string { return slices.Sorted(maps.Keys(n.mappers)) }

// ReceiveAll processes every receipt that is due. It finishes what it has claimed even when ctx ends: a dropped claim blocks
// its receipts until the lease ends.
func (n *Notifier) ReceiveAll(ctx context.Context) error {
	finish := context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		claims, err := n.Store.ClaimReceipts(finish, n.Now(), receiptLease, receiptBatch, n.sourceNames())
		if err != nil || len(claims) == 0 {
			return err
		}
		if n.receiveTogether(finish, claims) {
			continue
		}
		for _, claim := range claims {
			if err := n.receive(finish, claim); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// receiveTogether processes several receipts in one transaction, because the commit is most of the cost of a small one. If
// one of them fails, it stores nothing and returns false: then each is processed alone.
func (n *Notifier) receiveTogether(ctx context.Context, claims []store.ReceiptClaim) bool {
	if len(claims) < 2 {
		return false
	}
	outcomes := make([]string, len(claims))
	_, err := recovered(func() (string, error) {
		results := make([]mapping.Result, len(claims))
		for i, claim := range claims {
			var err error
			if results[i], err = n.read(ctx, claim); err != nil {
				return "", err
			}
		}
		return "", n.Store.Update(ctx, func(tx *store.Tx) error {
			for i, claim := range claims {
				state, err := n.store(ctx, tx, claim, results[i])
				if err != nil {
					return err
				}
				outcomes[i] = string(state)
			}
			return nil
		})
	})
	if err != nil {
		return false
	}
	for i, claim := range claims {
		n.metrics.receipts.WithLabelValues(claim.Source, outcomes[i]).Inc()
	}
	return true
}

// receive processes one receipt. It returns an error only when the database fails.
func (n *Notifier) receive(ctx context.Context, claim store.ReceiptClaim) error {
	outcome, err := recovered(func() (string, error) { return n.understand(ctx, claim) })
	if errors.Is(err, store.ErrLost) {
		n.metrics.receipts.WithLabelValues(claim.Source, "Lost").Inc()
		return nil
	}
	if err != nil {
		n.Log.Error("failed to process a received webhook; trying it again later", "source", claim.Source, "receipt", claim.ID, "attempt", claim.Attempt, "error", err)
		outcome, err = n.retryLater(ctx, claim, err)
	}
	n.metrics.receipts.WithLabelValues(claim.Source, outcome).Inc()
	if errors.Is(err, store.ErrLost) {
		return nil
	}
	return err
}

// errUnreadable means that no part of a receipt can be read: the receipt is quarantined until its definition changes.
type errUnreadable struct{ cause error }

// Error returns the cause; Map's errors hold no payload.
func (e errUnreadable) Error() string { return e.cause.Error() }

// read maps the payload of a receipt to statements by the definition of its source.
func (n *Notifier) read(ctx context.Context, claim store.ReceiptClaim) (mapping.Result, error) {
	if claim.Unfinished >= maxReceiptAttempts {
		return mapping.Result{}, errUnreadable{errors.New("the notifier ended at every attempt to process it: it may need more memory than the pod has")}
	}
	mapper, err := n.mappers[claim.Source].mapper()
	if err != nil {
		return mapping.Result{}, fmt.Errorf("compiling the mapping: %w", err)
	}
	result, err := mapper.Map(ctx, mapping.Receipt{
		Source: claim.Source, Header: claim.Header, Body: claim.Body, Heard: claim.ReceivedAt, Zone: n.zone,
	})
	if err != nil && !errors.Is(err, mapping.ErrInterrupted) {
		return result, errUnreadable{err}
	}
	return result, err
}

// store writes to the database what a receipt changes, and marks the receipt as processed.
func (n *Notifier) store(ctx context.Context, tx *store.Tx, claim store.ReceiptClaim, result mapping.Result) (store.ReceiptState, error) {
	state := store.ReceiptDone
	if result.Ignored {
		state = store.ReceiptIgnored
	}
	if err := n.recordProblems(ctx, tx, claim, result); err != nil {
		return "", err
	}
	if err := n.apply(ctx, tx, claim.ReceivedAt, claim.Muted, result.Statements); err != nil {
		return "", err
	}
	if claim.Replay {
		n.mappers[claim.Source].replayed.Add(1)
	}
	return state, tx.FinishReceipt(ctx, claim, store.Outcome{State: state, Definition: n.mappers[claim.Source].hash})
}

// understand maps one receipt, and stores what it changes in one transaction.
func (n *Notifier) understand(ctx context.Context, claim store.ReceiptClaim) (outcome string, err error) {
	result, err := n.read(ctx, claim)
	if unreadable, ok := errors.AsType[errUnreadable](err); ok {
		return n.quarantine(ctx, claim, unreadable.Error())
	}
	if err != nil {
		return "", err
	}
	var state store.ReceiptState
	err = n.Store.Update(ctx, func(tx *store.Tx) (err error) {
		state, err = n.store(ctx, tx, claim, result)
		return err
	})
	if errors.Is(err, errTooMany) {
		return n.quarantine(ctx, claim, err.Error())
	}
	return string(state), err
}

// recordProblems stores what could not be read of a receipt, and which codes its definition does not know.
func (n *Notifier) recordProblems(ctx context.Context, tx *store.Tx, claim store.ReceiptClaim, result mapping.Result) error {
	for _, code := range result.Unmapped {
		if err := tx.CountUnmapped(ctx, claim, code); err != nil {
			return err
		}
	}
	for _, field := range result.Degraded {
		if err := tx.CountDegraded(ctx, claim.Source, field, claim.ReceivedAt); err != nil {
			return err
		}
	}
	for _, element := range result.Quarantined {
		if err := tx.QuarantineElement(ctx, claim, element.Path, element.Problem, n.Now()); err != nil {
			return err
		}
	}
	return nil
}

func (n *Notifier) quarantine(ctx context.Context, claim store.ReceiptClaim, problem string) (string, error) {
	n.Log.Warn("quarantined a received webhook, which cannot be read; it is kept and replayed when the definition of its source changes", "source", claim.Source, "receipt", claim.ID, "problem", problem)
	state := store.ReceiptQuarantined
	return string(state), n.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.FinishReceipt(ctx, claim, store.Outcome{State: state, Problem: problem, Definition: n.mappers[claim.Source].hash})
	})
}

// retryLater schedules another attempt at the receipt. Only failures of its own count, and quarantine it in the end: a database that is
// busy or full recovers, and an acknowledged receipt is kept until it can be understood.
func (n *Notifier) retryLater(ctx context.Context, claim store.ReceiptClaim, cause error) (string, error) {
	const problem = "an unexpected failure: the notifier's log has the error"
	own := errors.Is(cause, errPanicked) || errors.Is(cause, mapping.ErrInterrupted)
	if own && claim.Tries+1 >= maxReceiptAttempts {
		return n.quarantine(ctx, claim, problem)
	}
	return "Retried", n.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.RetryReceipt(ctx, claim, n.Now().Add(n.Retry.After(claim.Attempt)), problem, own)
	})
}

// errPanicked means that a payload or an order made the code panic.
var errPanicked = errors.New("a panic")

// recovered turns a panic into an error, so that one payload or order cannot stop the work on all others. The error holds the stack,
// not the panic's value: it may hold personal data.
func recovered(do func() (string, error)) (outcome string, err error) {
	defer func() {
		if recover() != nil {
			outcome, err = "", fmt.Errorf("%w:\n%s", errPanicked, debug.Stack())
		}
	}()
	return do()
}
