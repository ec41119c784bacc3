package store

import (
	"fmt"
	"os"
	"sync"
	"syscall"
)

// writeLock queues the processes that write. SQLite has no queue: a process that finds the database locked tries again, in the end
// every tenth of a second, and one that writes without a pause gets the lock again before another tries. So a process takes this lock
// first and holds it until it has the lock of the database; another one waits in the kernel, which also releases the lock when its
// process ends, however that happens.
type writeLock struct {
	mu   sync.Mutex // the kernel's lock belongs to the whole process
	file *os.File
}

func openWriteLock(path string) (*writeLock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the write lock %s: %w", path, err)
	}
	return &writeLock{file: file}, nil
}

// lock waits for the lock. If the kernel refuses it, writing is less fair but correct.
func (l *writeLock) lock() {
	l.mu.Lock()
	for syscall.Flock(int(l.file.Fd()), syscall.LOCK_EX) == syscall.EINTR {
		continue
	}
}

func (l *writeLock) unlock() {
	_ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN)
	l.mu.Unlock()
}
