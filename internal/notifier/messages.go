package notifier

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// messageLease is longer than any delivery to a relay may take, so that no other worker sends the same meanwhile; the margin is
// for rendering and recording. It bounds how long a message waits when its worker is killed.
const messageLease = channel.MaxDelivery + 15*time.Second

// recordMargin is kept free at the lease's end: an attempt at recording may wait that long for a busy database.
const recordMargin = 6 * time.Second

// recordAgain says how long to wait between two attempts at recording that a message was sent.
var recordAgain = Backoff{First: 250 * time.Millisecond, Longest: 2 * time.Second}

// rehearsalPrefix marks a message that went to the merchant's inbox in place of the shopper's.
const rehearsalPrefix = "[Rehearsal] "

// SendAll sends every message that is due, one at a time. The one under way is sent and recorded even when ctx ends.
func (n *Notifier) SendAll(ctx context.Context) error {
	finish := context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		claims, err := n.Store.ClaimMessages(finish, n.Now(), messageLease, 1)
		if err != nil || len(claims) == 0 {
			return err
		}
		if err := n.dispatch(finish, claims[0]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// dispatch works off one message. It returns an error when the database fails, or the message cannot even be tried: it is due
// again when its lease ends, until it is too old to be told.
func (n *Notifier) dispatch(ctx context.Context, m store.Message) error {
	outcome, err := safely(func() (string, error) { return n.send(ctx, m) })
	if errors.Is(err, store.ErrLost) {
		outcome, err = "Lost", nil
	}
	n.metrics.messages.WithLabelValues(string(m.Occasion), cmp.Or(outcome, "Error")).Inc()
	return err
}

// send asks once more whether the message may go, as things stand now.
func (n *Notifier) send(ctx context.Context, m store.Message) (outcome string, err error) {
	order, in, err := n.askAgain(ctx, m)
	if err != nil {
		return "", err
	}
	d := decision.Decide(in)
	switch d.Action {
	case decision.Defer:
		return "Deferred", n.settle(ctx, m, in, d, func(tx *store.Tx) error { return tx.DeferMessage(ctx, m, d.NotBefore, "") })
	case decision.Suppress:
		state := suppressedState(m, d)
		return string(state), n.settle(ctx, m, in, d, func(tx *store.Tx) error {
			return tx.FinishMessage(ctx, m, state, in.Now, m.Problem)
		})
	case decision.Send:
	}
	if err := n.deliver(ctx, m, order, in); err != nil {
		return n.undelivered(ctx, m, in, d, err)
	}
	n.sender.Store(bundle.SenderAccepted)
	n.loginRefused.Store(false)
	n.metrics.delay.Observe(n.Now().Sub(m.Heard).Seconds())
	return string(store.MessageSent), n.settleSent(ctx, m, in, d)
}

// suppressedState tells apart what became stale, what may not be told, and what the relay refused until it was too late.
func suppressedState(m store.Message, d decision.Decision) store.MessageState {
	switch {
	case d.Superseded:
		return store.MessageSuperseded
	case m.Problem != "":
		return store.MessageFailed
	}
	return store.MessageSuppressed
}

func (n *Notifier) askAgain(ctx context.Context, m store.Message) (order *tracking.Order, in decision.Input, err error) {
	err = n.Store.View(ctx, func(tx *store.Tx) error {
		if order, err = tx.Order(ctx, m.OrderID); err != nil {
			return err
		}
		unsubscribed, err := tx.Unsubscribed(ctx, order)
		if err != nil {
			return err
		}
		messages, err := tx.Messages(ctx, m.OrderID)
		if err != nil {
			return err
		}
		in = n.input(order, n.project(order), unsubscribed)
		in.History = told(messages, m.ID, store.MessageSent)
		in.Occurrence = tracking.Occurrence{Occasion: m.Occasion, Parcel: m.About, At: m.At}
		return nil
	})
	return order, in, err
}

// settle records the decision together with what became of the message.
func (n *Notifier) settle(ctx context.Context, m store.Message, in decision.Input, d decision.Decision, finish func(*store.Tx) error) error {
	return n.Store.Update(ctx, func(tx *store.Tx) error {
		if err := finish(tx); err != nil {
			return err
		}
		return n.record(ctx, tx, m.OrderID, store.AtSend, in, d)
	})
}

// settleSent records that the mail is out. What is not recorded goes out again when the lease ends, so a database that is busy
// or full is asked until shortly before.
func (n *Notifier) settleSent(ctx context.Context, m store.Message, in decision.Input, d decision.Decision) error {
	lastTry := m.NotBefore.Add(-recordMargin)
	for attempt := 1; ; attempt++ {
		err := n.settle(ctx, m, in, d, func(tx *store.Tx) error {
			return tx.FinishMessage(ctx, m, store.MessageSent, n.Now(), "")
		})
		if err == nil || errors.Is(err, store.ErrLost) {
			return err
		}
		n.Log.Error("a message that was sent is not recorded yet", "message", m.ID, "occasion", m.Occasion, "error", err)
		if n.Now().After(lastTry) {
			return fmt.Errorf("recording a message that was sent: %w", err)
		}
		time.Sleep(recordAgain.After(attempt))
	}
}

// deliver renders the mail and hands it to the relay.
func (n *Notifier) deliver(ctx context.Context, m store.Message, order *tracking.Order, in decision.Input) error {
	links, err := n.links(order)
	if err != nil {
		return &channel.Failure{Sender: bundle.SenderUnknown, Words: err.Error()}
	}
	mail, err := n.Renderer.Mail(m.Occasion, *order, in.Journey, links, in.Now)
	if err != nil {
		return &channel.Failure{Permanent: true, Sender: bundle.SenderUnknown, Words: fmt.Sprintf("the text for %s cannot be rendered: %v", m.Occasion, err)}
	}
	out := channel.Mail{
		ID: n.messageID(m), To: order.Customer.Email, Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML,
		Unsubscribe: links.Unsubscribe, Date: in.Now,
	}
	if n.Document.Activity == bundle.Rehearsal {
		out.To, out.Subject = n.Document.RehearsalTo, rehearsalPrefix+out.Subject
		out.Unsubscribe = "" // the merchant's mailbox must not offer to unsubscribe the shopper
	}
	return n.Sender.Send(ctx, out)
}

// undelivered keeps the message for another attempt, or gives it up when none would help.
func (n *Notifier) undelivered(ctx context.Context, m store.Message, in decision.Input, d decision.Decision, cause error) (string, error) {
	failure := &channel.Failure{Sender: bundle.SenderUnknown, Words: "an unexpected failure"}
	_ = errors.As(cause, &failure)
	if failure.Sender != bundle.SenderUnknown {
		n.sender.Store(failure.Sender)
		n.loginRefused.Store(failure.LogIn)
	}
	n.Log.Warn("a message was not sent", "message", m.ID, "occasion", m.Occasion, "attempt", m.Attempt, "permanent", failure.Permanent, "problem", failure.Words)
	d.Words = failure.Words
	if failure.Permanent {
		d.Action, d.Rule = decision.Suppress, "refused"
		return string(store.MessageFailed), n.settle(ctx, m, in, d, func(tx *store.Tx) error {
			return tx.FinishMessage(ctx, m, store.MessageFailed, n.Now(), failure.Words)
		})
	}
	d.Action, d.Rule, d.NotBefore = decision.Defer, "retry", n.Now().Add(n.Retry.After(m.Attempt))
	return "Retried", n.settle(ctx, m, in, d, func(tx *store.Tx) error {
		return tx.DeferMessage(ctx, m, d.NotBefore, failure.Words)
	})
}

// messageID is equal for every attempt at the same message: after a crash between sending and recording, the second copy
// can be recognised as such. It tells nobody the order's id.
func (n *Notifier) messageID(m store.Message) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{m.OrderID, string(m.Occasion), m.Parcel, m.Channel}, "\x00")))
	domain := n.Document.Hostname
	if _, host, ok := strings.Cut(n.Document.Email.FromAddress, "@"); ok {
		domain = host
	}
	return hex.EncodeToString(sum[:16]) + "@" + domain
}
