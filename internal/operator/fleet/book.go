// Package fleet keeps the releases of the platform and tells each Shop which of them to run: it stores releases, checks a
// new one at the gate, turns what the cluster shows into the planner's input, and holds its decision for the Shops'
// controller. What may move when is decided by package rollout alone.
package fleet

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle/compile"
	"github.com/wismo-dev/wismo/internal/operator/reports"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// Edition is a release with all that it needs to render a Shop. It is never changed.
type Edition struct {
	Name     string // such as rel-0042
	Document release.Document
	// Content and Policies are the library as it was, by name.
	Content  map[string]compile.Content
	Policies map[string]*v1alpha1.NotificationPolicy
}

// Assignment is what one Shop is to run now, and why.
type Assignment struct {
	Edition *Edition // nil = nothing can run yet, or this build cannot render what it is to run: the Shop stays as it is
	Step    rollout.Step
	Latest  string // the latest release
}

// Book holds the last decision. The fleet's controller writes it, the Shops' reads it.
type Book struct {
	mu       sync.RWMutex
	assigned map[types.NamespacedName]Assignment
	wakes    chan reports.Event
}

// NewBook is empty: no Shop has been decided about.
func NewBook() *Book {
	return &Book{assigned: map[types.NamespacedName]Assignment{}, wakes: make(chan reports.Event)}
}

// Of is the decision about the Shop; false = there is none yet, and Wakes will name the Shop once there is.
func (b *Book) Of(shop types.NamespacedName) (Assignment, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a, ok := b.assigned[shop]
	return a, ok
}

// Wakes names Shops about which the decision has changed.
func (b *Book) Wakes() <-chan reports.Event { return b.wakes }
