// Package mapping turns a provider's payload into wismo's words, by the CEL expressions and code tables of a definition.
//
// It must not know any provider by name, a signature, a database, HTTP or the clock; only the notifier and validation
// link it, the page's process must not (CEL costs memory, and a strange payload must not touch what shoppers see).
package mapping

import (
	"context"
	"time"

	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// Mapper maps the payloads of one definition; it is safe for concurrent use.
type Mapper struct{}

// Result is what one receipt says.
type Result struct {
	Update   tracking.Update
	Unmapped []string // codes that the definition does not know, sorted, each once, at most 20 of at most 64 bytes
	Ignored  bool     // the payload says nothing about orders or parcels, by the definition's own rule
}

// Compile compiles every expression of a definition. An error is definition.Problems: all of them, with path and line.
func Compile(d *definition.Definition) (*Mapper, error) {
	return &Mapper{}, nil
}

// Map reads one payload. header holds the kept headers by the names that the definition gives them.
// An error means that the receipt must be quarantined; it names the expression's path, never personal data.
func (m *Mapper) Map(ctx context.Context, header map[string]string, body []byte, receivedAt time.Time) (Result, error) {
	return Result{}, nil
}
