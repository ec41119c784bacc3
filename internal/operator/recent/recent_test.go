package recent_test

import (
	"testing"

	"github.com/wismo-dev/wismo/internal/operator/recent"
)

type text string

func (t text) Bytes() int { return len(t) }

func TestATenantThatNamesOneThingAfterTheOtherFillsNobodysMemory(t *testing.T) {
	var m recent.Memory[int, text]
	mebibyte := text(make([]byte, 1<<20))
	for i := range 200 {
		m.Keep(i, mebibyte)
		if _, ok := m.Of(0); !ok {
			t.Fatalf("what is used all the time was forgotten after %d others", i)
		}
	}
	held := 0
	for i := range 200 {
		if kept, ok := m.Of(i); ok {
			held += kept.Bytes()
		}
	}
	if held > recent.Limit || held < recent.Limit*9/10 {
		t.Errorf("%d bytes are held, of %d allowed", held, recent.Limit)
	}
	if _, ok := m.Of(199); !ok {
		t.Error("the last one is forgotten")
	}
	if _, ok := m.Of(1); ok {
		t.Error("one that was not used for long is remembered")
	}
}

func TestAValueReplacesTheOneBeforeAndCanBeDropped(t *testing.T) {
	var m recent.Memory[string, text]
	for range 100 { // each time the same place
		m.Keep("a", text(make([]byte, recent.Limit/2)))
		m.Keep("b", "b")
	}
	if _, ok := m.Of("a"); !ok {
		t.Error("replacing counts as more")
	}
	m.Drop("a")
	m.Drop("never there")
	if _, ok := m.Of("a"); ok {
		t.Error("what was dropped is remembered")
	}
	if kept, ok := m.Of("b"); !ok || kept != "b" {
		t.Errorf("b is %q", kept)
	}
}
