package journey_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/testing/demo/journey"
	"github.com/wismo-dev/wismo/internal/tracking"
	"github.com/wismo-dev/wismo/internal/workload"
)

// story is what one of the demo's merchants sends about an order.
type story struct {
	merchant string
	tell     func(number string, now time.Time) []journey.Webhook
	late     bool // the parcel is meant to be late
}

func stories() map[string]story {
	return map[string]story{
		"linden": {"linden", journey.Linden, false}, "split": {"linden", journey.Split, false}, "late": {"linden", journey.Late, true},
		"pickup": {"linden", journey.Pickup, false}, "returned": {"linden", journey.Returned, false}, "attempts": {"linden", journey.TwiceNotHome, false},
		"fjallro": {"fjallro", journey.Fjallro, false}, "corrected": {"fjallro", journey.Corrected, false}, "duties": {"fjallro", journey.Duties, false},
	}
}

// A parcel that is told about a quarter of an hour before midnight must not be late a quarter after it.
func TestAtEveryHourTheParcelIsInTimeAndBringsTheMailsThatAreNamed(t *testing.T) {
	for name, s := range stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t, s.merchant)
			// Three days around the end of summer time, which are a Saturday, a Sunday and a Monday.
			for w.now = time.Date(2026, 10, 23, 22, 15, 0, 0, time.UTC); w.now.Day() < 27; w.now = w.now.Add(109 * time.Minute) {
				number := w.now.Format("2-1504")
				hooks := s.tell(number, w.now)
				for _, hook := range hooks {
					w.hear(hook)
					if !s.late && w.lateIn(number, 30*time.Minute) {
						t.Errorf("at %s the parcel is late after %s", w.now, hook.Tells)
					}
				}
				w.wait(time.Minute)
				if got, want := w.mails(number), named(hooks); !slices.Equal(got, want) {
					t.Errorf("at %s the mails are %v, want %v", w.now, got, want)
				}
			}
		})
	}
}

func TestAJourneyThatMidnightWouldInterruptBeginsAfterIt(t *testing.T) {
	for clock, want := range map[string]time.Duration{
		"2026-11-30T22:30:00Z": 0,
		"2026-11-30T22:57:00Z": 0,
		"2026-11-30T22:59:50Z": 15 * time.Second,
		"2026-11-30T23:00:00Z": 0,
		"2026-07-01T21:58:00Z": 125 * time.Second,
	} {
		now, err := time.Parse(time.RFC3339, clock)
		if err != nil {
			t.Fatal(err)
		}
		if got := journey.UntilOneDay(now, 3*time.Minute); got != want {
			t.Errorf("at %s a journey waits for %s, want %s", clock, got, want)
		}
	}
}

func TestWhoForgetsAParcelAtThePickUpPointIsRemindedOnce(t *testing.T) {
	w := open(t, "linden")
	w.now = time.Date(2026, 10, 20, 15, 0, 0, 0, time.UTC)
	hooks := journey.Pickup("1001", w.now)
	for _, hook := range hooks[:len(hooks)-1] {
		w.hear(hook)
	}
	for range 4 * 24 {
		w.wait(time.Hour)
	}
	w.hear(journey.Pickup("1001", w.now)[len(hooks)-1])
	if got, want := w.mails("1001"), []string{"OrderReceived", "Shipped", "AvailableForPickup", "PickupExpiring", "PickupExpired"}; !slices.Equal(got, want) {
		t.Errorf("the mails are %v, want %v", got, want)
	}
}

func named(hooks []journey.Webhook) (occasions []string) {
	for _, hook := range hooks {
		if hook.Mails != "" {
			occasions = append(occasions, hook.Mails)
		}
	}
	return occasions
}

// world is one Shop's notifier on a clock that the test moves.
type world struct {
	t        *testing.T
	now      time.Time
	zone     *time.Location
	document *bundle.Document
	store    *store.Store
	notifier *notifier.Notifier
}

func open(t *testing.T, merchant string) *world {
	t.Helper()
	w := &world{t: t}
	country, zone, policy, promise := "NL", "Europe/Amsterdam", bundle.BuiltinPolicy(), bundle.Promise{}
	policy.QuietHours, policy.Watch.LateNoticeTime = &bundle.QuietHours{Start: "03:00", End: "03:01"}, "00:00"
	if merchant == "fjallro" {
		country, zone = "SE", "Europe/Stockholm"
		policy.Watch.LateNoticeTime = "20:00" // as manifests/ has it: only linden is late at once
		promise = bundle.Promise{HandlingBusinessDays: 1, CutOff: "15:00", Transit: []bundle.Transit{
			{Name: "home", Countries: []string{"SE"}, MinBusinessDays: 1, MaxBusinessDays: 3},
			{Name: "abroad", MinBusinessDays: 4, MaxBusinessDays: 8},
		}}
		policy.Rules = append(policy.Rules, bundle.Rule{Occasion: string(tracking.LabelCreated), Level: bundle.Routine, Channels: []string{"Email"}})
	}
	w.document = &bundle.Document{
		SchemaVersion: bundle.SchemaVersion, Namespace: "demo", Name: "demo", DisplayName: "Demo",
		Hostname: "track.demo.example", BaseURL: "https://track.demo.example", HomeCountry: country,
		Locales: []string{"en"}, TimeZone: zone, Activity: bundle.Live,
		Sources: []bundle.Source{
			{Name: journey.APISource, Kind: bundle.Orders, EndpointID: "a", Definition: "api", Intake: "Webhook"},
			{Name: journey.FjallroShopSource, Kind: bundle.Orders, EndpointID: "b", Definition: "shopify", Intake: "Webhook"},
			{Name: journey.FjallroCarrierSource, Kind: bundle.Carrier, EndpointID: "c", Definition: "easypost", Intake: "Webhook", Carriers: []bundle.CarrierRules{
				{Name: "postnord", MaxDeliveryAttempts: 2, PickupHoldDays: 14},
			}},
		},
		Policy: policy, Promise: promise, Links: bundle.Links{TTLDays: 365},
	}
	renderer, err := message.NewRenderer(w.document)
	if err != nil {
		t.Fatal(err)
	}
	w.zone = renderer.ShopZone()
	if w.store, err = store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), store.FileName)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	keys, clock := t.TempDir(), func() time.Time { return w.now }
	key := filepath.Join(keys, bundle.LinkKeys, "1")
	if err := errors.Join(os.MkdirAll(key, 0o700), os.WriteFile(filepath.Join(key, bundle.KeyFile), bytes.Repeat([]byte("k"), 32), 0o600)); err != nil {
		t.Fatal(err)
	}
	w.notifier, err = notifier.New(notifier.Config{
		Document: w.document, BundleHash: "0123456789", Store: w.store, Secrets: workload.NewSecrets(keys, t.TempDir(), clock),
		Renderer: renderer, Sender: postman{}, Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// postman takes every mail.
type postman struct{}

func (postman) Configured() bool                         { return true }
func (postman) Greet(context.Context) error              { return nil }
func (postman) Send(context.Context, channel.Mail) error { return nil }

// hear works off one webhook that the page has verified and stored.
func (w *world) hear(hook journey.Webhook) {
	w.t.Helper()
	header := map[string]string{}
	for name := range hook.Header {
		header[name] = hook.Header.Get(name)
	}
	_, err := w.store.AppendReceipt(w.t.Context(), store.Receipt{Source: hook.Source, DedupeKey: string(hook.Body), Header: header, Body: hook.Body, ReceivedAt: w.now})
	if err := errors.Join(err, w.notifier.ReceiveAll(w.t.Context()), w.notifier.LookAll(w.t.Context()), w.notifier.SendAll(w.t.Context())); err != nil {
		w.t.Fatal(err)
	}
}

// wait lets time pass, in which nothing is heard.
func (w *world) wait(d time.Duration) {
	w.t.Helper()
	w.now = w.now.Add(d)
	if err := errors.Join(w.notifier.LookAll(w.t.Context()), w.notifier.SendAll(w.t.Context())); err != nil {
		w.t.Fatal(err)
	}
}

// lateIn says that the page will call the parcel late so much later.
func (w *world) lateIn(number string, after time.Duration) bool {
	w.t.Helper()
	orders, err := w.store.OrdersByNumber(w.t.Context(), number)
	if err != nil || len(orders) != 1 {
		w.t.Fatalf("%d orders of number %s (%v)", len(orders), number, err)
	}
	setting := tracking.Setting{Promise: w.document.Promise, Watch: w.document.Policy.Watch, Zone: w.zone, HomeCountry: w.document.HomeCountry}
	return tracking.Project(orders[0], setting, w.now.Add(after)).Late
}

func (w *world) mails(number string) (sent []string) {
	w.t.Helper()
	orders, err := w.store.OrdersByNumber(w.t.Context(), number)
	if err != nil || len(orders) != 1 {
		w.t.Fatalf("%d orders of number %s (%v)", len(orders), number, err)
	}
	err = w.store.View(w.t.Context(), func(tx *store.Tx) error {
		messages, err := tx.Messages(w.t.Context(), orders[0].ID)
		for _, m := range messages {
			if m.State == store.MessageSent {
				sent = append(sent, string(m.Occasion))
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return sent
}
