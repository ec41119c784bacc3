package notifier

import (
	"context"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// tell decides on everything that has just become true of an order, and queues what may be sent.
func (n *Notifier) tell(ctx context.Context, tx *store.Tx, changed *change) error {
	after := n.project(changed.order)
	happened := tracking.Happened(changed.before, after)
	if len(happened) == 0 {
		return nil
	}
	unsubscribed, err := tx.Unsubscribed(ctx, changed.order)
	if err != nil {
		return err
	}
	messages, err := tx.Messages(ctx, changed.order.ID)
	if err != nil {
		return err
	}
	in := n.input(changed.order, after, unsubscribed)
	in.History = told(messages, 0, store.MessageWaiting, store.MessageSending, store.MessageSent)
	for _, in.Occurrence = range happened {
		d := decision.Decide(in)
		if err := n.record(ctx, tx, changed.order.ID, store.AtQueue, in, d); err != nil {
			return err
		}
		if d.Action == decision.Suppress {
			continue
		}
		_, err := tx.QueueMessage(ctx, store.Message{
			OrderID: changed.order.ID, Occasion: in.Occurrence.Occasion, Parcel: d.Parcel, About: in.Occurrence.Parcel,
			Channel: d.Channel, Level: string(d.Level), At: in.Occurrence.At, Heard: in.Now, NotBefore: d.NotBefore,
		})
		if err != nil {
			return err
		}
		in.History = append(in.History, decision.Told{Occasion: in.Occurrence.Occasion, Parcel: d.Parcel, Level: d.Level})
	}
	return nil
}

func (n *Notifier) input(order *tracking.Order, journey tracking.Journey, unsubscribed bool) decision.Input {
	return decision.Input{
		Policy: n.Document.Policy, Activity: n.Document.Activity, Journey: journey,
		HasAddress: order.Customer.Email != "", Unsubscribed: unsubscribed, Now: n.Now(),
	}
}

// told lists the messages in one of the states, but for the one that is being decided on.
func told(messages []store.Message, but int64, states ...store.MessageState) []decision.Told {
	var all []decision.Told
	for _, m := range messages {
		for _, state := range states {
			if m.State == state && m.ID != but {
				all = append(all, decision.Told{Occasion: m.Occasion, Parcel: m.Parcel, Level: bundle.Level(m.Level)})
			}
		}
	}
	return all
}

func (n *Notifier) record(ctx context.Context, tx *store.Tx, orderID, asked string, in decision.Input, d decision.Decision) error {
	n.metrics.decisions.WithLabelValues(asked, d.Rule).Inc()
	return tx.RecordDecision(ctx, store.Decision{
		OrderID: orderID, Occasion: in.Occurrence.Occasion, Parcel: in.Occurrence.Parcel, Asked: asked, At: in.Now,
		Action: string(d.Action), Channel: d.Channel, NotBefore: d.NotBefore, Rule: d.Rule, Words: d.Words,
	})
}
