package status

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// StaleRequeue is after how long to reconcile an object again whose copy in the cache is stale.
const StaleRequeue = 50 * time.Millisecond

// Limits of the events of one object: how many at once, and the interval after which it may send one more. The events of an object
// whose conditions keep changing must not hide those of others. The conditions themselves are always written.
const (
	eventBurst    = 12
	eventInterval = time.Minute
)

// WriteTracker remembers, for each object of one kind, the resource version that the last write of its status replaced, to find
// stale copies in the cache, and limits its events. The zero value is ready to use.
type WriteTracker struct{ entries sync.Map }

type trackedObject struct {
	replaced string // the resource version before the last write
	events   *rate.Limiter
}

// IsStale reports whether the object, which comes from a cache, is older than the last write of its status. A reconciliation of it
// would only repeat the previous one.
func (l *WriteTracker) IsStale(o client.Object) bool {
	entry, known := l.of(o)
	return known && entry.replaced == o.GetResourceVersion()
}

// Forget drops what is remembered of a deleted object.
func (l *WriteTracker) Forget(key client.ObjectKey) { l.entries.Delete(key) }

// recordWrite remembers that a write replaced this version of the object.
func (l *WriteTracker) recordWrite(o client.Object) {
	entry, known := l.of(o)
	if !known {
		entry.events = rate.NewLimiter(rate.Every(eventInterval), eventBurst)
	}
	entry.replaced = o.GetResourceVersion()
	l.entries.Store(client.ObjectKeyFromObject(o), entry)
}

// allowEvent reports whether the object, which must have been written, may send one more event.
func (l *WriteTracker) allowEvent(o client.Object, now time.Time) bool {
	entry, known := l.of(o)
	return known && entry.events.AllowN(now, 1)
}

func (l *WriteTracker) of(o client.Object) (trackedObject, bool) {
	value, known := l.entries.Load(client.ObjectKeyFromObject(o))
	entry, _ := value.(trackedObject)
	return entry, known
}
