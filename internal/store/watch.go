package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// The file is written before its commit is visible; a look this long after finds it.
	settle = 20 * time.Millisecond
	// The poll covers volumes on which the kernel reports no changes.
	poll = 5 * time.Second
)

// Watch returns a channel that receives when any process has written to the database: shortly after each burst of writes, and
// at least every five seconds. It never blocks the writers: a receiver that is busy gets one signal for all it missed.
// The channel is closed when ctx ends.
func (s *Store) Watch(ctx context.Context) (<-chan struct{}, error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching the database: %w", err)
	}
	// The directory, not the -wal file: SQLite deletes that with the last connection.
	if err := watcher.Add(filepath.Dir(s.path)); err != nil {
		return nil, errors.Join(fmt.Errorf("watching the database: %w", err), watcher.Close())
	}
	wake := make(chan struct{}, 1)
	go s.watch(ctx, watcher, wake)
	return wake, nil
}

func (s *Store) watch(ctx context.Context, watcher *fsnotify.Watcher, wake chan<- struct{}) {
	defer close(wake)
	defer func() { _ = watcher.Close() }() // nothing was written through it
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	var wal burst
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-watcher.Events:
			if e.Name == s.path+"-wal" {
				wal.written()
			}
			continue
		case <-wal.settled:
			wal.seen()
		case err := <-watcher.Errors: // an overflow: look now
			if err == nil {
				return // the watcher is closed
			}
		case <-ticker.C:
		}
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// burst gathers writes that follow one another into one look, and one more for what was written while the first settled:
// its commit may not have been visible.
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
