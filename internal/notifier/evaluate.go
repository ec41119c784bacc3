package notifier

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// importAge is how old an order may be when it is first received and still be new. An older one is imported: no message is sent about
// what was true of it by then.
const importAge = 48 * time.Hour

// dormantFor is how long after its import something must happen to an order before time alone makes news of it: of an order to which
// nothing happens it is not known how it ended. A history that arrives in parts, over hours or days, does not count.
const dormantFor = time.Hour

// historySpan is how far back the history of a recipient matters: longer than any budget and any age of news.
const historySpan = 65 * 24 * time.Hour

// evaluation finds what is news of one order, decides on it, and queues what may be told.
type evaluation struct {
	n       *Notifier
	tx      *store.Tx
	row     store.OrderRow
	order   tracking.Order
	before  *tracking.Order // as it was known before; nil = it is new
	muted   bool            // no message is queued, whatever is news
	now     time.Time
	journey tracking.Journey
}

// run decides on all present news, and sets when to look again.
func (e *evaluation) run(ctx context.Context) error {
	e.now = e.n.Now()
	setting := e.n.setting()
	e.journey = tracking.Project(e.order, setting, e.now)
	if e.before != nil && e.before.Buyer.Email != "" && store.RecipientHash(e.before.Buyer.Email) != store.RecipientHash(e.order.Buyer.Email) {
		e.row.LinksRevoked = true // a link that was sent to the wrong address must not open the order
	}
	if e.before == nil && e.order.FirstHeard.Sub(e.order.PlacedAt) > importAge {
		e.row.MutedUntil = latest(e.row.MutedUntil, e.now)
	}
	loosened := e.n.Activity().MuteUntil
	if e.row.BundleHash != e.n.BundleHash || e.row.EvaluatedAt.Before(loosened) {
		e.muteBefore(setting, loosened)
	}
	news := tracking.NewsOf(e.order, e.journey, setting, e.now)
	if e.muted {
		e.markAll(news)
	}
	for _, to := range recipients(e.order) {
		if err := e.decideFor(ctx, to, news); err != nil {
			return err
		}
	}
	if err := e.countDeliveries(ctx, setting); err != nil {
		return err
	}
	e.row.EvaluatedAt, e.row.BundleHash = e.now, e.n.BundleHash
	e.row.NextLook = tracking.NextLook(e.order, setting, e.now)
	if e.dormant() {
		e.row.NextLook = time.Time{}
	}
	return e.tx.PutOrder(ctx, e.row)
}

// muteBefore marks the news that was true before the present bundle, or before the previous version was replaced: no message about the
// past is sent because of a change of configuration or an upgrade. What has become due since the last look is not the past, but what
// was true when the activity was loosened is.
func (e *evaluation) muteBefore(s tracking.Setting, loosened time.Time) {
	if e.before == nil {
		return
	}
	until := e.now
	if due := e.row.NextLook; !due.IsZero() && due.Before(until) {
		until = latest(due.Add(-time.Millisecond), loosened)
	}
	trip := tracking.Project(*e.before, s, until)
	for _, news := range tracking.NewsOf(*e.before, trip, s, until) {
		for _, to := range recipients(e.order) {
			if to.Email != "" {
				e.mark(news, to)
			}
		}
	}
}

func (e *evaluation) markAll(news []tracking.News) {
	for _, to := range recipients(e.order) {
		for _, n := range news {
			e.mark(n, to)
		}
	}
}

// dormant reports whether the order was imported and nothing has happened to it since.
func (e *evaluation) dormant() bool {
	return !e.row.MutedUntil.IsZero() && e.order.LastHappened.Before(e.row.MutedUntil.Add(dormantFor))
}

// decideFor decides on the undecided news for one recipient, and queues its messages.
func (e *evaluation) decideFor(ctx context.Context, to tracking.Recipient, news []tracking.News) error {
	var in *decision.Input
	for _, n := range news {
		if e.decided(n, to) || (e.dormant() && madeByTime(n)) {
			continue
		}
		if in == nil {
			made, err := e.n.input(ctx, e.tx, e.order, e.journey, to, e.row.MutedUntil)
			if err != nil {
				return err
			}
			in = &made
		}
		in.News, in.Stage = n, decision.AtQueue
		v := decision.Decide(*in)
		if err := e.n.record(ctx, e.tx, e.order.ID, *in, v); err != nil {
			return err
		}
		if v.Action == decision.Suppress {
			if !v.WaitsForAddress {
				e.mark(n, to)
			}
			continue
		}
		e.mark(n, to)
		if err := e.queue(ctx, in, to, v); err != nil {
			return err
		}
	}
	return nil
}

func (e *evaluation) queue(ctx context.Context, in *decision.Input, to tracking.Recipient, v decision.Verdict) error {
	n := in.News
	m := store.Message{
		OrderID: e.order.ID, Occasion: n.Occasion, Subject: n.Subject, Instance: n.Instance, Role: to.Role, Recipient: store.RecipientHash(to.Email),
		Channel: v.Channel, Level: string(v.Level), At: n.At, Heard: e.now, NotBefore: latest(v.NotBefore, e.now),
	}
	if p := e.journey.Parcel(n.Subject); p != nil {
		m.About = store.LegacyAbout(n.Subject, p.Carrier)
	}
	fresh, err := e.tx.QueueMessage(ctx, m)
	if err != nil || !fresh {
		return err
	}
	in.History = append(in.History, decision.Told{
		OrderID: m.OrderID, Occasion: n.Occasion, Subject: n.Subject, Instance: n.Instance, IDs: append([]string{n.ID()}, n.Also...),
		Level: v.Level, At: n.At, Waiting: true,
	})
	return nil
}

// decided reports whether the news, or the same under another name, was decided on for the recipient.
func (e *evaluation) decided(n tracking.News, to tracking.Recipient) bool {
	return slices.ContainsFunc(append([]string{n.ID()}, n.Also...), func(id string) bool {
		_, found := slices.BinarySearch(e.row.Seen, seenKey(id, to))
		return found
	})
}

func (e *evaluation) mark(n tracking.News, to tracking.Recipient) {
	key := seenKey(n.ID(), to)
	if at, found := slices.BinarySearch(e.row.Seen, key); !found {
		e.row.Seen = slices.Insert(e.row.Seen, at, key)
	}
}

// seenKey returns a short hash of news and recipient: an order has some dozens.
func seenKey(id string, to tracking.Recipient) string {
	sum := sha256.Sum256([]byte(id + "\x00" + cmp.Or(store.RecipientHash(to.Email), string(to.Role))))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// madeByTime reports whether time alone made the news, not a receipt.
func madeByTime(n tracking.News) bool {
	return slices.Contains([]tracking.Occasion{
		tracking.LateWithoutNews, tracking.NoFirstScan, tracking.Stalled, tracking.SilentOrder, tracking.ArrivesTomorrow,
		tracking.PickupExpiring, tracking.NextLegMissing,
	}, n.Occasion)
}

// recipients returns the recipients of an order's messages: the buyer first, then every other recipient, such as of a gift, whose mail
// address is not yet in the list.
func recipients(o tracking.Order) []tracking.Recipient {
	all := []tracking.Recipient{o.Buyer}
	for _, r := range o.Recipients {
		same := func(known tracking.Recipient) bool {
			return store.RecipientHash(known.Email) == store.RecipientHash(r.Email)
		}
		if r.Email != "" && !slices.ContainsFunc(all, same) {
			all = append(all, r)
		}
	}
	return all
}

// setting returns the part of the configuration that journeys depend on.
func (n *Notifier) setting() tracking.Setting {
	return tracking.Setting{
		Promise: n.Document.Promise, Methods: n.Document.DeliveryMethods, Watch: n.Document.Policy.Watch,
		Zone: n.zone, HomeCountry: n.Document.HomeCountry, Carriers: n.carriers, Lanes: n.lanes.Now(),
	}
}

// input returns the input of a decision about an order and a recipient, without the news.
func (n *Notifier) input(ctx context.Context, tx *store.Tx, order tracking.Order, trip tracking.Journey, to tracking.Recipient, mutedUntil time.Time) (decision.Input, error) {
	hash := store.RecipientHash(to.Email)
	choices, err := tx.RecipientChoices(ctx, order.ID, to.Email, hash != store.RecipientHash(order.Buyer.Email))
	if err != nil {
		return decision.Input{}, err
	}
	messages, err := tx.ToldTo(ctx, hash, n.Now().Add(-historySpan))
	if err != nil {
		return decision.Input{}, err
	}
	return decision.Input{
		Policy: n.Document.Policy, Activity: n.Activity().Activity, Carriers: n.carriers, Order: order, Journey: trip,
		Recipient:  decision.Recipient{Role: to.Role, Tags: to.Tags, HasAddress: to.Email != "", Zone: trip.Zone, Hash: hash},
		Preference: decision.Preference(choices.Newest().Choice), History: historyOf(messages), MutedUntil: mutedUntil, Now: n.Now(),
	}, nil
}

// historyOf converts the messages of a recipient to the history of a decision.
func historyOf(messages []store.Message) []decision.Told {
	all := make([]decision.Told, 0, len(messages))
	for _, m := range messages {
		t := decision.Told{
			OrderID: m.OrderID, Occasion: m.Occasion, Subject: m.Subject, Instance: m.Instance, Level: bundle.Level(m.Level),
			At: m.At, Day: m.DayTold, Waiting: m.State == store.MessageWaiting || m.State == store.MessageSending,
		}
		if m.State == store.MessageSent {
			t.Accepted = m.Finished
		}
		if !m.Unidentified {
			t.IDs = []string{tracking.News{Occasion: m.Occasion, Subject: m.Subject, Instance: m.Instance}.ID()}
		}
		all = append(all, t)
	}
	return all
}

func (n *Notifier) record(ctx context.Context, tx *store.Tx, orderID string, in decision.Input, v decision.Verdict) error {
	asked := store.AtQueue
	if in.Stage == decision.AtSend {
		asked = store.AtSend
	}
	n.metrics.decisions.WithLabelValues(asked, string(v.Rule)).Inc()
	return tx.RecordDecision(ctx, store.Decision{
		OrderID: orderID, Occasion: in.News.Occasion, Subject: in.News.Subject, Instance: in.News.Instance, Role: in.Recipient.Role,
		Asked: asked, At: in.Now, Verdict: string(v.Action), Channel: v.Channel, NotBefore: v.NotBefore, Rule: string(v.Rule), Words: v.Words,
	})
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
