package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
)

// A full disk: the write that fails touches the files, and must not wake its own worker to fail again at once.
func TestAFailingWriteIsTriedAgainByTheClockOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	s := open(t, path)
	watcher := store.Watcher(t)
	synctest.Test(t, func(t *testing.T) {
		written := store.Feed(watcher, path)
		ctx, stop := context.WithCancel(t.Context())
		wake := s.Watch(ctx)
		woken := func(after time.Duration) bool {
			time.Sleep(after)
			select {
			case <-wake:
				return true
			default:
				return false
			}
		}
		written()
		if !woken(time.Second) {
			t.Error("a write sends no signal")
		}
		if err := store.Exec(t, s, `INSERT INTO absent VALUES (1)`); err == nil {
			t.Fatal("the write did not fail")
		}
		written()
		if woken(time.Second) {
			t.Error("a failing write wakes its own worker")
		}
		if !woken(5 * time.Second) {
			t.Error("the clock does not wake the worker")
		}
		if err := store.Exec(t, s, `UPDATE sources SET received_at = 1`); err != nil {
			t.Fatal(err)
		}
		written()
		if !woken(time.Second) {
			t.Error("a write sends no signal once writing works again")
		}
		stop()
		for range wake { // it is closed when ctx ends
		}
	})
}
