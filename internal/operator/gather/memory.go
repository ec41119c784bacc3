package gather

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/internal/bundle/compile"
)

// maxMemory bounds the content that is remembered, in bytes. What does not fit is read again when it is needed: a
// tenant that refers to one ConfigMap after the other costs requests, and not everybody's memory.
const maxMemory = 32 << 20

// entry is what is remembered of a ConfigMap.
type entry struct {
	uid     types.UID
	version string
	watched bool
	found   bool
	readAt  time.Time
	content compile.Content
}

// bytes is what the entry weighs.
func (e entry) bytes() int {
	const itself = 512
	total := itself
	for key, text := range e.content.Data {
		total += len(key) + len(text)
	}
	for key, data := range e.content.BinaryData {
		total += len(key) + len(data)
	}
	return total
}

// memory keeps the entries that were used last. Its zero value is ready to use.
type memory struct {
	mu      sync.Mutex
	entries map[compile.Ref]remembered
	total   int // bytes
	uses    int
}

type remembered struct {
	entry
	lastUse int
}

// of returns what is remembered.
func (m *memory) of(ref compile.Ref) (entry, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok := m.entries[ref]
	if ok {
		m.uses++
		known.lastUse = m.uses
		m.entries[ref] = known
	}
	return known.entry, ok
}

// keep remembers the entry, and forgets those that were not used for the longest time where it gets too much.
func (m *memory) keep(ref compile.Ref, e entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries == nil {
		m.entries = map[compile.Ref]remembered{}
	}
	m.forget(ref)
	for m.total+e.bytes() > maxMemory && len(m.entries) > 0 {
		m.forget(m.oldest())
	}
	m.uses++
	m.entries[ref] = remembered{e, m.uses}
	m.total += e.bytes()
}

// drop forgets the entry.
func (m *memory) drop(ref compile.Ref) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(ref)
}

func (m *memory) forget(ref compile.Ref) {
	if known, ok := m.entries[ref]; ok {
		m.total -= known.bytes()
		delete(m.entries, ref)
	}
}

func (m *memory) oldest() compile.Ref {
	var oldest compile.Ref
	first := m.uses + 1
	for ref, known := range m.entries {
		if known.lastUse < first {
			oldest, first = ref, known.lastUse
		}
	}
	return oldest
}
