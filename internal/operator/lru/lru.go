// Package lru caches values by recent use, up to a size in bytes: what does not fit is computed again when it is needed, so
// that no Shop can use up the memory. It must not know what it keeps.
package lru

import (
	"container/list"
	"sync"
)

// Limit is the size of one Cache, in bytes.
const Limit = 32 << 20

// Sized returns its size, in bytes.
type Sized interface{ Bytes() int }

// Cache keeps the values that were used last. Its zero value is ready to use.
type Cache[K comparable, V Sized] struct {
	mu      sync.Mutex
	entries map[K]*list.Element
	order   list.List // of remembered[K, V], the one used last in front
	total   int       // bytes
}

type entry[K comparable, V Sized] struct {
	key   K
	value V
}

// Get returns what is remembered of the key.
func (m *Cache[K, V]) Get(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.entries[key]
	if !ok {
		var none V
		return none, false
	}
	m.order.MoveToFront(element)
	return valueOf[K, V](element).value, true
}

// Add remembers the value, and forgets those that were not used for the longest time where it gets too much.
func (m *Cache[K, V]) Add(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(m.entries[key])
	for m.total+value.Bytes() > Limit && m.order.Len() > 0 {
		m.forget(m.order.Back())
	}
	if m.entries == nil {
		m.entries = map[K]*list.Element{}
	}
	m.entries[key] = m.order.PushFront(entry[K, V]{key, value})
	m.total += value.Bytes()
}

// Remove forgets the key.
func (m *Cache[K, V]) Remove(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(m.entries[key])
}

func (m *Cache[K, V]) forget(element *list.Element) {
	if element == nil {
		return
	}
	gone := valueOf[K, V](element)
	m.order.Remove(element)
	delete(m.entries, gone.key)
	m.total -= gone.value.Bytes()
}

func valueOf[K comparable, V Sized](element *list.Element) entry[K, V] {
	r, _ := element.Value.(entry[K, V])
	return r
}
