// Package recent remembers what was used last, up to a weight: what does not fit is made again when it is needed, and no
// tenant can fill everybody's memory. It does not know what it keeps.
package recent

import (
	"container/list"
	"sync"
)

// Limit is what one Memory holds at most, in bytes.
const Limit = 32 << 20

// Weighed says what it weighs, in bytes.
type Weighed interface{ Bytes() int }

// Memory keeps the values that were used last. Its zero value is ready to use.
type Memory[K comparable, V Weighed] struct {
	mu    sync.Mutex
	known map[K]*list.Element
	order list.List // of remembered[K, V], the one used last in front
	total int       // bytes
}

type remembered[K comparable, V Weighed] struct {
	key   K
	value V
}

// Of returns what is remembered of the key.
func (m *Memory[K, V]) Of(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, ok := m.known[key]
	if !ok {
		var none V
		return none, false
	}
	m.order.MoveToFront(element)
	return valueOf[K, V](element).value, true
}

// Keep remembers the value, and forgets those that were not used for the longest time where it gets too much.
func (m *Memory[K, V]) Keep(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(m.known[key])
	for m.total+value.Bytes() > Limit && m.order.Len() > 0 {
		m.forget(m.order.Back())
	}
	if m.known == nil {
		m.known = map[K]*list.Element{}
	}
	m.known[key] = m.order.PushFront(remembered[K, V]{key, value})
	m.total += value.Bytes()
}

// Drop forgets the key.
func (m *Memory[K, V]) Drop(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(m.known[key])
}

func (m *Memory[K, V]) forget(element *list.Element) {
	if element == nil {
		return
	}
	gone := valueOf[K, V](element)
	m.order.Remove(element)
	delete(m.known, gone.key)
	m.total -= gone.value.Bytes()
}

func valueOf[K comparable, V Weighed](element *list.Element) remembered[K, V] {
	r, _ := element.Value.(remembered[K, V])
	return r
}
