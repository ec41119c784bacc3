package store

import (
	"context"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// The file is written before its commit is visible; after this time it is.
	settle = 20 * time.Millisecond
	// The poll covers volumes on which the kernel reports no changes.
	poll = 5 * time.Second
)

// newWatcher is replaced by the test of a node without free inotify instances.
var newWatcher = fsnotify.NewWatcher

// Watch returns a channel that receives when any process has written to the database: shortly after each burst of writes, and at least
// every five seconds. It never blocks the writers: a receiver that is busy gets one signal for all that it missed. The channel is closed
// when ctx ends.
//
// It receives only every five seconds while this process's own writes fail, because a failed write changes the files too and would wake
// its writer at once; and if the kernel grants no watch: the pods of all Shops run as one user, and a node counts that user's inotify
// instances together (128 on most).
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	wake := make(chan struct{}, 1)
	go s.watch(ctx, s.changes(), wake)
	return wake
}

// changes watches the directory, not the -wal file: SQLite deletes that with the last connection. nil = the kernel grants no watch.
func (s *Store) changes() *fsnotify.Watcher {
	watcher, err := newWatcher()
	if err != nil {
		return nil
	}
	if err := watcher.Add(filepath.Dir(s.path)); err != nil {
		_ = watcher.Close() // nothing was written through it
		return nil
	}
	return watcher
}

func (s *Store) watch(ctx context.Context, watcher *fsnotify.Watcher, wake chan<- struct{}) {
	defer close(wake)
	var events <-chan fsnotify.Event // nil never receives
	var failures <-chan error
	if watcher != nil {
		defer func() { _ = watcher.Close() }() // nothing was written through it
		events, failures = watcher.Events, watcher.Errors
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	var wal burst
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-events:
			if e.Name == s.path+"-wal" {
				wal.written()
			}
			continue
		case <-wal.settled:
			wal.seen()
			if !s.writeFailing.Load() { // a failed write has changed the file: wait for the ticker
				nudge(wake)
			}
			continue
		case err := <-failures: // an overflow: changes were missed
			if err == nil { // closed: it would receive without end
				failures = nil
			}
		case <-ticker.C:
		}
		nudge(wake)
	}
}

// nudge wakes the receiver, unless a signal is waiting for it already.
func nudge(wake chan<- struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// burst merges writes that follow one another into one signal, and a second one for those that came while the first settled: their
// commits may not have been visible.
type burst struct {
	settled <-chan time.Time // nil = nothing was written
	again   bool
}

func (b *burst) written() {
	if b.settled != nil {
		b.again = true
		return
	}
	b.settled = time.After(settle)
}

func (b *burst) seen() {
	b.settled = nil
	if b.again {
		b.again = false
		b.written()
	}
}
