package notifier_test

import (
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/notifier"
)

// told counts what has gone to shoppers, and what waits to.
func (s *shop) told() int {
	s.t.Helper()
	counts, err := s.store.Counts(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return counts.Messages.Waiting + len(s.relay.mails())
}

// An import takes hours or days, and of one order the shop's words and the carrier's may come far apart.
func TestAHistoryThatIsToldLateWakesNoImportedOrder(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	placed := s.now().AddDate(0, 0, -4)
	s.postOrder("1001", func(order map[string]any) {
		order["placedAt"], order["updatedAt"] = placed.Format(time.RFC3339), placed.Format(time.RFC3339)
		order["promise"] = map[string]any{"date": s.now().AddDate(0, 0, 1).Format(time.DateOnly)}
	})
	s.work(n)
	s.pass(n, 5*time.Hour)
	s.post("api", event(t, "1001", "InTransit", placed.AddDate(0, 0, 2)))
	s.work(n)
	s.pass(n, 10*24*time.Hour)
	if told := s.told(); told != 0 {
		t.Fatalf("%d messages about what was imported: %v", told, s.messages("1001"))
	}
	s.post("api", event(t, "1001", "InTransit", s.now()))
	s.work(n)
	s.pass(n, 10*24*time.Hour)
	if told := s.told(); told == 0 {
		t.Error("an imported order is not watched although something has happened to it")
	}
}

// What was true under the old configuration is no news under the new one, and what comes true later is.
func TestAChangeOfPolicyTellsNothingOfThePast(t *testing.T) {
	s := newShop(t)
	watched := s.doc.Policy.Watch
	s.doc.Policy.Watch = bundle.Watch{}
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.post("api", event(t, "1001", "InTransit", s.now()))
	s.work(n)
	s.pass(n, 6*24*time.Hour)
	before := s.told()
	s.doc.Policy.Watch = watched
	n = s.notifier(s.store, func(c *notifier.Config) { c.BundleHash = "another" })
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.work(n)
	s.pass(n, time.Hour)
	if told := s.told() - before; told != 0 {
		t.Errorf("%d messages about the past: %v", told, s.messages("1001"))
	}
	s.post("api", event(t, "1001", "InTransit", s.now()))
	s.work(n)
	s.pass(n, 14*24*time.Hour)
	if told := s.told() - before; told == 0 {
		t.Errorf("what became true later is not told: %v", s.messages("1001"))
	}
}

func TestAResumeTellsNothingOfThePause(t *testing.T) {
	s := newShop(t)
	s.doc.Activity = bundle.Suspended
	n := s.notifier(s.store)
	s.postOrder("1001")
	for _, status := range []string{"InTransit", "OutForDelivery", "DeliveryAttemptFailed"} {
		s.pass(n, 5*time.Hour)
		s.post("api", event(t, "1001", status, s.now()))
		s.work(n)
	}
	s.doc.Activity = bundle.Live
	n = s.notifier(s.store, func(c *notifier.Config) { c.BundleHash = "live" })
	if err := n.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.work(n)
	if told := s.told(); told != 0 {
		t.Errorf("%d messages about the pause: %v", told, s.messages("1001"))
	}
	s.wait(time.Hour)
	s.post("api", event(t, "1001", "AvailableForPickup", s.now()))
	s.work(n)
	want(t, "what follows", s.messages("1001"), []string{"AvailableForPickup Sent"})
}

func TestACorrectedAddressIsToldWhatIsStillNews(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.work(n)
	s.wait(time.Hour)
	s.post("api", event(t, "1001", "OutForDelivery", s.now()))
	s.work(n)
	s.wait(time.Hour)
	s.postOrder("1001", func(order map[string]any) {
		order["placedAt"] = start.Format(time.RFC3339)
		order["customer"] = map[string]any{"name": "Noor Jansen", "email": "noor.right@example.org"}
	})
	s.work(n)
	last := s.relay.mails()[len(s.relay.mails())-1]
	if last.to != "noor.right@example.org" {
		t.Errorf("the last of %d mails went to %s: %v", len(s.relay.mails()), last.to, s.messages("1001"))
	}
}

func TestNewsWaitsForAnAddress(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.postOrder("1001", func(order map[string]any) { delete(order, "customer") })
	s.work(n)
	want(t, "without an address", s.messages("1001"), nil)
	s.wait(time.Hour)
	s.postOrder("1001", func(order map[string]any) { order["placedAt"] = start.Format(time.RFC3339) })
	s.work(n)
	want(t, "with one", s.messages("1001"), []string{"OrderReceived Sent"})
}
