package rollout_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets garbage pile up: a simulation makes much of it and keeps none.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}
