package releases

import (
	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/operator/pace"
)

// Bell asks for a decision. However often it rings before somebody hears it, that is one ring.
type Bell struct{ rings chan pace.News }

// NewBell is silent.
func NewBell() *Bell { return &Bell{rings: make(chan pace.News, 1)} }

// Ring returns at once.
func (b *Bell) Ring() {
	select {
	case b.rings <- pace.NewsOf(types.NamespacedName{}):
	default:
	}
}

// Rings is for the one who hears it.
func (b *Bell) Rings() <-chan pace.News { return b.rings }
