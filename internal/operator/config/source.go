package config

import (
	"bytes"
	"sync"
)

// Source holds the configuration that counts now. Whoever needs it asks each time, and keeps no copy.
type Source struct {
	path   string
	getenv func(string) string

	mu   sync.RWMutex
	now  Config
	read []byte // what was read last, good or bad
}

// Open reads the file for the first time. An error here leaves nothing that could hold instead.
func Open(path string, getenv func(string) string) (*Source, error) {
	raw, err := read(path)
	if err != nil {
		return nil, err
	}
	now, err := Parse(raw, getenv)
	if err != nil {
		return nil, err
	}
	return &Source{path: path, getenv: getenv, now: now, read: raw}, nil
}

// Fixed is a Source without a file.
func Fixed(c Config) *Source { return &Source{now: c} }

// Now returns what counts now. Its lists are shared: do not change them.
func (s *Source) Now() Config {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now
}

// Reread looks at the file again. It returns whether that is another one than was looked at last, and what is wrong
// with it; then what held before holds on.
func (s *Source) Reread() (changed bool, err error) {
	if s.path == "" {
		return false, nil
	}
	raw, err := read(s.path)
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.Equal(raw, s.read) {
		return false, nil
	}
	s.read = raw
	c, err := Parse(raw, s.getenv)
	if err == nil {
		s.now = c
	}
	return true, err
}
