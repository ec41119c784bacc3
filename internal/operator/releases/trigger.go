package releases

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
)

// Trigger requests a decision. Requests that were not received yet count as one.
type Trigger struct{ requests chan ctrlutil.Wake }

// NewTrigger returns a Trigger without a request.
func NewTrigger() *Trigger { return &Trigger{requests: make(chan ctrlutil.Wake, 1)} }

// Fire requests a decision, and does not block.
func (b *Trigger) Fire() {
	select {
	case b.requests <- ctrlutil.WakeFor(types.NamespacedName{}):
	default:
	}
}

// Requests returns the channel of the one receiver.
func (b *Trigger) Requests() <-chan ctrlutil.Wake { return b.requests }
