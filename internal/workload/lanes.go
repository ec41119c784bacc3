package workload

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// lanesInterval is how often the history of lanes is read again: a day more or less changes no percentile of fifty parcels.
const lanesInterval = time.Hour

// Lanes holds how long past parcels took on each lane, as it was read last, for page and mails alike. The zero value has no history.
type Lanes struct {
	known atomic.Pointer[tracking.Lanes]
}

// Deliveries stores the history; *store.Store is one.
type Deliveries interface {
	LaneSamples(ctx context.Context) (tracking.LaneSamples, error)
}

// Now returns the history; nil = none was read yet.
func (l *Lanes) Now() tracking.Lanes {
	if known := l.known.Load(); known != nil {
		return *known
	}
	return nil
}

// Read reads the history.
func (l *Lanes) Read(ctx context.Context, from Deliveries) error {
	samples, err := from.LaneSamples(ctx)
	if err != nil {
		return fmt.Errorf("reading the history of deliveries: %w", err)
	}
	lanes := samples.Lanes()
	l.known.Store(&lanes)
	return nil
}

// Follow keeps the history up to date until ctx ends.
func (l *Lanes) Follow(ctx context.Context, from Deliveries, log *slog.Logger) error {
	ticker := time.NewTicker(lanesInterval)
	defer ticker.Stop()
	for {
		if err := l.Read(ctx, from); err != nil && ctx.Err() == nil {
			log.Error("failed to read from the database how long past parcels took; keeping the estimates of the last read", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
