// Package mapping turns a provider's payload into statements, by the CEL expressions and code tables of a definition.
//
// It must not know any provider by name, a signature, a database, HTTP or the clock; only the notifier and validation
// link it, the page's process must not (CEL costs memory, and a strange payload must not touch what shoppers see).
package mapping

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"cel.dev/cel-go/common/types"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Limits of one payload, above what the platforms really send. The expressions may be a merchant's own, so each of them is bounded too,
// see env.go. The elements beyond a limit are quarantined, the others are read.
const (
	MaxPayloadBytes = 1 << 20
	MaxOrders       = 200
	MaxShipments    = 500 // of one payload
	MaxParcels      = 500 // of one payload
	MaxItems        = 500 // of one order
	MaxScans        = 200 // of one parcel
	MaxEvents       = 5000
	maxReported     = 50
	maxUnmapped     = 20
	maxCodeBytes    = 64
)

// Mapper maps the payloads of one definition; it is safe for concurrent use.
type Mapper struct {
	definition *definition.Definition
	programs   map[*definition.Expr]program
	patterns   map[string][]*regexp.Regexp // of numbers, by carrier
	timeout    time.Duration               // of one expression
	clock      clock
}

// Receipt is one payload with what is known of it.
type Receipt struct {
	Source string            // name of the bundle.Source
	Header map[string]string // the kept headers, by the names that the definition gives them
	Body   []byte
	Heard  time.Time // when it was committed
	// Zone is the Shop's: a time without a zone is the wall clock's there, where the definition says nothing better. nil = UTC.
	Zone *time.Location
}

// Result is what a receipt was mapped to. Only Statements and Unmapped hold data of the payload.
type Result struct {
	Statements  []tracking.Statement
	Unmapped    []string  // codes that the definition does not know, sorted, each once, at most 20 of at most 64 bytes
	Ignored     bool      // the payload says nothing about orders or parcels, by the definition's own rule
	Degraded    []string  // optional fields that could not be read, "<path>: <why>", sorted, at most 50
	Quarantined []Element // elements of lists that could not be read, at most 50
}

// Element is an element of a payload that could not be read, while the others were.
type Element struct {
	Path    string // of the list in the definition, with the element's place in it
	Problem string
}

// ErrNothingSaid means that a payload which no rule ignores told of no order, no shipment and no parcel.
var ErrNothingSaid = errors.New("the mapping finds neither an order nor a shipment nor a parcel in the payload, and no condition under mapping.ignore is true")

// ErrInterrupted means that an expression took longer than its deadline. A busy machine may be why: try again.
var ErrInterrupted = errors.New("the expression failed: operation interrupted")

// Map reads one payload.
//
// An error means that nothing of the receipt survives and that it must be quarantined, unless it is ErrInterrupted or ctx has ended. It
// names the expression's path and never holds a byte of the payload: payloads are personal data.
func (m *Mapper) Map(ctx context.Context, receipt Receipt) (Result, error) {
	if len(receipt.Body) > MaxPayloadBytes {
		return Result{}, fmt.Errorf("the payload has %d bytes, at most %d are mapped", len(receipt.Body), MaxPayloadBytes)
	}
	payload, nulls, err := decode(receipt.Body)
	if err != nil {
		return Result{}, err
	}
	r := m.newRun(ctx, receipt, payload, nulls)
	if r.anyHolds(m.definition.Mapping.Ignore) {
		return Result{Ignored: true}, nil
	}
	if err := r.requireAll(m.definition.Mapping.Require); err != nil {
		return Result{}, err
	}
	r.readAll()
	switch {
	case r.fatal != nil:
		return Result{}, r.fatal
	case len(r.statements) > 0:
		return Result{Statements: r.statements, Unmapped: r.unmappedCodes(), Degraded: r.degradedFields(), Quarantined: r.quarantined}, nil
	case len(r.quarantined) > 0:
		return Result{}, problem{r.quarantined[0].Path, r.quarantined[0].Problem}
	}
	return Result{}, ErrNothingSaid
}

// newRun prepares the evaluation of one payload. A kept header that did not come is the empty text, so that
// expressions need no care for it.
func (m *Mapper) newRun(ctx context.Context, receipt Receipt, payload any, nulls nulls) *run {
	kept := map[string]string{}
	for _, name := range m.definition.Receipt.Kept() {
		kept[name] = receipt.Header[name]
	}
	receipt.Heard = receipt.Heard.UTC()
	return &run{
		Mapper: m, ctx: ctx, receipt: receipt, nulls: nulls, clock: m.clock.at(receipt.Zone),
		vars:     map[string]any{varHeader: kept, varBody: types.DefaultTypeAdapter.NativeToValue(payload), varReceivedAt: receipt.Heard},
		unmapped: map[string]bool{}, degraded: map[string]string{}, counts: map[string]int{},
	}
}

// readAll reads every block. A list that fails costs its block.
func (r *run) readAll() {
	m := &r.definition.Mapping
	for i := range m.Orders {
		o := &m.Orders[i]
		r.readBlock(&o.When, &o.List, varOrder, MaxOrders, func() error { return r.order(o) })
	}
	for i := range m.Shipments {
		s := &m.Shipments[i]
		r.readBlock(&s.When, &s.List, varShipment, MaxShipments, func() error { return r.looseShipment(s) })
	}
	for i := range m.Parcels {
		p := &m.Parcels[i]
		r.readBlock(&p.When, &p.List, varParcel, MaxParcels, func() error { return r.tracker(p) })
	}
}

func (r *run) readBlock(when, list *definition.Expr, variable string, limit int, read func() error) {
	if !r.applies(when) {
		return
	}
	err := r.each(list, variable, MaxEvents, func(int) error {
		if err := r.takes(variable, limit); err != nil {
			return err
		}
		return read()
	})
	if err != nil {
		r.quarantine(r.programs[list].path, err)
	}
}
