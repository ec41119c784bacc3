package fleet

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/internal/operator/reports"
)

// Bell asks for a decision. However often it rings before somebody hears it, that is one ring.
type Bell struct{ rings chan reports.Event }

// NewBell is silent.
func NewBell() *Bell { return &Bell{rings: make(chan reports.Event, 1)} }

// Ring returns at once.
func (b *Bell) Ring() {
	select {
	case b.rings <- reports.Event{Object: &metav1.PartialObjectMetadata{}}:
	default:
	}
}

// Rings is for the one who hears it.
func (b *Bell) Rings() <-chan reports.Event { return b.rings }
