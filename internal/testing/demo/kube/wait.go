package kube

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

const pollInterval = 250 * time.Millisecond

// Await asks until done, or until the time is over; then its error holds the last state that was seen.
func Await(ctx context.Context, what string, timeout time.Duration, ask func(context.Context) (done bool, state string)) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	state := ""
	for {
		done, now := ask(ctx)
		if done {
			return nil
		}
		if ctx.Err() == nil || state == "" { // the last answer of all only says that the time is over
			state = now
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %s for %s; last seen: %s", timeout, what, state)
		case <-ticker.C:
		}
	}
}

// Describe says what a condition of a Shop says, for progress lines and failures.
func Describe(conditions []metav1.Condition, kind string) string {
	c := meta.FindStatusCondition(conditions, kind)
	if c == nil {
		return kind + " is not there yet"
	}
	return fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message)
}

// AwaitShopReady waits until the Shop's spec, as it is now, is observed and Ready; each new state is told to progress.
func (c *Cluster) AwaitShopReady(ctx context.Context, key client.ObjectKey, timeout time.Duration, progress func(string)) error {
	last := ""
	return Await(ctx, "Shop "+key.String()+" to be Ready", timeout, func(ctx context.Context) (bool, string) {
		var shop v1alpha1.Shop
		if err := c.Get(ctx, key, &shop); err != nil {
			return false, err.Error()
		}
		ready := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionReady)
		state := Describe(shop.Status.Conditions, v1alpha1.ConditionReady)
		if state != last {
			last = state
			progress(state)
		}
		return ready != nil && ready.Status == metav1.ConditionTrue && shop.Status.ObservedGeneration == shop.Generation, state
	})
}
