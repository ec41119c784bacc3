package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/page"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
	"github.com/wismo-dev/wismo/internal/workload"
)

// linkKey signs all links of a run; no other key opens them.
var linkKey = link.Key{Number: 1, Secret: bytes.Repeat([]byte{'k'}, 2*link.MinSecret)}

// dataPlane is the data plane of a Shop: its database, its notifier and its page, on a clock that only the run moves.
type dataPlane struct {
	doc      *bundle.Document
	dir      string
	store    *store.Store
	notifier *notifier.Notifier
	page     *page.Server

	mu  sync.Mutex
	now time.Time

	lanes     tracking.Lanes // the history of deliveries
	lanesRead time.Time      // when it was read last

	sent func(channel.Mail) // called for each mail that the notifier sends
}

// Clock returns the simulated time.
func (p *dataPlane) Clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// advance moves the clock, never back.
func (p *dataPlane) advance(to time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if to.After(p.now) {
		p.now = to
	}
}

// relay is a mail relay that accepts every mail.
type relay struct{ accepted func(channel.Mail) }

func (relay) Configured() bool { return true }

func (relay) Greet(context.Context) error { return nil }

func (r relay) Send(_ context.Context, m channel.Mail) error {
	r.accepted(m)
	return nil
}

// databaseDir returns the directory for the databases of a run: a file system in memory if the machine has one, else "".
func databaseDir() string {
	const shared = "/dev/shm"
	if info, err := os.Stat(shared); err == nil && info.IsDir() {
		return shared
	}
	return ""
}

func openDataPlane(ctx context.Context, doc *bundle.Document, start time.Time) (_ *dataPlane, err error) {
	p := &dataPlane{doc: doc, now: start}
	if p.dir, err = os.MkdirTemp(databaseDir(), "wismo-simulate-"); err != nil {
		return nil, fmt.Errorf("making a directory for the database: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.store, err = store.Open(ctx, store.Options{Path: filepath.Join(p.dir, store.FileName)}); err != nil {
		return nil, err
	}
	keys := filepath.Join(p.dir, "keys", bundle.LinkKeys, "1")
	if err = errors.Join(os.MkdirAll(keys, 0o700), os.WriteFile(filepath.Join(keys, bundle.KeyFile), linkKey.Secret, 0o600)); err != nil {
		return nil, fmt.Errorf("making a key for links: %w", err)
	}
	return p, p.start()
}

func (p *dataPlane) start() error {
	renderer, err := message.NewRenderer(p.doc)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	p.notifier, err = notifier.New(notifier.Config{
		Document: p.doc, BundleHash: "simulated", Store: p.store, Secrets: workload.NewSecrets(filepath.Join(p.dir, "keys"), p.dir, p.Clock),
		Renderer: renderer, Sender: relay{func(m channel.Mail) { p.sent(m) }}, Log: log, Metrics: prometheus.NewRegistry(), Now: p.Clock,
	})
	if err != nil {
		return err
	}
	p.page, err = page.New(page.Config{
		Document: p.doc, Orders: p.store, Keys: func() []link.Key { return []link.Key{linkKey} }, Now: p.Clock, Log: log, MissDelay: time.Nanosecond,
		Lanes: func() tracking.Lanes { return p.lanes },
	})
	return err
}

func (p *dataPlane) close() error {
	var err error
	if p.store != nil {
		err = p.store.Close()
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}

// lanesAge is how old the history of deliveries may be. A notifier in a cluster reads it more often, which changes little.
const lanesAge = 24 * time.Hour

// settle does everything that is due by now.
func (p *dataPlane) settle(ctx context.Context) error {
	if err := p.notifier.ReceiveAll(ctx); err != nil {
		return fmt.Errorf("processing receipts: %w", err)
	}
	if now := p.Clock(); now.Sub(p.lanesRead) >= lanesAge {
		p.lanesRead = now
		samples, err := p.store.LaneSamples(ctx)
		if err := errors.Join(err, p.notifier.ReadLanes(ctx)); err != nil {
			return err
		}
		p.lanes = samples.Lanes()
	}
	if err := p.notifier.LookAll(ctx); err != nil {
		return fmt.Errorf("looking at orders that are due: %w", err)
	}
	if err := p.notifier.SendAll(ctx); err != nil {
		return fmt.Errorf("sending messages: %w", err)
	}
	return nil
}

// nextDue returns when something is due next without another receipt; zero = never.
func (p *dataPlane) nextDue(ctx context.Context) (time.Time, error) { return p.notifier.NextDue(ctx) }

// answer stores the answer of the page.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// open returns the page of an order as its link opens it; nil = the link does not open it.
func (p *dataPlane) open(ctx context.Context, orderID string) ([]byte, error) {
	token := link.Sign(linkKey, link.Claims{Purpose: link.Order, OrderID: orderID, Expires: p.Clock().Add(time.Hour)})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.doc.BaseURL+link.OrderPath+token, nil)
	if err != nil {
		return nil, err
	}
	r.Body = http.NoBody
	a := &answer{header: http.Header{}, status: http.StatusOK}
	p.page.ServeHTTP(a, r)
	if a.status != http.StatusOK {
		return nil, nil
	}
	return a.body.Bytes(), nil
}

// orderOf returns the id of the order that the links of a mail open.
func (p *dataPlane) orderOf(m channel.Mail) (string, bool) {
	for _, candidate := range append([]string{m.Unsubscribe}, strings.Fields(m.Text)...) {
		u, err := url.Parse(candidate)
		if err != nil || u.Path == "" {
			continue
		}
		for path, purpose := range map[string]string{link.OrderPath: link.Order, link.UnsubscribePath: link.Unsubscribe} {
			token, ok := strings.CutPrefix(u.Path, path)
			if !ok {
				continue
			}
			if claims, err := link.Verify([]link.Key{linkKey}, token, purpose, p.Clock()); err == nil {
				return claims.OrderID, true
			}
		}
	}
	return "", false
}

// sendingMessage returns the message that is being sent for an order: the tracking number that it is about, and its level.
func (p *dataPlane) sendingMessage(ctx context.Context, orderID string) (about, level string, err error) {
	err = p.store.View(ctx, func(tx *store.Tx) error {
		messages, err := tx.Messages(ctx, orderID)
		if err != nil {
			return err
		}
		order, err := tx.Order(ctx, orderID)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if m.State == store.MessageSending {
				about, level = numberOf(*order, m.Subject), m.Level
			}
		}
		return nil
	})
	return about, level, err
}

// numberOf returns the tracking number of a parcel, or of a shipment with one parcel; "" = the whole order.
func numberOf(order tracking.Order, subject tracking.Subject) string {
	for _, s := range order.Shipments {
		for _, p := range s.Parcels {
			if p.Subject == subject || s.Subject == subject && len(s.Parcels) == 1 {
				return p.Number
			}
		}
	}
	if subject.Kind == tracking.SubjectParcel {
		return subject.Ref
	}
	return ""
}

// stored is an order in the database.
type stored struct{ id, number, email string }

func (p *dataPlane) orders(ctx context.Context, number string) ([]stored, error) {
	orders, err := p.store.OrdersByNumber(ctx, number)
	all := make([]stored, 0, len(orders))
	for _, o := range orders {
		all = append(all, stored{o.ID, o.Number, o.Buyer.Email})
	}
	return all, err
}

func (p *dataPlane) order(ctx context.Context, id string) (stored, error) {
	o, err := p.store.OrderByID(ctx, id)
	if err != nil {
		return stored{}, err
	}
	return stored{o.ID, o.Number, o.Buyer.Email}, nil
}

// history returns the messages and decisions of an order.
func (p *dataPlane) history(ctx context.Context, orderID string) (messages []store.Message, decisions []store.Decision, err error) {
	err = p.store.View(ctx, func(tx *store.Tx) error {
		if messages, err = tx.Messages(ctx, orderID); err != nil {
			return err
		}
		decisions, err = tx.Decisions(ctx, orderID)
		return err
	})
	return messages, decisions, err
}
