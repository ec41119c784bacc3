package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/wismo-dev/wismo/internal/tracking"
)

// LaneSamples returns the history of deliveries, one sample per lane.
func (s *Store) LaneSamples(ctx context.Context) (samples tracking.LaneSamples, err error) {
	samples = tracking.LaneSamples{}
	err = s.View(ctx, func(tx *Tx) error {
		rows, err := tx.texts(ctx, `SELECT sample FROM lanes ORDER BY lane`)
		if err != nil {
			return fmt.Errorf("reading the delivery times of all lanes: %w", err)
		}
		for _, text := range rows {
			var sample tracking.LaneSample
			if err := json.Unmarshal([]byte(text), &sample); err != nil {
				return fmt.Errorf("decoding the stored delivery times of a lane: %w", err)
			}
			samples[sample.Lane.String()] = &sample
		}
		return nil
	})
	return samples, err
}

// AddDelivery adds a delivered parcel to the history of its lane. The caller adds each parcel once.
func (tx *Tx) AddDelivery(ctx context.Context, d tracking.Delivery) error {
	samples := tracking.LaneSamples{}
	rows, err := tx.texts(ctx, `SELECT sample FROM lanes WHERE lane = ?`, d.Lane.String())
	if err != nil {
		return fmt.Errorf("reading the delivery times of the lane %s: %w", d.Lane, err)
	}
	for _, text := range rows {
		var sample tracking.LaneSample
		if err := json.Unmarshal([]byte(text), &sample); err != nil {
			return fmt.Errorf("decoding the stored delivery times of the lane %s: %w", d.Lane, err)
		}
		samples[d.Lane.String()] = &sample
	}
	samples.AddDelivery(d)
	text, errEncode := json.Marshal(samples[d.Lane.String()])
	_, err = tx.tx.ExecContext(ctx, `INSERT INTO lanes (lane, sample) VALUES (?, ?) ON CONFLICT (lane) DO UPDATE SET sample = excluded.sample`,
		d.Lane.String(), string(text))
	if err := errors.Join(errEncode, err); err != nil {
		return fmt.Errorf("storing the delivery times of the lane %s: %w", d.Lane, err)
	}
	return nil
}
