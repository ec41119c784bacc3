package releases

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
)

// Trigger asks for a decision. However often it rings before somebody hears it, that is one ring.
type Trigger struct{ requests chan ctrlutil.Wake }

// NewTrigger is silent.
func NewTrigger() *Trigger { return &Trigger{requests: make(chan ctrlutil.Wake, 1)} }

// Fire returns at once.
func (b *Trigger) Fire() {
	select {
	case b.requests <- ctrlutil.WakeFor(types.NamespacedName{}):
	default:
	}
}

// Requests is for the one who hears it.
func (b *Trigger) Requests() <-chan ctrlutil.Wake { return b.requests }
