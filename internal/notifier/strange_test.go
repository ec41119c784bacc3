package notifier_test

import (
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// fragile cannot render one order.
type fragile struct{ notifier.Renderer }

func (f fragile) Mail(o tracking.Occasion, order tracking.Order, j tracking.Journey, l message.Links, now time.Time) (message.Mail, error) {
	if order.Number == "1001" {
		panic("a strange order of noor@example.org")
	}
	return f.Renderer.Mail(o, order, j, l, now)
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
		claims, err := s.store.ClaimReceipts(t.Context(), s.now(), time.Second, 20)
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
