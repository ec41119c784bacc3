// Package ingest receives webhooks. It verifies the signature of a webhook, commits it raw and answers only then: an acknowledged
// receipt is never lost, whatever it holds.
//
// It must not know what a payload means (package mapping, in the notifier's process), and it never logs a path, an id, a header or a
// body, nor uses one as a label: they hold secrets and personal data.
package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/carrier/verify"
	"github.com/wismo-dev/wismo/internal/store"
)

// MaxBodyBytes bounds a webhook; larger ones are answered 413.
const MaxBodyBytes = 1 << 20

// maxBodiesBytes bounds the memory of all bodies at once, because the same process serves the page.
const maxBodiesBytes = 8 * MaxBodyBytes

// minReservedBytes is the least memory that is reserved for a body, however small it is: it bounds how many bodies are in memory at once.
const minReservedBytes = 16 << 10

// maxHeaderBytes bounds one kept header, and the id of a webhook.
const maxHeaderBytes = 512

// retryAfterSeconds tells a provider when to retry: a secret is mounted within 90 s, a busy database is free sooner.
const retryAfterSeconds = "30"

// Inbox stores receipts durably; *store.Store is one.
type Inbox interface {
	AppendReceipt(ctx context.Context, r store.Receipt) (fresh bool, err error)
}

// Endpoint is one webhook address of the Shop.
type Endpoint struct {
	ID         string
	Source     bundle.Source
	Definition *definition.Definition
}

// Endpoints returns the endpoints of the sources that receive webhooks; a source that is only polled has none.
func Endpoints(sources []bundle.Source) ([]Endpoint, error) {
	var endpoints []Endpoint
	for _, s := range sources {
		if s.EndpointID == "" || s.Intake == intakePoll {
			continue
		}
		d, err := definition.Resolve(s)
		if err != nil {
			return nil, fmt.Errorf("preparing the endpoints: %w", err)
		}
		if d.Receives() {
			endpoints = append(endpoints, Endpoint{ID: s.EndpointID, Source: s, Definition: d})
		}
	}
	return endpoints, nil
}

// intakePoll is the bundle.Source.Intake without webhooks.
const intakePoll = "Poll"

// Config holds what the handler needs.
type Config struct {
	Endpoints []Endpoint
	// Secrets returns the live secrets of a source, see workload.Secrets.VerificationSecrets.
	Secrets    func(source bundle.Source, d *definition.Definition) [][]byte
	Inbox      Inbox
	Refusals   *Refusals             // counts refused signatures for the report; nil = not reported
	NotFound   http.Handler          // answers an unknown id exactly as a path that does not exist; nil = http.NotFound
	Registerer prometheus.Registerer // nil = metrics are not published
	Log        *slog.Logger
	Now        func() time.Time
}

// New returns the handler of <bundle.HookPath><id>.
func New(c Config) http.Handler {
	h := &handler{Config: c, endpoints: map[string]Endpoint{}, bodies: semaphore.NewWeighted(maxBodiesBytes), receipts: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wismo_receipts_total",
		Help: "Webhooks received by the tracking page, by the definition of the source and the outcome. Accepted: stored. Duplicate: stored before. Each other outcome is a request that was not stored.",
	}, []string{"definition", "outcome"})}
	for _, e := range c.Endpoints {
		h.endpoints[e.ID] = e
	}
	if h.NotFound == nil {
		h.NotFound = http.NotFoundHandler()
	}
	if h.Refusals == nil {
		h.Refusals = &Refusals{}
	}
	if c.Registerer != nil {
		c.Registerer.MustRegister(h.receipts)
	}
	return h
}

type handler struct {
	Config
	endpoints map[string]Endpoint
	bodies    *semaphore.Weighted // in bytes
	receipts  *prometheus.CounterVec
}

// outcome is how a webhook was answered: the metric's label, and the key of the status code.
type outcome string

const (
	accepted         outcome = "Accepted"
	duplicate        outcome = "Duplicate"
	probed           outcome = "Probed"
	unknown          outcome = "UnknownEndpoint"
	wrongMethod      outcome = "WrongMethod"
	tooLarge         outcome = "TooLarge"
	overloaded       outcome = "Overloaded" // the bodies in memory have reached maxBodiesBytes
	unreadable       outcome = "Unreadable" // the provider closed the connection or was too slow
	unsigned         outcome = "Unsigned"
	wrongSignature   outcome = "WrongSignature"
	staleSignature   outcome = "StaleSignature"
	noSecret         outcome = "NoSecret"
	storageUnhealthy outcome = "StorageFailed"
)

var statuses = map[outcome]int{
	accepted:         http.StatusOK,
	duplicate:        http.StatusOK,
	probed:           http.StatusOK,
	wrongMethod:      http.StatusMethodNotAllowed,
	tooLarge:         http.StatusRequestEntityTooLarge,
	overloaded:       http.StatusServiceUnavailable,
	unreadable:       http.StatusBadRequest,
	unsigned:         http.StatusUnauthorized,
	wrongSignature:   http.StatusUnauthorized,
	staleSignature:   http.StatusUnauthorized,
	noSecret:         http.StatusServiceUnavailable,
	storageUnhealthy: http.StatusServiceUnavailable,
}

// ServeHTTP answers one webhook.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, ok := h.endpoints[strings.TrimPrefix(r.URL.Path, bundle.HookPath)]
	if !ok {
		h.receipts.WithLabelValues("", string(unknown)).Inc()
		h.NotFound.ServeHTTP(w, r)
		return
	}
	o := h.receive(w, r, e)
	h.Refusals.note(e.Source.Name, o, h.Now())
	h.receipts.WithLabelValues(e.Definition.Name, string(o)).Inc()
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	switch statuses[o] {
	case http.StatusMethodNotAllowed:
		header.Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		header.Set("Retry-After", retryAfterSeconds)
	}
	w.WriteHeader(statuses[o])
}

func (h *handler) receive(w http.ResponseWriter, r *http.Request, e Endpoint) outcome {
	if r.Method != http.MethodPost {
		if e.Definition.Receipt.AnswersGet && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			return probed
		}
		return wrongMethod
	}
	if !verify.Signed(e.Definition.Verify, r.Header) {
		return unsigned
	}
	weight := bodyWeight(r.ContentLength)
	if !h.bodies.TryAcquire(weight) {
		return overloaded
	}
	defer h.bodies.Release(weight)
	return h.accept(w, r, e)
}

// accept reads, verifies and stores the body.
func (h *handler) accept(w http.ResponseWriter, r *http.Request, e Endpoint) outcome {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBodyBytes))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return tooLarge
		}
		return unreadable
	}
	now := h.Now()
	if o, ok := h.verified(r, e, body, now); !ok {
		return o
	}
	fresh, err := h.Inbox.AppendReceipt(r.Context(), receipt(e, r.Header, body, now))
	switch {
	case err != nil:
		h.Log.Error("failed to store a received webhook; answered 503 so that the provider sends it again", "source", e.Source.Name, "error", err)
		return storageUnhealthy
	case !fresh:
		return duplicate
	}
	return accepted
}

// bodyWeight returns the memory to reserve for a body of that length; -1 = unknown.
func bodyWeight(length int64) int64 {
	if length < 0 {
		return MaxBodyBytes
	}
	return min(max(length, minReservedBytes), MaxBodyBytes)
}

// verified checks the signature before anything of the body is read.
func (h *handler) verified(r *http.Request, e Endpoint, body []byte, now time.Time) (outcome, bool) {
	err := verify.Verify(e.Definition.Verify, verify.Request{Header: r.Header, Body: body}, h.Secrets(e.Source, e.Definition), now)
	switch {
	case err == nil:
		return accepted, true
	case errors.Is(err, verify.ErrNoSecret):
		h.Log.Warn("refused a webhook because the secret of its source is missing or not usable; answered 503 so that the provider sends it again", "source", e.Source.Name)
		return noSecret, false
	case errors.Is(err, verify.ErrNoSignature):
		return unsigned, false
	case errors.Is(err, verify.ErrStale):
		return staleSignature, false
	}
	return wrongSignature, false
}

// receipt keeps the body as it was sent, and of the header only what the definition lists.
func receipt(e Endpoint, header http.Header, body []byte, now time.Time) store.Receipt {
	kept := map[string]string{}
	for _, name := range e.Definition.Receipt.Kept() {
		if v := header.Get(name); v != "" && len(v) <= maxHeaderBytes {
			kept[name] = v
		}
	}
	return store.Receipt{
		Source: e.Source.Name, DedupeKey: dedupeKey(e.Definition.Receipt, header, body),
		Header: kept, Body: body, ReceivedAt: now,
	}
}

// dedupeKey returns the provider's id of the webhook, else a hash of the body. The prefixes distinguish an id from a hash.
func dedupeKey(r definition.Receipt, header http.Header, body []byte) string {
	if r.IDHeader != "" {
		if id := header.Get(r.IDHeader); id != "" && len(id) <= maxHeaderBytes {
			return "id:" + id
		}
	}
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}
