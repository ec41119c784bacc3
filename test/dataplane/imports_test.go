package dataplane_test

import (
	"flag"
	"path/filepath"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/store"
)

var imported = flag.Int("orders", 300, "how many old orders an import brings")

const (
	// importSpan is how long an import takes by the Shop's clock: longer than what keeps an order dormant.
	importSpan = 3 * time.Hour
	// importBatch is how many journeys come between two rounds of the notifier.
	importBatch = 50
	// lateWords: of one journey in so many the carriers' words come when all shops have said theirs.
	lateWords = 10
)

// TestOldOrders imports old orders, some of them open, and plays what must tell no shopper of the past: the import, days that pass, a
// change of policy, a resume and an upgrade. After each live news are told, once.
func TestOldOrders(t *testing.T) {
	s := newOldShop(t)
	for _, step := range []struct {
		name string
		play func()
	}{
		{"an import", s.importOrders},
		{"ten days", s.tenSilentDays},
		{"live news", func() { s.live("OutForDelivery") }},
		{"another policy", s.changePolicy},
		{"a pause", s.pause},
		{"an upgrade", s.upgrade},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			s.t, s.dataPlane.t = t, t
			probe := s.probing()
			began := time.Now()
			step.play()
			t.Logf("%s: %.1f s; another process waited for the database: %s; %d mails in all; database %d MB, peak memory of the test %s",
				step.name, time.Since(began).Seconds(), probe.end(), s.mails.count(), s.size()>>20, peakMemory())
		}) {
			return
		}
	}
}

// importOrders imports the orders. What carriers say of some of them comes hours later than what shops say.
func (s *oldShop) importOrders() {
	journeys, orders, open, receipts := 0, 0, 0, s.sent
	began := time.Now()
	for o := range oldOrders(*imported, monday) {
		journeys, orders = journeys+1, orders+len(o.Truth.Orders)
		s.each(o.shop)
		if journeys%lateWords == 0 && o.dated() {
			s.late = append(s.late, old{others: o.others})
		} else {
			s.each(o.others)
			if found, ok := o.sampled(monday); ok {
				s.samples = append(s.samples, found)
			}
		}
		if o.open {
			open += len(o.Truth.Orders)
		}
		if journeys%importBatch == 0 {
			s.set(s.now().Add(importSpan * importBatch / time.Duration(*imported)))
			s.settle()
		}
		if journeys%5000 == 0 {
			s.t.Logf("%d orders in %d receipts, %.0f s", orders, s.sent-receipts, time.Since(began).Seconds())
		}
	}
	s.settle()
	s.set(monday.Add(importSpan))
	for _, o := range s.late {
		s.each(o.others)
	}
	s.late = nil
	s.settle()
	counts, err := s.store.Counts(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	took := time.Since(began)
	s.t.Logf("%d orders, %d of them open, in %d receipts, %.2f ms an order; %d put aside", orders, open, s.sent-receipts,
		float64(took.Microseconds())/1000/float64(orders), counts.Inbox.Quarantined)
	if counts.Inbox.Waiting > 0 || len(s.samples) == 0 {
		s.t.Fatalf("%d receipts wait, %d orders to try live news with", counts.Inbox.Waiting, len(s.samples))
	}
	s.toldNothing()
}

// toldNothing fails where anything was told, or waits to be.
func (s *oldShop) toldNothing() {
	s.t.Helper()
	if n := s.number(`SELECT count(*) FROM messages`); n > 0 || s.mails.count() > 0 {
		s.t.Errorf("%d messages about the past, %d mails: %v", n, s.mails.count(), s.occasions(0))
	}
}

// toldOnlySince fails where a message after that id is about something that was true by then.
func (s *oldShop) toldOnlySince(id int, at time.Time) {
	s.t.Helper()
	if n := s.number(`SELECT count(*) FROM messages WHERE id > ? AND occurred_at <= ?`, id, at.UnixMilli()); n > 0 {
		s.t.Errorf("%d messages about what was true by %s: %v", n, at, s.occasions(id))
	}
	s.t.Logf("%d messages about what came true later: %v", s.number(`SELECT count(*) FROM messages WHERE id > ?`, id), s.occasions(id))
}

// tenSilentDays lets ten days pass without a webhook: how the orders ended is not known, and no message is sent.
func (s *oldShop) tenSilentDays() {
	s.hours(10 * 24)
	s.toldNothing()
	s.rested, s.before = s.now(), filepath.Join(s.dir, "before.db")
	writeBefore(s.t, s.database, s.before)
}

// live has the carrier speak of each sample, and expects one mail about each and no other.
func (s *oldShop) live(status string) {
	s.t.Helper()
	last, mails := s.number(`SELECT COALESCE(max(id), 0) FROM messages`), s.mails.count()
	before := map[string]int{}
	for _, o := range s.samples {
		before[o.email] = s.mails.to(o.email)
	}
	s.say(status)
	s.settle()
	missing := 0
	for _, o := range s.samples {
		if s.mails.to(o.email) != before[o.email]+1 {
			missing++
		}
	}
	if sent := s.mails.count() - mails; sent != len(s.samples) || missing > 0 {
		s.t.Errorf("%d mails about %d orders of which %s was heard, %d of them not once: %v", sent, len(s.samples), status, missing, s.occasions(last))
	}
	s.t.Logf("%d orders told of %s", len(s.samples), status)
}

// changePolicy has every order watched more closely, under which much was true long ago.
func (s *oldShop) changePolicy() {
	doc := *s.doc
	doc.Policy.Watch.NoScanHours, doc.Policy.Watch.NoFirstScanHours, doc.Policy.Watch.SilentOrderHours = 6, 6, 6
	s.takeUp(&doc)
	last, since := s.number(`SELECT COALESCE(max(id), 0) FROM messages`), s.now()
	s.hours(48)
	s.toldOnlySince(last, since)
	s.live("DeliveryAttemptFailed")
}

// pause suspends the shop, lets things happen, and resumes it.
func (s *oldShop) pause() {
	doc := *s.doc
	doc.Activity = bundle.Suspended
	s.takeUp(&doc)
	s.hours(1)
	mails := s.mails.count()
	s.say("OutForDelivery")
	s.hours(20)
	if n := s.mails.count() - mails; n > 0 {
		s.t.Errorf("%d mails from a shop that is suspended", n)
	}
	doc.Activity = bundle.Live
	s.takeUp(&doc)
	s.hours(1)
	s.live("AvailableForPickup")
}

// takeUp starts the processes with another bundle, and waits until all orders are of it. No message is sent because of it.
func (s *oldShop) takeUp(doc *bundle.Document) {
	s.t.Helper()
	last, mails := s.number(`SELECT COALESCE(max(id), 0) FROM messages`), s.mails.count()
	copied := *doc
	s.doc, s.senders = &copied, nil
	s.hooks, s.worker = s.receiver(), s.notifier(s.relay)
	began := time.Now()
	s.run()
	orders := s.number(`SELECT count(*) FROM order_state WHERE merged_into = ''`)
	s.t.Logf("%d orders taken up in %.1f s, %.2f ms an order", orders, time.Since(began).Seconds(), time.Since(began).Seconds()*1000/float64(orders))
	if n := s.number(`SELECT count(*) FROM messages WHERE id > ?`, last); n > 0 || s.mails.count() > mails {
		s.t.Errorf("%d messages, %d mails by a start alone: %v", n, s.mails.count()-mails, s.occasions(last))
	}
	if n := s.number(`SELECT count(*) FROM order_state WHERE merged_into = '' AND bundle_hash <> ?`, hash(s.doc)); n > 0 {
		s.t.Errorf("%d orders were left as they were", n)
	}
}

// upgrade has the previous version write the same orders, and starts with its database.
func (s *oldShop) upgrade() {
	next := newOldShop(s.t)
	if err := next.store.Close(); err != nil {
		s.t.Fatal(err)
	}
	next.database = s.before
	next.set(s.rested)
	next.samples = s.samples
	began := time.Now()
	var err error
	if next.store, err = store.Open(s.t.Context(), store.Options{Path: next.database}); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = next.store.Close() })
	s.t.Logf("opened in %.1f s", time.Since(began).Seconds())
	probe := next.probing()
	next.takeUp(next.doc)
	s.t.Logf("another process waited for the database: %s", probe.end())
	next.toldNothing()
	since := next.now()
	next.hours(24)
	next.toldOnlySince(0, since)
	next.live("DeliveryAttemptFailed")
}
