package notifier_test

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/wismo-dev/wismo/internal/bundle"
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
