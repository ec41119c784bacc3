package gather

import (
	"fmt"
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle/compile"
)

func TestATenantThatNamesOneConfigMapAfterTheOtherFillsNobodysMemory(t *testing.T) {
	var m memory
	mebibyte := string(make([]byte, 1<<20))
	of := func(i int) compile.Ref {
		return compile.Ref{Kind: compile.ConfigMapKind, Namespace: "linden", Name: fmt.Sprint(i)}
	}
	for i := range 200 {
		m.keep(of(i), entry{found: true, content: compile.Content{Data: map[string]string{"en.yaml": mebibyte}}})
		if _, ok := m.of(of(0)); !ok {
			t.Fatalf("what is used all the time was forgotten after %d others", i)
		}
	}
	held := 0
	for _, known := range m.entries {
		held += known.bytes()
	}
	if held > maxMemory || held != m.total {
		t.Errorf("%d bytes are held and %d counted, of %d allowed", held, m.total, maxMemory)
	}
	if _, ok := m.of(of(199)); !ok {
		t.Error("the last one is forgotten")
	}
	if _, ok := m.of(of(1)); ok {
		t.Error("one that was not used for long is remembered")
	}
}
