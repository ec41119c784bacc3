package store

import (
	"errors"
	"testing"

	"github.com/fsnotify/fsnotify"
)

// WithoutInotify makes the kernel grant no watch for the rest of the test.
func WithoutInotify(t *testing.T) {
	t.Helper()
	newWatcher = func() (*fsnotify.Watcher, error) { return nil, errors.New("too many open files") }
	t.Cleanup(func() { newWatcher = fsnotify.NewWatcher })
}

// RoomLeft judges sizes in bytes.
var RoomLeft = roomLeft
