package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
)

// A process that writes without a pause lets another one that waits write next.
func TestAProcessThatWritesOnAndOnLetsAnotherOneWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	busy, other := open(t, path), open(t, path)
	var order []string
	write := func(s *store.Store, name string) error {
		return s.Update(t.Context(), func(*store.Tx) error {
			order = append(order, name)
			return nil
		})
	}
	ended := make(chan error, 1)
	err := busy.Update(t.Context(), func(*store.Tx) error {
		go func() { ended <- write(other, "other") }()
		awaitLock(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := write(busy, "busy"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if want := []string{"other", "busy"}; !slices.Equal(order, want) {
		t.Errorf("written by %v, want %v", order, want)
	}
}

// awaitLock returns once a process waits for the database.
func awaitLock(t *testing.T, path string) {
	t.Helper()
	lock, err := os.Open(path + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	for range 3000 {
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			return
		}
		_ = syscall.Flock(int(lock.Fd()), syscall.LOCK_UN)
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("no process waits for the database")
}
