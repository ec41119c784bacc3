package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
)

func TestANodeWithoutInotifyInstancesLeftStillWakesTheReader(t *testing.T) {
	store.WithoutInotify(t)
	ctx, cancel := context.WithCancel(t.Context())
	wake := fresh(t).Watch(ctx)
	select {
	case <-wake:
	case <-time.After(time.Minute):
		t.Error("nothing wakes the reader")
	}
	cancel()
	for range wake { // it is closed when ctx ends
	}
}
