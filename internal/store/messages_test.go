package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/locale"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

func claimMessages(t *testing.T, s *store.Store, now time.Time, want int) []store.Message {
	t.Helper()
	all, err := s.ClaimMessages(t.Context(), "Email", now, time.Minute, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != want {
		t.Fatalf("%d messages, want %d", len(all), want)
	}
	return all
}

func queue(t *testing.T, s *store.Store, m store.Message, want bool) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		fresh, err := tx.QueueMessage(t.Context(), m)
		if fresh != want {
			t.Errorf("%s of %s, %q: fresh %t", m.Occasion, m.Subject, m.Instance, fresh)
		}
		return err
	})
}

func TestAMessageIsQueuedOncePerSubjectInstanceRecipientAndChannel(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	attempt := store.Message{
		OrderID: "o1", Occasion: "DeliveryAttemptFailed", Subject: tracking.Subject{Kind: tracking.SubjectParcel, Ref: "3S1"},
		Instance: "2026-11-16", Recipient: store.RecipientHash("noor@example.org"), Channel: "Email", NotBefore: noon,
	}
	queue(t, s, attempt, true)
	queue(t, s, attempt, false)
	for _, other := range []func(*store.Message){
		func(m *store.Message) { m.Instance = "2026-11-17" },
		func(m *store.Message) { m.Subject.Ref = "3S2" },
		func(m *store.Message) { m.Subject = tracking.Subject{} },
		func(m *store.Message) {
			m.Recipient, m.Role = store.RecipientHash("gift@example.org"), tracking.RoleGift
		},
		func(m *store.Message) { m.Channel = "SMS" },
		func(m *store.Message) { m.Occasion = "LastAttempt" },
	} {
		m := attempt
		other(&m)
		queue(t, s, m, true)
		queue(t, s, m, false)
	}
}

func TestAMessageIsReadAsItWasQueued(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	want := store.Message{
		OrderID: "o1", Occasion: "EtaMoved", Subject: tracking.Subject{Kind: tracking.SubjectShipment, Ref: "shop/f:1"}, Instance: "2026-11-17",
		Role: tracking.RoleCopied, Recipient: store.RecipientHash("office@example.org"), Channel: "Email", Level: "Important",
		DayTold: locale.Day{Year: 2026, Month: 11, Day: 17}, At: noon, Heard: noon.Add(time.Minute), NotBefore: noon.Add(time.Hour),
		State: store.MessageWaiting,
	}
	queue(t, s, want, true)
	update(t, s, func(tx *store.Tx) error {
		got, err := tx.Messages(t.Context(), "o1")
		if err != nil {
			return err
		}
		want.ID = got[0].ID
		if diff := cmp.Diff([]store.Message{want}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	})
}

func TestAMessageIsSentByOneWorker(t *testing.T) {
	for _, occasion := range []tracking.Occasion{"Shipped", "Stalled"} { // one that the previous version would send, too, and one that it would not
		s := fresh(t)
		put(t, s, "o1", orderSaid("shop", "77", "#1001"))
		queue(t, s, store.Message{OrderID: "o1", Occasion: occasion, Channel: "Email", NotBefore: noon}, true)
		claimMessages(t, s, noon.Add(-time.Second), 0)
		first := claimMessages(t, s, noon, 1)[0]
		claimMessages(t, s, noon, 0)
		update(t, s, func(tx *store.Tx) error { return tx.HoldMessage(t.Context(), first, noon.Add(2*time.Minute)) })
		claimMessages(t, s, noon.Add(time.Minute), 0)
		update(t, s, func(tx *store.Tx) error {
			return tx.DeferMessage(t.Context(), first, noon.Add(3*time.Minute), "the mail server is busy", false)
		})
		second := claimMessages(t, s, noon.Add(3*time.Minute), 1)[0]
		third := claimMessages(t, s, noon.Add(time.Hour), 1)[0] // the second worker died
		for name, do := range map[string]func(*store.Tx) error{
			"hold": func(tx *store.Tx) error { return tx.HoldMessage(t.Context(), second, noon.Add(time.Hour)) },
			"finish": func(tx *store.Tx) error {
				return tx.FinishMessage(t.Context(), second, store.MessageSent, noon, "")
			},
			"defer": func(tx *store.Tx) error { return tx.DeferMessage(t.Context(), second, noon, "", true) },
		} {
			if err := s.Update(t.Context(), do); !errors.Is(err, store.ErrLost) {
				t.Errorf("%s by the worker that lost its lease: %v", name, err)
			}
		}
		if third.Attempt != 3 || third.Tries != 0 {
			t.Errorf("claimed for the %d. time, %d tries", third.Attempt, third.Tries)
		}
		update(t, s, func(tx *store.Tx) error { return tx.DeferMessage(t.Context(), third, noon, "no such mailbox", true) })
		last := claimMessages(t, s, noon.Add(time.Hour), 1)[0]
		if last.Tries != 1 {
			t.Errorf("%d tries", last.Tries)
		}
		update(t, s, func(tx *store.Tx) error { return tx.FinishMessage(t.Context(), last, store.MessageSent, noon, "") })
		claimMessages(t, s, noon.AddDate(1, 0, 0), 0)
	}
}

func TestEachChannelHasAQueueOfItsOwn(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	queue(t, s, store.Message{OrderID: "o1", Occasion: "Shipped", Channel: "SMS", NotBefore: noon}, true)
	claimMessages(t, s, noon, 0)
	if got, err := s.ClaimMessages(t.Context(), "SMS", noon, time.Minute, 1); err != nil || len(got) != 1 {
		t.Errorf("%d by SMS, %v", len(got), err)
	}
}

func TestALeaseOfAWrongClockHoldsUpNoMessage(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	queue(t, s, store.Message{OrderID: "o1", Occasion: "Shipped", Channel: "Email", NotBefore: noon}, true)
	queue(t, s, store.Message{OrderID: "o1", Occasion: "Stalled", Channel: "Email", NotBefore: noon.AddDate(0, 0, 3)}, true) // on purpose
	claimMessages(t, s, noon.AddDate(0, 0, 1), 1)                                                                            // by a clock that is a day ahead
	if got := claimMessages(t, s, noon, 1)[0]; got.Occasion != "Shipped" {
		t.Errorf("claimed %s", got.Occasion)
	}
}

func TestWhatARecipientWasToldIsKnownOverAllOrders(t *testing.T) {
	s := fresh(t)
	noor, other := store.RecipientHash(" Noor@Example.org"), store.RecipientHash("other@example.org")
	if noor != store.RecipientHash("noor@example.org") || noor == other || store.RecipientHash(" ") != "" {
		t.Fatal("an address is not one recipient")
	}
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	put(t, s, "o2", orderSaid("shop", "78", "#1002"))
	for i, m := range []store.Message{
		{OrderID: "o1", Occasion: "OrderReceived", Recipient: noor}, // long ago
		{OrderID: "o2", Occasion: "Shipped", Recipient: noor},
		{OrderID: "o1", Occasion: "Shipped", Recipient: other},
		{OrderID: "o1", Occasion: "Stalled", Recipient: noor}, // waits
		{OrderID: "o1", Occasion: "Delayed", Recipient: noor}, // was suppressed
		{OrderID: "o1", Occasion: "Packed", Recipient: ""},
	} {
		m.Channel, m.NotBefore = "Email", noon
		if m.Occasion == "Stalled" {
			m.NotBefore = noon.AddDate(1, 0, 0)
		}
		queue(t, s, m, true)
		for _, c := range claimMessages(t, s, noon, map[bool]int{true: 0, false: 1}[m.Occasion == "Stalled"]) {
			state := map[bool]store.MessageState{true: store.MessageSuppressed, false: store.MessageSent}[m.Occasion == "Delayed"]
			update(t, s, func(tx *store.Tx) error {
				return tx.FinishMessage(t.Context(), c, state, noon.Add(time.Duration(i)*time.Hour), "")
			})
		}
	}
	update(t, s, func(tx *store.Tx) error {
		told, err := tx.ToldTo(t.Context(), noor, noon.Add(time.Minute))
		var got []string
		for _, m := range told {
			got = append(got, m.OrderID+" "+string(m.Occasion)+" "+string(m.State))
		}
		if diff := cmp.Diff([]string{"o2 Shipped Sent", "o1 Stalled Waiting"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		none, errNone := tx.ToldTo(t.Context(), "", time.Time{})
		if len(none) != 0 {
			t.Errorf("no recipient was told %d messages", len(none))
		}
		return errors.Join(err, errNone)
	})
}

func TestADecisionIsKeptWithItsSubjectAndRecipient(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	want := store.Decision{
		OrderID: "o1", Occasion: "EtaMoved", Subject: tracking.Subject{Kind: tracking.SubjectParcel, Ref: "3S1"}, Instance: "2026-11-17",
		Role: tracking.RoleGift, Asked: store.AtQueue, At: noon, Verdict: "Defer", Channel: "Email", NotBefore: noon.Add(time.Hour),
		Rule: "quiet", Words: "it is night where the recipient lives",
	}
	update(t, s, func(tx *store.Tx) error { return tx.RecordDecision(t.Context(), want) })
	update(t, s, func(tx *store.Tx) error {
		got, err := tx.Decisions(t.Context(), "o1")
		if diff := cmp.Diff([]store.Decision{want}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
}
