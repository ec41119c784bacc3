// Package releases keeps the releases of the platform and assigns one to each Shop: it stores releases, checks a
// new one at the gate, turns what the cluster shows into the planner's input, and holds its decision for the Shops'
// controller. What may move when is decided by package rollout alone.
package releases

import (
	"context"
	"maps"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// Edition is a release with all that it needs to render a Shop. It is never changed.
type Edition struct {
	Name     string // such as rel-0042
	Document release.Document
	// Library is what Shops find in the library, by key the name of the content; see Inventory.Library.
	Library map[string]string
	// Content and Policies are the same, by name.
	Content  map[string]compile.Content
	Policies map[string]*v1alpha1.NotificationPolicy
}

// Assignment is what one Shop is to run now, and why.
type Assignment struct {
	Edition *Edition // nil = nothing can run yet, or this build cannot render what it is to run: the Shop stays as it is
	Step    rollout.Step
	Latest  string // the latest release
	Attempt int    // of the latest release, for a Mark that the Shop sets itself
}

// Assignments holds, for each Shop, the release that the release controller last decided it should run. The Shops' controller reads it,
// and notes which Shops cannot run theirs. It is a Runnable of the manager.
type Assignments struct {
	mu          sync.RWMutex
	assigned    map[types.NamespacedName]Assignment
	invalid     map[types.NamespacedName]string // the release with which the Shop cannot be rendered
	tooOld      map[types.NamespacedName]string // the release on which the Shop cannot begin, because it asks for what a later one does
	changed     []types.NamespacedName          // since they were woken, in order and without repetition
	queued      map[types.NamespacedName]bool   // the same
	more        chan struct{}                   // changed has grown
	editions    map[string]*Edition             // of all releases that this build can render, by name
	subscribers []chan ctrlutil.Wake            // of the subscribers
	trigger     *Trigger
}

// NewAssignments returns Assignments without a decision. It fires the trigger when something is noted on which a decision depends.
func NewAssignments(trigger *Trigger) *Assignments {
	return &Assignments{
		assigned: map[types.NamespacedName]Assignment{}, invalid: map[types.NamespacedName]string{},
		tooOld: map[types.NamespacedName]string{}, queued: map[types.NamespacedName]bool{},
		more: make(chan struct{}, 1), trigger: trigger,
	}
}

// Of returns the decision about the Shop; false = there is none yet, and subscribers hear of the Shop once there is.
func (b *Assignments) Of(shop types.NamespacedName) (Assignment, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a, ok := b.assigned[shop]
	return a, ok
}

// Edition returns the release of the name, if this build can render it; else nil.
func (b *Assignments) Edition(name string) *Edition {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.editions[name]
}

// Subscribe names Shops about which the decision has changed. Call it before Start.
func (b *Assignments) Subscribe() <-chan ctrlutil.Wake {
	b.mu.Lock()
	defer b.mu.Unlock()
	wake := make(chan ctrlutil.Wake)
	b.subscribers = append(b.subscribers, wake)
	return wake
}

// Publish replaces the decision, and has those Shops woken about which it has changed. Editions are all releases that this
// build can render, by name. Neither may be changed afterwards.
func (b *Assignments) Publish(decided map[types.NamespacedName]Assignment, editions map[string]*Edition) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.editions = editions
	for shop, now := range decided {
		if before, known := b.assigned[shop]; (known && before == now) || b.queued[shop] {
			continue
		}
		b.queued[shop] = true
		b.changed = append(b.changed, shop)
	}
	b.assigned = decided
	for _, noted := range []map[types.NamespacedName]string{b.invalid, b.tooOld} {
		maps.DeleteFunc(noted, func(shop types.NamespacedName, _ string) bool {
			_, there := decided[shop]
			return !there
		})
	}
	if len(b.changed) > 0 {
		select {
		case b.more <- struct{}{}:
		default:
		}
	}
}

// NoteInvalid notes that the Shop's own spec cannot be rendered with the release; "" = with none that is known.
func (b *Assignments) NoteInvalid(shop types.NamespacedName, name string) {
	b.note(b.invalid, shop, name)
}

// NoteTooOld notes that the Shop asks for what the release does not support and a later one does; "" = it does not.
func (b *Assignments) NoteTooOld(shop types.NamespacedName, name string) {
	b.note(b.tooOld, shop, name)
}

func (b *Assignments) note(noted map[types.NamespacedName]string, shop types.NamespacedName, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if noted[shop] == name {
		return
	}
	noted[shop] = name
	b.trigger.Fire()
}

// TooOld reports whether the Shop asks for what the release does not do and a later one does, as far as that was tried.
func (b *Assignments) TooOld(shop types.NamespacedName, name string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return name != "" && b.tooOld[shop] == name
}

// Invalid reports whether the Shop cannot be rendered with the release, as far as that was tried.
func (b *Assignments) Invalid(shop types.NamespacedName, name string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return name != "" && b.invalid[shop] == name
}

// Start wakes Shops until the context ends.
func (b *Assignments) Start(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-b.more:
		}
		for _, shop := range b.take() {
			news := ctrlutil.WakeFor(shop)
			for _, wakes := range b.subscribers {
				select {
				case wakes <- news:
				case <-ctx.Done():
					return nil
				}
			}
		}
	}
}

func (b *Assignments) take() []types.NamespacedName {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.changed
	b.changed = nil
	clear(b.queued)
	return taken
}
