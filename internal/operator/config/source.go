package config

import (
	"bytes"
	"fmt"
	"sync"
)

// Source holds the configuration that counts now. Ask it each time, and keep no copy.
type Source struct {
	path   string
	getenv func(string) string

	mu   sync.RWMutex
	now  Config
	good []byte // the text of what counts now
	seen []byte // what was read last, good or bad
	err  error  // what is wrong with it
}

// Open reads the file for the first time. Where it is faulty, fallback is asked for the text that counted last; an error
// of Open leaves nothing that could hold.
func Open(path string, getenv func(string) string, fallback func() ([]byte, error)) (*Source, error) {
	raw, err := read(path)
	if err != nil {
		return nil, err
	}
	s := &Source{path: path, getenv: getenv, good: raw, seen: raw}
	if s.now, s.err = Parse(raw, getenv); s.err == nil {
		return s, nil
	}
	if s.good, err = fallback(); err != nil {
		return nil, fmt.Errorf("%w; there is no earlier configuration to fall back on: %w", s.err, err)
	}
	if s.now, err = Parse(s.good, getenv); err != nil {
		return nil, fmt.Errorf("%w; the earlier configuration is not valid either: %w", s.err, err)
	}
	return s, nil
}

// Fixed returns a Source without a file.
func Fixed(c Config) *Source { return &Source{now: c} }

// Current returns what counts now. Its lists are shared: do not change them.
func (s *Source) Current() Config {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now
}

// Text returns the file that counts now, which is an earlier one where the last was refused.
func (s *Source) Text() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return string(s.good)
}

// Err returns why the file that is there now was refused, or nil if it counts.
func (s *Source) Err() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.err
}

// Reread reads the file again, and reports whether it has changed, valid or not. A bad one changes
// nothing but Err.
func (s *Source) Reread() bool {
	if s.path == "" {
		return false
	}
	raw, err := read(s.path)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		changed := s.err == nil || s.err.Error() != err.Error()
		s.err, s.seen = err, nil
		return changed
	}
	if bytes.Equal(raw, s.seen) && s.seen != nil {
		return false
	}
	c, err := Parse(raw, s.getenv)
	s.seen, s.err = raw, err
	if err == nil {
		s.now, s.good = c, raw
	}
	return true
}

// NextStart names the fields that differ between two configurations and count only when the operator starts again.
func NextStart(before, after Config) []string {
	var fields []string
	if before.Budgets.ConcurrentReconciles != after.Budgets.ConcurrentReconciles {
		fields = append(fields, "budgets.concurrentReconciles")
	}
	return fields
}
