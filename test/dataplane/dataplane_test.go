package dataplane_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/ingest"
	"github.com/wismo-dev/wismo/internal/link"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/workload"
)

// hookSecret signs all webhooks; linkKey signs all links.
var (
	hookSecret = []byte("0123456789abcdef0123456789abcdef")
	linkKey    = link.Key{Number: 1, Secret: bytes.Repeat([]byte{'k'}, 2*link.MinSecret)}
)

// document is the Shop that a case starts from.
func document() *bundle.Document {
	return &bundle.Document{
		SchemaVersion: bundle.SchemaVersion, Namespace: "linden", Name: "linden", DisplayName: "Linden Living",
		Hostname: "track.linden.example", BaseURL: "https://track.linden.example", HomeCountry: "NL",
		Locales: []string{"en"}, TimeZone: "Europe/Amsterdam", Activity: bundle.Live,
		Support: bundle.Support{Email: "help@linden.example"},
		Sources: []bundle.Source{
			{Name: "api", Kind: bundle.Orders, EndpointID: "a", Definition: "api", Intake: "Webhook"},
			{Name: "shopify", Kind: bundle.Orders, EndpointID: "b", Definition: "shopify", Intake: "Webhook"},
			{Name: "easypost", Kind: bundle.Carrier, EndpointID: "c", Definition: "easypost", Intake: "Webhook"},
			{Name: "sendcloud", Kind: bundle.Carrier, EndpointID: "d", Definition: "sendcloud", Intake: "Webhook"},
		},
		Email:  bundle.Email{Type: bundle.House, FromName: "Linden Living", FromAddress: "linden@mail.example", ReplyTo: "help@linden.example"},
		Policy: bundle.BuiltinPolicy(), Page: bundle.Page{VerifyBy: []string{"Postcode", "Email"}},
		Links: bundle.Links{TTLDays: 365}, Storage: bundle.Storage{Type: bundle.SQLite},
	}
}

// dataPlane is the data plane of a Shop on a clock of its own.
type dataPlane struct {
	t      testing.TB
	doc    *bundle.Document
	zone   *time.Location
	store  *store.Store
	hooks  http.Handler
	worker *notifier.Notifier
	relay  *relay
	keys   string
	dir    string       // of the database
	site   http.Handler // nil until the page is needed

	mu    sync.Mutex
	clock time.Time
	sent  int // webhooks, for their ids

	senders map[string]sender // by the name of their source
}

// relay accepts every mail, or answers with the refusal.
type relay struct {
	refusal *channel.Failure
	mails   []channel.Mail
}

func (*relay) Configured() bool { return true }

func (*relay) Greet(context.Context) error { return nil }

func (r *relay) Send(_ context.Context, m channel.Mail) error {
	if r.refusal != nil {
		return r.refusal
	}
	r.mails = append(r.mails, m)
	return nil
}

// overlay returns the sample Document with a Shop's own values.
func overlay(t testing.TB, own json.RawMessage) *bundle.Document {
	t.Helper()
	return overlayOn(t, document(), own)
}

func overlayOn(t testing.TB, under *bundle.Document, own json.RawMessage) *bundle.Document {
	t.Helper()
	if len(own) == 0 {
		return under
	}
	base, err := json.Marshal(under)
	if err != nil {
		t.Fatal(err)
	}
	before, err1 := decode(base)
	over, err2 := decode(own)
	merged, err3 := json.Marshal(patch(before, over))
	doc := &bundle.Document{}
	if err := errors.Join(err1, err2, err3, json.Unmarshal(merged, doc)); err != nil {
		t.Fatal(err)
	}
	return doc
}

// restart ends the processes and starts them with another bundle, as a rollout does.
func (p *dataPlane) restart(doc *bundle.Document) {
	p.t.Helper()
	p.doc, p.site, p.senders = doc, nil, nil
	p.hooks, p.worker = p.receiver(), p.notifier(p.relay)
	if err := errors.Join(p.worker.ReplayChanged(p.t.Context()), p.worker.Refresh(p.t.Context())); err != nil {
		p.t.Fatal(err)
	}
	p.settle()
}

// hash names the bundle.
func hash(doc *bundle.Document) string {
	raw, err := json.Marshal(doc)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func newDataPlane(t testing.TB, doc *bundle.Document) *dataPlane {
	t.Helper()
	zone, err := time.LoadLocation(doc.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	p := &dataPlane{t: t, doc: doc, zone: zone, relay: &relay{}, keys: t.TempDir(), dir: t.TempDir()}
	dir := filepath.Join(p.keys, bundle.LinkKeys, "1")
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, bundle.KeyFile), linkKey.Secret, 0o600)); err != nil {
		t.Fatal(err)
	}
	if p.store, err = store.Open(t.Context(), store.Options{Path: filepath.Join(p.dir, store.FileName)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.store.Close() })
	p.hooks, p.worker = p.receiver(), p.notifier(p.relay)
	return p
}

func (p *dataPlane) receiver() http.Handler {
	p.t.Helper()
	endpoints, err := ingest.Endpoints(p.doc.Sources)
	if err != nil {
		p.t.Fatal(err)
	}
	return ingest.New(ingest.Config{
		Endpoints: endpoints, Inbox: p.store, Log: slog.New(slog.DiscardHandler), Now: p.now,
		Secrets: func(_ bundle.Source, d *definition.Definition) [][]byte {
			if d.Verify.Key == definition.KeyWhsecBase64 {
				return [][]byte{[]byte("whsec_" + base64.StdEncoding.EncodeToString(hookSecret))}
			}
			return [][]byte{hookSecret}
		},
	})
}

// notifier starts from what is in the database, as a new process would.
func (p *dataPlane) notifier(sender notifier.Sender) *notifier.Notifier {
	p.t.Helper()
	return p.notifierWith(sender, func(*notifier.Config) {})
}

func (p *dataPlane) notifierWith(sender notifier.Sender, change func(*notifier.Config)) *notifier.Notifier {
	p.t.Helper()
	renderer, err := message.NewRenderer(p.doc)
	if err != nil {
		p.t.Fatal(err)
	}
	c := notifier.Config{
		Document: p.doc, BundleHash: hash(p.doc), Store: p.store, Secrets: workload.NewSecrets(p.keys, p.t.TempDir(), p.now),
		Renderer: renderer, Sender: sender, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: p.now,
	}
	change(&c)
	n, err := notifier.New(c)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func (p *dataPlane) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clock
}

func (p *dataPlane) set(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock = at
}

// settle does everything that is due.
func (p *dataPlane) settle() {
	p.t.Helper()
	for _, drain := range []func(context.Context) error{p.worker.ReceiveAll, p.worker.LookAll, p.worker.SendAll} {
		if err := drain(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
	}
}

// maxIdleRounds is how often something may be due at one instant.
const maxIdleRounds = 50

// until lets the time pass, and the notifier work whenever something is due.
func (p *dataPlane) until(at time.Time) {
	p.t.Helper()
	if p.now().IsZero() {
		p.set(at)
	}
	for idle := 0; ; {
		next, err := p.worker.NextDue(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if next.IsZero() || next.After(at) {
			break
		}
		if idle++; next.After(p.now()) {
			idle = 0
			p.set(next)
		}
		if idle > maxIdleRounds {
			p.t.Fatalf("at %s something is due and is never done", p.now().Format(time.RFC3339))
		}
		p.settle()
	}
	p.set(at)
	p.settle()
}

// post signs a webhook as its source's definition says, and sends it to the receiver.
func (p *dataPlane) post(source, topic string, body []byte) int {
	p.t.Helper()
	d := p.sender(source).definition
	p.sent++
	header := http.Header{}
	if d.Receipt.IDHeader != "" {
		header.Set(d.Receipt.IDHeader, fmt.Sprintf("msg_%d", p.sent))
	}
	if topic != "" {
		header.Set(d.Receipt.TopicHeader, topic)
	}
	return p.hand(source, header, body)
}

// sender is a source as who sends its webhooks knows it.
type sender struct {
	path       string
	definition *definition.Definition
}

func (p *dataPlane) sender(source string) sender {
	p.t.Helper()
	if known, ok := p.senders[source]; ok {
		return known
	}
	i := slices.IndexFunc(p.doc.Sources, func(s bundle.Source) bool { return s.Name == source })
	if i < 0 {
		p.t.Fatalf("no source %q", source)
	}
	d, err := definition.Resolve(p.doc.Sources[i])
	if err != nil {
		p.t.Fatal(err)
	}
	if p.senders == nil {
		p.senders = map[string]sender{}
	}
	p.senders[source] = sender{bundle.HookPath + p.doc.Sources[i].EndpointID, d}
	return p.senders[source]
}

// hand signs a webhook that has the headers of its source, and sends it to the receiver.
func (p *dataPlane) hand(source string, header http.Header, body []byte) int {
	p.t.Helper()
	from := p.sender(source)
	r := httptest.NewRequestWithContext(p.t.Context(), http.MethodPost, from.path, bytes.NewReader(body))
	r.Header = header
	sign(from.definition.Verify, r.Header, body, p.now())
	w := httptest.NewRecorder()
	p.hooks.ServeHTTP(w, r)
	return w.Code
}

// sign is the sender's side of package verify.
func sign(v definition.Verify, header http.Header, body []byte, now time.Time) {
	var parts []string
	for _, part := range v.Signed {
		switch part {
		case definition.PartBody:
			parts = append(parts, string(body))
		case definition.PartTimestamp:
			at := strconv.FormatInt(now.Unix(), 10)
			header.Set(v.Timestamp.Header, at)
			parts = append(parts, at)
		case definition.PartID:
			parts = append(parts, header.Get(v.IDHeader))
		}
	}
	mac := hmac.New(sha256.New, hookSecret)
	mac.Write([]byte(strings.Join(parts, v.Separator)))
	sum := hex.EncodeToString(mac.Sum(nil))
	if v.Encoding == definition.Base64 {
		sum = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	header.Set(v.Header, v.Prefix+sum)
}
