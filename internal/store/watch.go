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
	var settled <-chan time.Time
	again := false // written to while settling: the last write may not be visible yet
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-watcher.Events:
			switch {
			case e.Name != s.path+"-wal":
			case settled == nil:
				settled = time.After(settle)
			default:
				again = true
			}
			continue
		case <-settled:
			settled = nil
			if again {
				settled, again = time.After(settle), false
			}
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
