package main

import (
	"sync"
	"time"
)

// message is one received mail.
type message struct {
	ID       int                 `json:"id"` // counts from 1 and is never reused
	From     string              `json:"from"`
	To       []string            `json:"to"` // the envelope's recipients
	Subject  string              `json:"subject"`
	Date     string              `json:"date"` // the header, as sent
	Received time.Time           `json:"received"`
	Headers  map[string][]string `json:"headers"` // decoded, canonical names
	Text     string              `json:"text"`
	HTML     string              `json:"html"`
	Types    []string            `json:"types"` // the media types of the leaf parts, in order
}

// box stores the newest mails in memory, at most capacity of them.
type box struct {
	mu       sync.Mutex
	capacity int
	lastID   int
	messages []message
}

func newBox(capacity int) *box { return &box{capacity: max(capacity, 1)} }

// add stores the mail under the next id and drops the oldest above the capacity.
func (b *box) add(m message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastID++
	m.ID = b.lastID
	b.messages = append(b.messages, m)
	if extra := len(b.messages) - b.capacity; extra > 0 {
		b.messages = append([]message(nil), b.messages[extra:]...)
	}
}

// list returns the stored mails, the oldest first.
func (b *box) list() []message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]message{}, b.messages...)
}

// find returns the mail of that id.
func (b *box) find(id int) (message, bool) {
	for _, m := range b.list() {
		if m.ID == id {
			return m, true
		}
	}
	return message{}, false
}

// clear drops every mail; ids are not reset.
func (b *box) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = nil
}
