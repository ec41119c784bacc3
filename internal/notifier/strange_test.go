package notifier_test

import (
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// fragile cannot render one order.
type fragile struct{ notifier.Renderer }

func (f fragile) Mail(n tracking.News, order tracking.Order, j tracking.Journey, to tracking.Recipient, l message.Links, now time.Time) (message.Mail, error) {
	if order.Number == "1001" {
		panic("a strange order of noor@example.org")
	}
	return f.Renderer.Mail(n, order, j, to, l, now)
}

func TestAMessageThatCannotBeWrittenStopsNoOther(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store, func(c *notifier.Config) { c.Renderer = fragile{c.Renderer} })
	s.postOrder("1001")
	s.postOrder("1002")
	if err := n.ReceiveAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a failed drain is repeated with the next wake-up
		if err := n.SendAll(t.Context()); err != nil && strings.Contains(err.Error(), "noor") {
			t.Errorf("the error holds personal data: %v", err)
		}
	}
	want(t, "the others", s.messages("1002"), []string{"OrderReceived Sent"})
}

func TestEveryOutcomeThatIsCountedHasAName(t *testing.T) {
	s, registry := newShop(t), prometheus.NewRegistry()
	n := s.notifier(s.store, func(c *notifier.Config) { c.Renderer, c.Metrics = fragile{c.Renderer}, registry })
	s.postOrder("1001")
	if err := n.ReceiveAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.SendAll(t.Context()); err == nil {
		t.Error("the loop is not told")
	}
	expected := strings.NewReader(`
		# HELP wismo_messages_total Attempts to send a message, by occasion and outcome.
		# TYPE wismo_messages_total counter
		wismo_messages_total{occasion="OrderReceived",outcome="Error"} 1
		# HELP wismo_receipts_processed_total Received webhooks that the notifier has processed, by source and outcome. A webhook that is tried again counts again.
		# TYPE wismo_receipts_processed_total counter
		wismo_receipts_processed_total{outcome="Done",source="api"} 1
	`)
	if err := testutil.GatherAndCompare(registry, expected, "wismo_messages_total", "wismo_receipts_processed_total"); err != nil {
		t.Error(err)
	}
}

func TestNoMailboxOffersTheMerchantToUnsubscribeTheShopper(t *testing.T) {
	s := newShop(t)
	s.doc.Activity, s.doc.RehearsalTo = "Rehearsal", "inbox@linden.example"
	s.postOrder("1001")
	s.work(s.notifier(s.store))
	mails := s.relay.mails()
	if len(mails) != 1 || mails[0].header.Get("List-Unsubscribe") != "" || mails[0].header.Get("List-Unsubscribe-Post") != "" {
		t.Errorf("mails: %+v", mails)
	}
}

func TestAReceiptThatKillsTheNotifierIsPutAsideAndHoldsUpNoOther(t *testing.T) {
	s := newShop(t)
	s.postOrder("1001")
	for range 8 { // each claims it, and is killed
		claims, err := s.store.ClaimReceipts(t.Context(), s.now(), time.Second, 20, []string{"api"})
		if err != nil || len(claims) != 1 {
			t.Fatalf("%d claims, %v", len(claims), err)
		}
		s.wait(time.Minute)
	}
	s.postOrder("1002")
	n := s.notifier(s.store)
	s.work(n)
	want(t, "the other", s.messages("1002"), []string{"OrderReceived Sent"})
	report, err := n.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Inbox.Quarantined != 1 || report.Inbox.Waiting != 0 {
		t.Errorf("inbox: %+v", report.Inbox)
	}
}

// flooding takes the mail, after which the database does not take that it did.
type flooding struct {
	notifier.Sender
	exec func(statement string)
}

func (f flooding) Send(ctx context.Context, m channel.Mail) error {
	f.exec(`CREATE TRIGGER full BEFORE UPDATE ON messages WHEN NEW.state = 'Sent' BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	return f.Sender.Send(ctx, m)
}

// watched calls somebody for every line of the log.
type watched func()

func (w watched) Write(line []byte) (int, error) {
	w()
	return len(line), nil
}

// flood makes a notifier's sender a flooding one, and has each line of its log call somebody.
func (s *shop) flood(logged func(exec func(string))) func(*notifier.Config) {
	db, err := sql.Open("sqlite", "file:"+s.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = db.Close() })
	exec := func(statement string) {
		if _, err := db.ExecContext(s.t.Context(), statement); err != nil {
			s.t.Error(err)
		}
	}
	return func(c *notifier.Config) {
		c.Sender = flooding{Sender: c.Sender, exec: exec}
		c.Log = slog.New(slog.NewTextHandler(watched(func() { logged(exec) }), nil))
	}
}

func TestAMailThatIsOutIsRecordedAsSoonAsTheDatabaseTakesIt(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store, s.flood(func(exec func(string)) { exec(`DROP TRIGGER full`) }))
	s.postOrder("1001")
	s.work(n)
	want(t, "after the database recovered", s.messages("1001"), []string{"OrderReceived Sent"})
	s.wait(time.Hour)
	s.work(s.notifier(s.store))
	if got := len(s.relay.mails()); got != 1 {
		t.Errorf("%d mails, want 1", got)
	}
}

func TestAMailThatCannotBeRecordedIsGivenUpBeforeAnotherWorkerTakesIt(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store, s.flood(func(func(string)) { s.wait(35 * time.Second) }))
	s.postOrder("1001")
	if err := n.ReceiveAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.SendAll(t.Context()); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("the loop is not told: %v", err)
	}
	if spent := s.now().Sub(start); spent < 40*time.Second || spent > channel.MaxDelivery+15*time.Second {
		t.Errorf("gave up after %s", spent)
	}
}
