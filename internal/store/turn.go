package store

import (
	"fmt"
	"os"
	"sync"
	"syscall"
)

// turn has processes write one after the other. SQLite has no queue: who finds the database locked asks again, in the end every
// tenth of a second, and a process that writes without a pause has the lock again before anybody asks. So whoever wants to write
// waits for the turn first, and keeps it until it has the lock: the other one comes after it. The kernel passes the turn on when
// its process ends, however that happens.
type turn struct {
	mu   sync.Mutex // the kernel's lock is the whole process's
	file *os.File
}

func openTurn(path string) (*turn, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the lock: %w", err)
	}
	return &turn{file: file}, nil
}

// take waits for the turn. Without it, where the kernel gives none, writing is less fair and works all the same.
func (t *turn) take() {
	t.mu.Lock()
	for syscall.Flock(int(t.file.Fd()), syscall.LOCK_EX) == syscall.EINTR {
		continue
	}
}

// pass lets the next one take it.
func (t *turn) pass() {
	_ = syscall.Flock(int(t.file.Fd()), syscall.LOCK_UN)
	t.mu.Unlock()
}
