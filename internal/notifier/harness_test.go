package notifier_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
	"github.com/wismo-dev/wismo/internal/workload"
)

// relay is a real SMTP server that keeps what it is given and refuses as it is told.
type relay struct {
	port int

	mu       sync.Mutex
	received []received
	refusals []error // taken one by one at RCPT TO, then everything is accepted
	dropNext bool    // take the next mail, then break off before saying so
}

type received struct {
	to     string
	header mail.Header
	body   string
}

func newRelay(t testing.TB) *relay {
	t.Helper()
	r := &relay{}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{relay: r, conn: c}, nil }))
	server.Domain = "relay.example"
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.port = listener.Addr().(*net.TCPAddr).Port
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return r
}

type session struct {
	relay *relay
	conn  *smtp.Conn
	to    string
}

func (s *session) Reset()                               { s.to = "" }
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	if len(s.relay.refusals) > 0 {
		err := s.relay.refusals[0]
		s.relay.refusals = s.relay.refusals[1:]
		return err
	}
	s.to = to
	return nil
}

func (s *session) Data(in io.Reader) error {
	m, err := mail.ReadMessage(in)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.relay.mu.Lock()
	defer s.relay.mu.Unlock()
	s.relay.received = append(s.relay.received, received{to: s.to, header: m.Header, body: string(body)})
	if s.relay.dropNext {
		s.relay.dropNext = false
		return errors.Join(errors.New("dropped"), s.conn.Conn().Close())
	}
	return nil
}

func (r *relay) refuse(code int, enhanced smtp.EnhancedCode) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refusals = append(r.refusals, &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no, noor@example.org"})
}

func (r *relay) mails() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.received)
}

// shop is one Shop's database with its notifiers, on a clock of its own.
type shop struct {
	t     testing.TB
	relay *relay
	doc   *bundle.Document
	store *store.Store
	path  string
	keys  string

	mu    sync.Mutex
	clock time.Time
	sent  int // receipts posted, for their keys
}

// start is a Monday morning.
var start = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

func newShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{t: t, relay: newRelay(t), clock: start, path: filepath.Join(t.TempDir(), store.FileName), keys: t.TempDir()}
	write(t, filepath.Join(s.keys, bundle.LinkKeys, "1", "key"), strings.Repeat("k", 32))
	s.doc = &bundle.Document{
		SchemaVersion: bundle.SchemaVersion, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", BaseURL: "https://track.linden.example", HomeCountry: "NL",
		Locales: []string{"en"}, TimeZone: "Europe/Amsterdam", Activity: bundle.Live,
		Sources: []bundle.Source{
			{Name: "api", Kind: bundle.Orders, EndpointID: "a", Definition: "api", Intake: "Webhook"},
			{Name: "carrier-easypost", Kind: bundle.Carrier, EndpointID: "b", Definition: "easypost", Intake: "Webhook"},
		},
		Email: bundle.Email{Type: bundle.House, FromName: "Linden Living", FromAddress: "linden@mail.example",
			ReplyTo: "help@linden.example", Host: "127.0.0.1", Port: s.relay.port, TLS: "None"},
		Policy: bundle.BuiltinPolicy(), Page: bundle.Page{VerifyBy: []string{"Postcode"}},
		Links: bundle.Links{TTLDays: 365}, Storage: bundle.Storage{Type: bundle.SQLite},
	}
	s.doc.Policy.QuietHours = nil // the tests of quiet hours set their own
	s.store = s.open()
	return s
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func (s *shop) open() *store.Store {
	s.t.Helper()
	db, err := store.Open(s.t.Context(), store.Options{Path: s.path})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	return db
}

func (s *shop) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *shop) wait(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

// notifier starts from what is in the database, as a new process would.
func (s *shop) notifier(db *store.Store, change ...func(*notifier.Config)) *notifier.Notifier {
	s.t.Helper()
	renderer, err := message.NewRenderer(s.doc)
	if err != nil {
		s.t.Fatal(err)
	}
	c := notifier.Config{
		Document: s.doc, BundleHash: "0123456789", Store: db, Secrets: workload.NewSecrets(s.keys, s.t.TempDir(), s.now),
		Renderer: renderer, Sender: channel.NewSMTP(s.doc.Email, func() (string, string) { return "", "" }),
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: s.now,
	}
	for _, f := range change {
		f(&c)
	}
	n, err := notifier.New(c)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// post stores a receipt as the page would after verifying it.
func (s *shop) post(source, payload string) {
	s.t.Helper()
	s.sent++
	s.postAs(source, fmt.Sprintf("delivery-%d", s.sent), payload)
}

func (s *shop) postAs(source, key, payload string) {
	s.t.Helper()
	_, err := s.store.AppendReceipt(s.t.Context(), store.Receipt{Source: source, DedupeKey: key, Body: []byte(payload), ReceivedAt: s.now()})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) postOrder(number string, change ...func(map[string]any)) {
	s.t.Helper()
	data := map[string]any{
		"number": number, "placedAt": s.now().Format(time.RFC3339), "updatedAt": s.now().Format(time.RFC3339),
		"customer":    map[string]any{"name": "Noor Jansen", "email": "noor@example.org"},
		"destination": map[string]any{"postcode": "1015 CJ", "city": "Amsterdam", "country": "NL"},
		"items":       []any{map[string]any{"name": "Oak stool", "quantity": 1}},
		"parcels":     []any{map[string]any{"carrier": "postnl", "number": "P" + number}},
	}
	for _, f := range change {
		f(data)
	}
	s.post("api", encode(s.t, map[string]any{"type": "order.upserted", "data": data}))
}

func event(t testing.TB, order, status string, at time.Time) string {
	t.Helper()
	return encode(t, map[string]any{"type": "parcel.event", "data": map[string]any{
		"carrier": "postnl", "number": "P" + order, "orderNumber": order, "status": status, "time": at.Format(time.RFC3339), "location": "Amsterdam",
	}})
}

func encode(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// work lets one notifier work off everything that is due.
func (s *shop) work(n *notifier.Notifier) {
	s.t.Helper()
	if err := n.ReceiveAll(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if err := n.LookAll(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if err := n.SendAll(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// pass lets the time go by, and one notifier work whenever something is due.
func (s *shop) pass(n *notifier.Notifier, d time.Duration) {
	s.t.Helper()
	for end := s.now().Add(d); s.now().Before(end); {
		next, err := n.NextDue(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if next.IsZero() || next.After(end) {
			next = end
		}
		s.wait(max(next.Sub(s.now()), time.Second))
		s.work(n)
	}
}

// order returns the only order of that number.
func (s *shop) order(number string) tracking.Order {
	s.t.Helper()
	orders, err := s.store.OrdersByNumber(s.t.Context(), number)
	if err != nil || len(orders) != 1 {
		s.t.Fatalf("%d orders %s, %v", len(orders), number, err)
	}
	return orders[0]
}

func (s *shop) parcels(number string) []tracking.Parcel {
	s.t.Helper()
	var all []tracking.Parcel
	for _, sh := range s.order(number).Shipments {
		all = append(all, sh.Parcels...)
	}
	return all
}

// awaitIdle returns when running notifiers have nothing left to do.
func (s *shop) awaitIdle() {
	for {
		c, err := s.store.Counts(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if c.Inbox.Waiting == 0 && c.Messages.Waiting == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// messages lists what has become of the order's messages, as "occasion state".
func (s *shop) messages(number string) []string {
	s.t.Helper()
	var all []string
	s.view(number, func(tx *store.Tx, order string) error {
		messages, err := tx.Messages(s.t.Context(), order)
		for _, m := range messages {
			all = append(all, fmt.Sprintf("%s %s", m.Occasion, m.State))
		}
		return err
	})
	return all
}

// rules lists the rules that decided on an occasion, in order.
func (s *shop) rules(number, occasion string) []string {
	s.t.Helper()
	var all []string
	s.view(number, func(tx *store.Tx, order string) error {
		decisions, err := tx.Decisions(s.t.Context(), order)
		for _, d := range decisions {
			if string(d.Occasion) == occasion {
				all = append(all, d.Asked+" "+d.Rule)
			}
		}
		return err
	})
	return all
}

// view reads what is stored of an order.
func (s *shop) view(number string, read func(*store.Tx, string) error) {
	s.t.Helper()
	orders, err := s.store.OrdersByNumber(s.t.Context(), number)
	if err != nil || len(orders) == 0 {
		s.t.Fatalf("%d orders %s, %v", len(orders), number, err)
	}
	err = s.store.View(s.t.Context(), func(tx *store.Tx) error { return read(tx, orders[0].ID) })
	if err != nil {
		s.t.Fatal(err)
	}
}
