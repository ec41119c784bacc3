package notifier

import (
	"context"
	"errors"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message/channel"
)

// greet asks the relay until it answers well once, so that a wrong host or password is told before the first shopper
// waits for a mail. As soon as a mail has said how the relay is, that counts, and greet ends.
func (n *Notifier) greet(ctx context.Context) error {
	known := bundle.SenderUnknown
	for attempt := 1; ; attempt++ {
		state := n.meet(ctx)
		if ctx.Err() != nil || !n.sender.CompareAndSwap(known, state) || state == bundle.SenderAccepted {
			return ctx.Err()
		}
		known = state
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(n.Retry.After(attempt)):
		}
	}
}

func (n *Notifier) meet(ctx context.Context) bundle.SenderState {
	ctx, cancel := context.WithTimeout(ctx, channel.MaxDelivery)
	defer cancel()
	err := n.Sender.Greet(ctx)
	if err == nil {
		return bundle.SenderAccepted
	}
	failure := &channel.Failure{Sender: bundle.SenderUnreachable, Words: "an unexpected failure"}
	_ = errors.As(err, &failure)
	n.Log.Warn("the mail relay cannot be used yet", "problem", failure.Words)
	return failure.Sender
}
