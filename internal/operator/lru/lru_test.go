package lru_test

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/operator/lru"
)

type text string

func (t text) Bytes() int { return len(t) }

func TestATenantThatNamesOneThingAfterTheOtherFillsNobodysMemory(t *testing.T) {
	var m lru.Cache[int, text]
	mebibyte := text(make([]byte, 1<<20))
	for i := range 200 {
		m.Add(i, mebibyte)
		if _, ok := m.Get(0); !ok {
			t.Fatalf("what is used all the time was forgotten after %d others", i)
		}
	}
	held := 0
	for i := range 200 {
		if kept, ok := m.Get(i); ok {
			held += kept.Bytes()
		}
	}
	if held > lru.Limit || held < lru.Limit*9/10 {
		t.Errorf("%d bytes are held, of %d allowed", held, lru.Limit)
	}
	if _, ok := m.Get(199); !ok {
		t.Error("the last one is forgotten")
	}
	if _, ok := m.Get(1); ok {
		t.Error("one that was not used for long is remembered")
	}
}

func TestAValueReplacesTheOneBeforeAndCanBeDropped(t *testing.T) {
	var m lru.Cache[string, text]
	for range 100 { // each time the same place
		m.Add("a", text(make([]byte, lru.Limit/2)))
		m.Add("b", "b")
	}
	if _, ok := m.Get("a"); !ok {
		t.Error("replacing counts as more")
	}
	m.Remove("a")
	m.Remove("never there")
	if _, ok := m.Get("a"); ok {
		t.Error("what was dropped is remembered")
	}
	if kept, ok := m.Get("b"); !ok || kept != "b" {
		t.Errorf("b is %q", kept)
	}
}
