package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
	"github.com/wismo-dev/wismo/internal/workload"
)

// Renderer renders mails.
type Renderer interface {
	Mail(n tracking.News, o tracking.Order, j tracking.Journey, to tracking.Recipient, links message.Links, now time.Time) (message.Mail, error)
}

// Sender sends mails through a mail server; its errors are *channel.Failure.
type Sender interface {
	Configured() bool
	Greet(ctx context.Context) error
	Send(ctx context.Context, m channel.Mail) error
}

// Config holds the dependencies of a Notifier.
type Config struct {
	Document   *bundle.Document
	BundleHash string
	Activity   func() bundle.ActivityDocument // at present; nil = the Document's
	Store      *store.Store
	Secrets    *workload.Secrets
	Renderer   Renderer
	Sender     Sender
	Log        *slog.Logger
	Metrics    prometheus.Registerer
	Now        func() time.Time
	Retry      Backoff // zero = DefaultBackoff
}

// Backoff is the wait before an attempt is repeated: First, then twice as long each time, at most Longest.
type Backoff struct{ First, Longest time.Duration }

// DefaultBackoff retries a busy mail server soon, and one that is down every half hour.
var DefaultBackoff = Backoff{First: 5 * time.Second, Longest: 30 * time.Minute}

// After returns the wait after a number of attempts.
func (b Backoff) After(attempts int) time.Duration {
	wait := b.First
	for i := 1; i < attempts && wait < b.Longest; i++ {
		wait *= 2
	}
	return min(wait, b.Longest)
}

// Notifier is the worker. Several may run on one database.
type Notifier struct {
	Config
	zone     *time.Location
	mappers  map[string]*source
	carriers []bundle.CarrierRules // of all sources, the first that names a carrier counts
	lanes    workload.Lanes
	metrics  metrics
	sender   atomic.Value // bundle.SenderState

	handing      atomic.Pointer[bundle.Activity] // the activity under which a message is being handed to the mail server; nil = none is
	loginRefused atomic.Bool                     // the mail server does not accept the mounted log-in
}

// New returns a Notifier; Run starts it.
func New(c Config) (*Notifier, error) {
	zone, err := time.LoadLocation(c.Document.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("the bundle's time zone: %w", err)
	}
	if c.Retry == (Backoff{}) {
		c.Retry = DefaultBackoff
	}
	if c.Activity == nil {
		c.Activity = func() bundle.ActivityDocument { return bundle.ActivityOf(c.Document) }
	}
	n := &Notifier{Config: c, zone: zone, mappers: sources(c.Document), carriers: definition.RulesOf(c.Document.Sources), metrics: newMetrics(c.Metrics)}
	n.sender.Store(bundle.SenderUnknown)
	if !c.Sender.Configured() {
		n.sender.Store(bundle.SenderNotConfigured)
	}
	return n, c.Metrics.Register(queues{n})
}

// Run works until ctx ends, and then finishes what is under way.
func (n *Notifier) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return n.loop(ctx, "receipts", n.ReceiveAll) })
	group.Go(func() error { return n.loop(ctx, "orders", n.LookAll) })
	group.Go(func() error { return n.refresh(ctx) })
	group.Go(func() error { return n.lanes.Follow(ctx, n.Store, n.Log) })
	if n.Sender.Configured() {
		group.Go(func() error { return n.loop(ctx, "messages", n.SendAll) })
		group.Go(func() error { return n.greet(ctx) })
	} else {
		n.Log.Warn("no mail server is configured, so messages wait; set spec.senders.email of the Shop, or houseRelay in the configuration of the operator")
	}
	if err := group.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// loop drains the work at the start and whenever the database has changed. A failure of the database is logged and tried again:
// the process stays up, and its report names the problem.
func (n *Notifier) loop(ctx context.Context, name string, drain func(context.Context) error) error {
	wake := n.Store.Watch(ctx)
	for {
		if err := drain(ctx); err != nil && ctx.Err() == nil {
			n.Log.Error("failed to process a queue; trying again when the database changes", "queue", name, "error", err)
		}
		if _, open := <-wake; !open {
			return ctx.Err()
		}
	}
}
