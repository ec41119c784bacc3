// Package mapping turns a provider's payload into wismo's words, by the CEL expressions and code tables of a definition.
//
// It must not know any provider by name, a signature, a database, HTTP or the clock; only the notifier and validation
// link it, the page's process must not (CEL costs memory, and a strange payload must not touch what shoppers see).
package mapping

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Limits of one payload. The expressions may be a tenant's own, so every one of them is bounded too, see env.go.
const (
	MaxPayloadBytes = 256 << 10
	MaxOrders       = 200
	MaxParcels      = 200
	MaxItems        = 500
	MaxEvents       = 200
	maxUnmapped     = 20
	maxCodeBytes    = 64
)

// Mapper maps the payloads of one definition; it is safe for concurrent use.
type Mapper struct {
	definition *definition.Definition
	patience   time.Duration // for one expression
	zone       *time.Location
	ignore     []program
	require    []program
	orders     []ordersPrograms
	parcels    []parcelsPrograms
}

// Result is what one receipt says.
type Result struct {
	Update   tracking.Update
	Unmapped []string // codes that the definition does not know, sorted, each once, at most 20 of at most 64 bytes
	Ignored  bool     // the payload says nothing about orders or parcels, by the definition's own rule
}

// ErrNothingSaid means that a payload which no rule ignores told of no order and no parcel.
var ErrNothingSaid = errors.New("the mapping finds neither an order nor a parcel in the payload, and no rule under mapping.ignore holds")

// ErrInterrupted means that an expression took longer than its deadline. A busy machine may be why: try again.
var ErrInterrupted = errors.New("the expression failed: operation interrupted")

// Map reads one payload. header holds the kept headers by the names that the definition gives them.
//
// An error means that the receipt must be quarantined, unless it is ErrInterrupted or ctx has ended. It names the expression's path and never
// holds a byte of the payload: payloads are personal data.
func (m *Mapper) Map(ctx context.Context, header map[string]string, body []byte, receivedAt time.Time) (Result, error) {
	if len(body) > MaxPayloadBytes {
		return Result{}, fmt.Errorf("the payload has %d bytes, at most %d are mapped", len(body), MaxPayloadBytes)
	}
	payload, err := decode(body)
	if err != nil {
		return Result{}, err
	}
	r := m.newRun(ctx, header, payload, receivedAt)
	if r.anyHolds(m.ignore) {
		return Result{Ignored: true}, nil
	}
	r.requireAll(m.require)
	for _, p := range m.orders {
		r.readOrders(p)
	}
	for _, p := range m.parcels {
		r.readParcels(p)
	}
	if r.err != nil {
		return Result{}, r.err
	}
	if len(r.update.Orders)+len(r.update.Events) == 0 {
		return Result{}, ErrNothingSaid
	}
	return Result{Update: r.update, Unmapped: r.unmappedCodes()}, nil
}

// newRun prepares the evaluation of one payload. A kept header that did not come is the empty text, so that
// expressions need no care for it.
func (m *Mapper) newRun(ctx context.Context, header map[string]string, payload any, receivedAt time.Time) *run {
	kept := map[string]string{}
	for _, name := range m.definition.Receipt.Kept() {
		kept[name] = header[name]
	}
	return &run{
		ctx: ctx, definition: m.definition, patience: m.patience, zone: m.zone, receivedAt: receivedAt,
		vars:     map[string]any{varHeader: kept, varBody: payload, varReceivedAt: receivedAt},
		unmapped: map[string]bool{},
	}
}
