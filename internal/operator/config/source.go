package config

import (
	"bytes"
	"fmt"
	"sync"
)

// Source holds the configuration in effect, which changes while the operator runs: call Current each time, and keep no copy.
type Source struct {
	path   string
	getenv func(string) string

	mu   sync.RWMutex
	now  Config
	good []byte // the file of the configuration in effect
	seen []byte // the file as it was last read, valid or not; nil = it could not be read
	err  error  // why the last read file was refused; nil = it is in effect
}

// Open reads the file. If the file is not valid, Open uses the text that fallback returns: the last valid file. It returns an error if
// neither is valid.
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

// Fixed returns a Source that always has this configuration, without a file.
func Fixed(c Config) *Source { return &Source{now: c} }

// Current returns the configuration in effect. Its lists are shared: do not change them.
func (s *Source) Current() Config {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now
}

// Text returns the file in effect: an earlier one if the current file was refused.
func (s *Source) Text() string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return string(s.good)
}

// Err returns why the current file was refused; nil = it is in effect.
func (s *Source) Err() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.err
}

// Reread reads the file again, and reports whether it has changed. A file that is not valid changes only Err.
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

// NextStart returns the fields that differ between two configurations and take effect only when the operator restarts.
func NextStart(before, after Config) []string {
	var fields []string
	if before.Budgets.ConcurrentReconciles != after.Budgets.ConcurrentReconciles {
		fields = append(fields, "budgets.concurrentReconciles")
	}
	return fields
}
