package status

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// StaleRequeue is how long to wait for a cache that is behind.
const StaleRequeue = 50 * time.Millisecond

// Limits of the events of one object: how many at once, and the interval after which it may send one more. An object that flaps all
// day must not bury the events of others. Its conditions stay up to date.
const (
	eventBurst    = 12
	eventInterval = time.Minute
)

// WriteTracker remembers of each object of one kind which version the last write of its status replaced, and how many
// events it has sent lately. Its zero value is ready to use.
type WriteTracker struct{ entries sync.Map }

type trackedObject struct {
	replaced string // a resource version
	events   *rate.Limiter
}

// IsStale reports whether the object in hand, which comes from a cache, is older than the last write of its status: whatever
// would be concluded from it has been concluded before.
func (l *WriteTracker) IsStale(o client.Object) bool {
	entry, known := l.of(o)
	return known && entry.replaced == o.GetResourceVersion()
}

// Forget drops what is remembered of an object that is no more.
func (l *WriteTracker) Forget(key client.ObjectKey) { l.entries.Delete(key) }

// recordWrite notes that the object in this version has been replaced.
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
