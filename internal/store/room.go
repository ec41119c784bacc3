package store

import (
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// How little room counts as none: a twentieth of the volume, which lets somebody act before receipts are refused; and
// in bytes at least what one write-ahead log and some days of a small shop need, and no more than a shop's months.
const (
	roomOf    = 20
	leastRoom = 32 << 20
	mostRoom  = 512 << 20
)

// room says whether the file system that the database lies on has room for it to grow.
func room(path string) (bundle.Health, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &stat); err != nil {
		return bundle.Unhealthy, fmt.Errorf("asking how much room %s has: %w", filepath.Dir(path), err)
	}
	return roomLeft(stat.Bavail*uint64(stat.Bsize), stat.Blocks*uint64(stat.Bsize)), nil
}

// roomLeft judges sizes in bytes.
func roomLeft(free, size uint64) bundle.Health {
	if free < min(max(size/roomOf, leastRoom), mostRoom) {
		return bundle.Full
	}
	return bundle.Healthy
}
