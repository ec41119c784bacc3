package store

import (
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// A volume is reported as Full when less than a twentieth of it is free, so that the operator can act before receipts are refused. The
// bounds in bytes are what a write-ahead log and some days of a small shop need, and what months of a shop need.
const (
	minFreeFraction = 20
	leastFree       = 32 << 20
	mostFree        = 512 << 20
)

// freeSpace returns whether the file system of the database has space for it to grow.
func freeSpace(path string) (bundle.Health, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &stat); err != nil {
		return bundle.Unhealthy, fmt.Errorf("reading the free space of %s: %w", filepath.Dir(path), err)
	}
	return healthOf(stat.Bavail*uint64(stat.Bsize), stat.Blocks*uint64(stat.Bsize)), nil
}

// healthOf takes sizes in bytes.
func healthOf(free, size uint64) bundle.Health {
	if free < min(max(size/minFreeFraction, leastFree), mostFree) {
		return bundle.Full
	}
	return bundle.Healthy
}
