// Package progress prints to a terminal what a command is doing, with the time since its start.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Log prints lines that start with the seconds passed since it was made.
type Log struct {
	mu      sync.Mutex
	out     io.Writer
	started time.Time
}

// New returns a Log whose time starts now.
func New(out io.Writer) *Log {
	return &Log{out: out, started: time.Now()}
}

// Say prints one line.
func (l *Log) Say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = fmt.Fprintf(l.out, "%6.1fs  %s\n", time.Since(l.started).Seconds(), fmt.Sprintf(format, args...))
}

// Heartbeat repeats every so often that something is still going on, until
// stop is called.
func (l *Log) Heartbeat(every time.Duration, what string) (stop func()) {
	done := make(chan struct{})
	began := time.Now()
	go func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				l.Say("still %s (%s so far)", what, time.Since(began).Round(time.Second))
			}
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}
