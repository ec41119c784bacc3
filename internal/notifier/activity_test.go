package notifier_test

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/tracking"
)

// scan posts what the carrier saw, and works it off.
func (s *shop) scan(order, status string) {
	s.t.Helper()
	s.wait(time.Hour)
	s.post("api", event(s.t, order, status, s.now()))
	s.work(s.notifier(s.store)) // a change of the activity starts the notifier anew
}

func TestASuspendedShopKeepsEveryReceiptSendsNothingAndComesBackWithoutAFlood(t *testing.T) {
	s := newShop(t)
	s.relay.refuse(451, smtp.EnhancedCode{4, 7, 1}) // a mail that was held back before the suspension, too
	s.postOrder("1001")
	s.work(s.notifier(s.store))
	want(t, "before", s.messages("1001"), []string{"OrderReceived Waiting"})

	s.doc.Activity = bundle.Suspended
	s.scan("1001", "InTransit")
	s.postOrder("1002")
	s.scan("1002", "InTransit")
	if mails := s.relay.mails(); len(mails) != 0 {
		t.Fatalf("a suspended shop sent %d mails", len(mails))
	}
	want(t, "why", s.rules("1002", "OrderReceived"), []string{"Queue suspended"})

	s.doc.Activity = bundle.Live
	s.work(s.notifier(s.store))
	s.wait(2 * time.Hour)
	s.work(s.notifier(s.store))
	if mails := s.relay.mails(); len(mails) != 0 {
		t.Fatalf("what was held back came out: %d mails, the first is %q", len(mails), mails[0].header.Get("Subject"))
	}
	// What happened meanwhile is known, and what happens next is told, once.
	for _, order := range []string{"1001", "1002"} {
		s.scan(order, "OutForDelivery")
		s.scan(order, "OutForDelivery")
	}
	if mails := s.relay.mails(); len(mails) != 2 {
		t.Errorf("%d mails after the shop went live again, want one for each order", len(mails))
	}
	want(t, "the order that came in meanwhile", s.messages("1002"), []string{"OutForDelivery Sent"})
}

func TestWhatARehearsalToldTheMerchantIsNotToldAgainToTheShopper(t *testing.T) {
	s := newShop(t)
	s.doc.Activity, s.doc.RehearsalTo = bundle.Rehearsal, "inbox@linden.example"
	s.postOrder("1001")
	s.scan("1001", "InTransit")
	s.doc.Activity = bundle.Live
	s.work(s.notifier(s.store))
	s.scan("1001", "OutForDelivery")
	var to []string
	for _, m := range s.relay.mails() {
		to = append(to, m.to)
		if rehearsed := strings.HasPrefix(m.header.Get("Subject"), "[Rehearsal] "); rehearsed != (m.to == "inbox@linden.example") {
			t.Errorf("%q went to %s", m.header.Get("Subject"), m.to)
		}
	}
	want(t, "recipients", to, []string{"inbox@linden.example", "noor@example.org"})
}

// reads has the notifier read its activity from the file.
func reads(file *bundle.ActivityDocument) func(*notifier.Config) {
	return func(c *notifier.Config) { c.Activity = func() bundle.ActivityDocument { return *file } }
}

func reported(t *testing.T, n *notifier.Notifier) bundle.Activity {
	t.Helper()
	r, err := n.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r.Activity
}

// changing renders mails, while something else changes.
type changing struct {
	notifier.Renderer
	change func()
}

func (c changing) Mail(n tracking.News, o tracking.Order, j tracking.Journey, to tracking.Recipient, links message.Links, now time.Time) (message.Mail, error) {
	c.change()
	return c.Renderer.Mail(n, o, j, to, links, now)
}

// The kill switch: the file beside the bundle changes while the notifier runs.
func TestMessagesStopAndGoOnWithTheActivityFileAndWithoutARestart(t *testing.T) {
	s := newShop(t)
	file := &bundle.ActivityDocument{Activity: bundle.Live}
	n := s.notifier(s.store, reads(file))
	say := func(order, status string) {
		t.Helper()
		s.wait(time.Hour)
		s.post("api", event(t, order, status, s.now()))
		s.work(n)
	}
	s.postOrder("1001")
	say("1001", "InTransit")
	told := len(s.relay.mails())
	if told == 0 || reported(t, n) != bundle.Live {
		t.Fatalf("live: %d mails, reported %s", told, reported(t, n))
	}

	file.Activity = bundle.Suspended
	say("1001", "OutForDelivery")
	s.postOrder("1002")
	say("1002", "InTransit")
	if sent := len(s.relay.mails()); sent != told || reported(t, n) != bundle.Suspended {
		t.Fatalf("suspended: %d more mails, reported %s", sent-told, reported(t, n))
	}

	s.wait(time.Minute)
	s.post("api", event(t, "1001", "Delivered", s.now())) // arrived before the resume, processed after it
	s.wait(time.Minute)
	file.Activity, file.MuteUntil = bundle.Live, s.now()
	s.work(n)
	s.wait(2 * time.Hour)
	s.work(n)
	if sent := len(s.relay.mails()); sent != told {
		t.Fatalf("resumed: %d mails about what was true by then", sent-told)
	}
	say("1002", "OutForDelivery")
	if sent := len(s.relay.mails()); sent != told+1 {
		t.Errorf("resumed: %d mails about what happens next, want 1", sent-told)
	}
}

func TestAMessageThatWaitedWhenMessagesWereStoppedIsNotSentOnceTheyGoOn(t *testing.T) {
	s := newShop(t)
	file := &bundle.ActivityDocument{Activity: bundle.Live}
	n := s.notifier(s.store, reads(file))
	s.relay.refuse(451, smtp.EnhancedCode{4, 7, 1}) // it is tried again later
	s.postOrder("1001")
	s.work(n)
	want(t, "before", s.messages("1001"), []string{"OrderReceived Waiting"})
	s.wait(time.Second)
	file.MuteUntil = s.now() // stopped and resumed before the message was due again
	s.wait(time.Hour)
	s.work(n)
	want(t, "after", s.messages("1001"), []string{"OrderReceived Suppressed"})
}

// A person stops the messages in the moment between the verdict and the relay.
func TestAMailIsNotHandedOverUnderAnActivityThatNoLongerCounts(t *testing.T) {
	for _, to := range []bundle.Activity{bundle.Suspended, bundle.Rehearsal} {
		s := newShop(t)
		file := &bundle.ActivityDocument{Activity: bundle.Live, RehearsalTo: "inbox@linden.example"}
		n := s.notifier(s.store, reads(file), func(c *notifier.Config) {
			c.Renderer = changing{c.Renderer, func() { file.Activity = to }}
		})
		s.postOrder("1001")
		s.work(n)
		for _, m := range s.relay.mails() {
			if m.to != "inbox@linden.example" || to != bundle.Rehearsal {
				t.Errorf("%s: a mail went to %s", to, m.to)
			}
		}
	}
}
