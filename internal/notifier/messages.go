package notifier

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// messageLease is longer than any delivery to a mail server may take, so that no other worker sends the same message meanwhile; the margin is
// for rendering and recording. It bounds how long a message waits when its worker is killed.
const messageLease = channel.MaxDelivery + 15*time.Second

// recordMargin is kept free at the lease's end: an attempt at recording may wait that long for a busy database.
const recordMargin = 6 * time.Second

// recordBackoff is the wait between two attempts to record that a message was sent.
var recordBackoff = Backoff{First: 250 * time.Millisecond, Longest: 2 * time.Second}

// rehearsalPrefix marks a message that went to the merchant's inbox instead of the shopper's.
const rehearsalPrefix = "[Rehearsal] "

// SendAll sends every message that is due, one at a time. The one under way is sent and recorded even when ctx ends.
func (n *Notifier) SendAll(ctx context.Context) error {
	finish := context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		claims, err := n.Store.ClaimMessages(finish, decision.Email, n.Now(), messageLease, 1)
		if err != nil || len(claims) == 0 {
			return err
		}
		if err := n.dispatch(finish, claims[0]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// dispatch processes one message. It returns an error when the database fails, or the message cannot even be tried: it is due
// again when its lease ends, until its news is too old.
func (n *Notifier) dispatch(ctx context.Context, m store.Message) error {
	outcome, err := recovered(func() (string, error) { return n.send(ctx, m) })
	if errors.Is(err, store.ErrLost) {
		outcome, err = "Lost", nil
	}
	n.metrics.messages.WithLabelValues(string(m.Occasion), cmp.Or(outcome, "Error")).Inc()
	return err
}

// send decides once more, by the present facts, whether the message may be sent.
func (n *Notifier) send(ctx context.Context, m store.Message) (outcome string, err error) {
	d, err := n.decideAgain(ctx, m)
	if err != nil {
		return "", err
	}
	switch d.verdict.Action {
	case decision.Defer:
		return "Deferred", n.settle(ctx, d, func(tx *store.Tx) error { return tx.DeferMessage(ctx, d.message, d.verdict.NotBefore, "", false) })
	case decision.Suppress:
		state := suppressedState(m, d.verdict)
		return string(state), n.settle(ctx, d, func(tx *store.Tx) error {
			return tx.FinishMessage(ctx, d.message, state, d.in.Now, m.Problem)
		})
	case decision.Send:
	}
	if err := n.deliver(ctx, d); err != nil {
		return n.undelivered(ctx, d, err)
	}
	n.sender.Store(bundle.SenderAccepted)
	n.loginRefused.Store(false)
	n.metrics.delay.Observe(n.Now().Sub(m.Heard).Seconds())
	return string(store.MessageSent), n.settleSent(ctx, d)
}

// suppressedState distinguishes what became stale, what may not be told, and what the mail server refused until it was too late.
func suppressedState(m store.Message, v decision.Verdict) store.MessageState {
	switch {
	case v.Superseded:
		return store.MessageSuperseded
	case m.Problem != "" && v.Rule == decision.RuleTooOld:
		return store.MessageFailed
	}
	return store.MessageSuppressed
}

// dispatched is a message with the facts and the verdict that were found for it.
type dispatched struct {
	message store.Message
	order   tracking.Order
	trip    tracking.Journey
	to      tracking.Recipient
	revoked bool // see store.OrderRow
	in      decision.Input
	verdict decision.Verdict
}

func (n *Notifier) decideAgain(ctx context.Context, m store.Message) (*dispatched, error) {
	d := &dispatched{message: m}
	err := n.Store.View(ctx, func(tx *store.Tx) error {
		row, order, err := tx.Assembled(ctx, m.OrderID)
		if err != nil {
			return err
		}
		d.revoked = row.LinksRevoked
		setting := n.setting()
		d.order, d.trip = order, tracking.Project(order, setting, n.Now())
		to, known := recipientOf(order, m)
		d.to = to
		if d.in, err = n.input(ctx, tx, order, d.trip, to, time.Time{}); err != nil {
			return err
		}
		news, still := newsOf(d.order, d.trip, setting, m)
		d.in.Stage, d.in.News = decision.AtSend, news
		d.in.History = slices.DeleteFunc(d.in.History, func(t decision.Told) bool { return t.Waiting && sameNews(t, m) })
		d.verdict = decision.Decide(d.in)
		switch {
		case !known:
			d.verdict = decision.Verdict{
				Action: decision.Suppress, Level: d.verdict.Level, Rule: ruleMoved,
				Words: "The address of the message is no longer one of the order; each new recipient gets a decision of its own.",
			}
		case !m.Heard.After(n.Activity().MuteUntil):
			d.verdict = decision.Verdict{
				Action: decision.Suppress, Level: d.verdict.Level, Rule: decision.RuleMuted,
				Words: "It was queued before a person resumed the shop's messages: what was true by then is not told.",
			}
		case !still && madeByTime(news):
			d.verdict = decision.Verdict{
				Action: decision.Suppress, Level: d.verdict.Level, Rule: ruleNoLonger, Superseded: true,
				Words: "It is no longer true: a source has sent newer data about the order.",
			}
		}
		return nil
	})
	return d, err
}

func sameNews(t decision.Told, m store.Message) bool {
	return t.OrderID == m.OrderID && t.Occasion == m.Occasion && t.Subject == m.Subject && t.Instance == m.Instance
}

// recipientOf finds the recipient that the message was queued for: by the address, which an earlier version did not store.
func recipientOf(o tracking.Order, m store.Message) (tracking.Recipient, bool) {
	all := recipients(o)
	if m.Recipient == "" {
		return all[0], true
	}
	i := slices.IndexFunc(all, func(r tracking.Recipient) bool { return store.RecipientHash(r.Email) == m.Recipient })
	if i < 0 {
		return tracking.Recipient{Role: m.Role}, false
	}
	return all[i], true
}

// newsOf returns the present news of the message, or the queued one where it is not news any more.
func newsOf(o tracking.Order, trip tracking.Journey, s tracking.Setting, m store.Message) (news tracking.News, still bool) {
	queued := tracking.News{Occasion: m.Occasion, Subject: m.Subject, Instance: m.Instance, At: m.At, Heard: m.Heard}
	for _, n := range tracking.NewsOf(o, trip, s, trip.Now) {
		if n.ID() == queued.ID() || slices.Contains(n.Also, queued.ID()) {
			return n, true
		}
	}
	return queued, false
}

// settle records the verdict together with the outcome of the message.
func (n *Notifier) settle(ctx context.Context, d *dispatched, finish func(*store.Tx) error) error {
	return n.Store.Update(ctx, func(tx *store.Tx) error {
		if err := finish(tx); err != nil {
			return err
		}
		return n.record(ctx, tx, d.order.ID, d.in, d.verdict)
	})
}

// settleSent records that the mail was sent. Otherwise it is sent again when the lease ends, so a database that is busy
// or full is retried until shortly before.
func (n *Notifier) settleSent(ctx context.Context, d *dispatched) error {
	lastTry := d.message.NotBefore.Add(-recordMargin)
	for attempt := 1; ; attempt++ {
		err := n.settle(ctx, d, func(tx *store.Tx) error {
			return tx.FinishMessage(ctx, d.message, store.MessageSent, n.Now(), "")
		})
		if err == nil || errors.Is(err, store.ErrLost) {
			return err
		}
		n.Log.Error("failed to record in the database that a message was sent; trying again, because an unrecorded message is sent twice", "message", d.message.ID, "occasion", d.message.Occasion, "error", err)
		if n.Now().After(lastTry) {
			return fmt.Errorf("recording a message that was sent: %w", err)
		}
		time.Sleep(recordBackoff.After(attempt))
	}
}

// deliver renders the mail, makes sure that the claim still holds, and hands it to the mail server.
func (n *Notifier) deliver(ctx context.Context, d *dispatched) error {
	links, err := n.mailLinks(&d.order, d.to, d.revoked)
	if err != nil {
		return &channel.Failure{Sender: bundle.SenderUnknown, Words: err.Error()}
	}
	m := &d.message
	mail, err := n.Renderer.Mail(d.in.News, d.order, d.trip, d.to, links, d.in.Now)
	if err != nil {
		return &channel.Failure{Permanent: true, Sender: bundle.SenderUnknown, Words: fmt.Sprintf("the text for %s cannot be rendered: %v", m.Occasion, err)}
	}
	m.DayTold = mail.Day
	held := n.Now().Add(messageLease)
	if err := n.Store.Update(ctx, func(tx *store.Tx) error { return tx.HoldMessage(ctx, *m, held) }); err != nil {
		return err
	}
	m.NotBefore = held
	out := channel.Mail{
		ID: n.messageID(*m), To: d.to.Email, Subject: mail.Subject, Text: mail.Text, HTML: mail.HTML,
		Unsubscribe: links.Unsubscribe, Date: d.in.Now,
	}
	return n.hand(ctx, d, out)
}

// hand gives the mail to the server, unless the activity has changed since the verdict. From the last check on, reports name this
// activity, so that a stricter one is not reported while a mail may still be sent.
func (n *Notifier) hand(ctx context.Context, d *dispatched, out channel.Mail) error {
	decided := d.in.Activity
	n.handing.Store(&decided)
	defer n.handing.Store(nil)
	now := n.Activity()
	if now.Activity != decided {
		return &channel.Failure{Sender: bundle.SenderUnknown, Words: "the shop's activity has changed; deciding again"}
	}
	if now.Activity == bundle.Rehearsal {
		out.To, out.Subject = now.RehearsalTo, rehearsalPrefix+out.Subject
		out.Unsubscribe = "" // the merchant's mailbox must not offer to unsubscribe the shopper
	}
	return n.Sender.Send(ctx, out)
}

// undelivered keeps the message for another attempt, or fails it when none can succeed.
func (n *Notifier) undelivered(ctx context.Context, d *dispatched, cause error) (string, error) {
	if errors.Is(cause, store.ErrLost) {
		return "", cause
	}
	m := d.message
	failure := &channel.Failure{Sender: bundle.SenderUnknown, Words: "an unexpected failure"}
	_ = errors.As(cause, &failure)
	if failure.Sender != bundle.SenderUnknown {
		n.sender.Store(failure.Sender)
		n.loginRefused.Store(failure.LogIn)
	}
	n.Log.Warn("failed to send a message; it is tried again unless permanent is true", "message", m.ID, "occasion", m.Occasion, "attempt", m.Attempt, "permanent", failure.Permanent, "problem", failure.Words)
	v := &d.verdict
	v.Words = failure.Words
	if failure.Permanent {
		v.Action, v.Rule = decision.Suppress, ruleRefused
		return string(store.MessageFailed), n.settle(ctx, d, func(tx *store.Tx) error {
			return tx.FinishMessage(ctx, m, store.MessageFailed, n.Now(), failure.Words)
		})
	}
	v.Action, v.Rule, v.NotBefore = decision.Defer, ruleRetry, n.Now().Add(n.Retry.After(m.Attempt))
	return "Retried", n.settle(ctx, d, func(tx *store.Tx) error {
		return tx.DeferMessage(ctx, m, v.NotBefore, failure.Words, true)
	})
}

// Rules that the notifier records itself, besides those of package decision.
const (
	ruleRefused decision.Rule = "refused"
	ruleRetry   decision.Rule = "retry"
	ruleMoved   decision.Rule = "address-corrected"
	// ruleNoLonger is for news that time alone had made.
	ruleNoLonger decision.Rule = "no-longer"
)

// messageID returns the same id for every attempt at a message: after a crash between sending and recording, the second copy
// can be recognised as such. It does not reveal the order's id.
func (n *Notifier) messageID(m store.Message) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{m.OrderID, string(m.Occasion), m.Subject.String(), m.Instance, m.Recipient, m.Channel}, "\x00")))
	domain := n.Document.Hostname
	if _, host, ok := strings.Cut(n.Document.Email.FromAddress, "@"); ok {
		domain = host
	}
	return hex.EncodeToString(sum[:16]) + "@" + domain
}
