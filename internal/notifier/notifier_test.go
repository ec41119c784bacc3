package notifier_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/decision"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/store"
)

func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAnOrdinaryJourneyMakesFourMails(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.postOrder("#1001")
	s.work(n)
	for _, status := range []string{"LabelCreated", "HandedToCarrier", "InTransit", "InTransit", "OutForDelivery", "Delivered"} {
		s.wait(3 * time.Hour)
		s.post("api", event(t, "#1001", status, s.now()))
		s.work(n)
	}
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Sent", "Shipped Sent", "OutForDelivery Sent", "Delivered Sent"})
	if got := len(s.relay.mails()); got != 4 {
		t.Errorf("the mail server took %d mails, want 4", got)
	}
}

func TestAMailCarriesWhatMailboxProvidersAskFor(t *testing.T) {
	s := newShop(t)
	s.postOrder("1001")
	s.work(s.notifier(s.store))
	mails := s.relay.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails, want 1", len(mails))
	}
	m := mails[0]
	if m.to != "noor@example.org" {
		t.Errorf("went to %s", m.to)
	}
	for name, wanted := range map[string]string{
		"From": `"Linden Living" <linden@mail.example>`, "Reply-To": "<help@linden.example>", "Auto-Submitted": "auto-generated",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "X-Mailer": "", "User-Agent": "",
	} {
		if got := m.header.Get(name); got != wanted {
			t.Errorf("%s: %q, want %q", name, got, wanted)
		}
	}
	if got := m.header.Get("List-Unsubscribe"); !strings.HasPrefix(got, "<https://track.linden.example/u/") {
		t.Errorf("List-Unsubscribe: %q", got)
	}
	if got := m.header.Get("Message-Id"); !strings.HasSuffix(got, "@mail.example>") {
		t.Errorf("Message-ID: %q", got)
	}
	if got := m.header.Get("Content-Type"); !strings.HasPrefix(got, "multipart/alternative") {
		t.Errorf("Content-Type: %q", got)
	}
	if !strings.Contains(m.body, "text/plain") || !strings.Contains(m.body, "text/html") {
		t.Error("the mail lacks one of its two forms")
	}
}

func TestTheSameReceiptTenTimesIsOneEventAndOneMail(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.work(n)
	payload := event(t, "1001", "OutForDelivery", s.now())
	for range 10 {
		s.postAs("api", "the-same", payload)
		s.work(n)
	}
	for range 5 { // the sender's id is new, the event is not
		s.post("api", payload)
		s.work(n)
	}
	if got := len(s.parcels("1001")[0].Scans); got != 1 {
		t.Errorf("%d events, want 1", got)
	}
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Sent", "OutForDelivery Sent"})
}

func TestASecondOutForDeliveryScanSendsNoSecondMail(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.work(n)
	for range 3 {
		s.wait(time.Hour)
		s.post("api", event(t, "1001", "OutForDelivery", s.now()))
		s.work(n)
	}
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Sent", "OutForDelivery Sent"})
}

func TestACrashBetweenSendingAndRecordingRepeatsTheSameMessageID(t *testing.T) {
	s := newShop(t)
	s.relay.dropNext = true
	s.postOrder("1001")
	s.work(s.notifier(s.store))
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Waiting"})
	s.wait(time.Minute)
	s.work(s.notifier(s.store))
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Sent"})
	mails := s.relay.mails()
	if len(mails) != 2 || mails[0].header.Get("Message-Id") != mails[1].header.Get("Message-Id") {
		t.Errorf("the second copy of %d cannot be recognised", len(mails))
	}
}

func TestAWorkerThatDiesWhileSendingIsReplacedWhenItsLeaseEnds(t *testing.T) {
	s := newShop(t)
	s.postOrder("1001")
	n := s.notifier(s.store)
	if err := n.ReceiveAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.ClaimMessages(t.Context(), decision.Email, s.now(), 2*time.Minute, 1); err != nil { // and dies
		t.Fatal(err)
	}
	s.work(n)
	want(t, "while the lease lasts", s.messages("1001"), []string{"OrderReceived Sending"})
	s.wait(3 * time.Minute)
	s.work(n)
	want(t, "after the lease", s.messages("1001"), []string{"OrderReceived Sent"})
}

func TestABusyRelayIsAskedAgain(t *testing.T) {
	s := newShop(t)
	s.relay.refuse(451, smtp.EnhancedCode{4, 7, 1})
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.work(n)
	want(t, "after 451", s.messages("1001"), []string{"OrderReceived Waiting"})
	s.work(n)
	want(t, "before the wait is over", s.messages("1001"), []string{"OrderReceived Waiting"})
	s.wait(notifier.DefaultBackoff.First)
	s.work(n)
	want(t, "after the wait", s.messages("1001"), []string{"OrderReceived Sent"})
	if got := len(s.relay.mails()); got != 1 {
		t.Errorf("%d mails, want 1", got)
	}
}

func TestARefusedRecipientFailsForGoodAndIsReportedWithoutTheAddress(t *testing.T) {
	s := newShop(t)
	s.relay.refuse(550, smtp.EnhancedCode{5, 1, 1})
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.work(n)
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Failed"})
	report, err := n.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Messages.Failed != 1 || report.Messages.Waiting != 0 {
		t.Errorf("report: %+v", report.Messages)
	}
	s.view("1001", func(tx *store.Tx, id string) error {
		messages, err := tx.Messages(t.Context(), id)
		if problem := messages[0].Problem; !strings.Contains(problem, "550 5.1.1") || strings.Contains(problem, "noor") {
			t.Errorf("problem: %q", problem)
		}
		return err
	})
}

func TestARelayThatIsDownKeepsMessagesUntilTheyAreTooOld(t *testing.T) {
	s := newShop(t)
	s.doc.Email.Port = 1 // nobody listens
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.work(n)
	report, err := n.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Sender != bundle.SenderUnreachable || report.Messages.Waiting != 1 {
		t.Errorf("report: sender %s, %+v", report.Sender, report.Messages)
	}
	s.wait(73 * time.Hour)
	s.work(n)
	want(t, "three days later", s.messages("1001"), []string{"OrderReceived Failed", "SilentOrder Waiting"})
}

func TestGarbageIsQuarantinedAndVisibleInTheReport(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.post("api", `{"type": "order.upserted", "data": "noor@example.org"}`)
	s.post("api", `not json, noor@example.org`)
	s.postOrder("1001")
	s.work(n)
	report, err := n.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Inbox.Quarantined != 2 || report.Inbox.Waiting != 0 {
		t.Errorf("inbox: %+v", report.Inbox)
	}
	if report.Sources[0].Name != "api" || report.Sources[0].Quarantined != 2 || report.Sources[0].LastReceived == nil {
		t.Errorf("source: %+v", report.Sources[0])
	}
	if got := encode(t, report); strings.Contains(got, "noor") {
		t.Errorf("the report holds personal data: %s", got)
	}
	want(t, "what came after", s.messages("1001"), []string{"OrderReceived Sent"})
}

func TestTwoNotifiersAtOnceSendNothingTwice(t *testing.T) {
	s := newShop(t)
	other := s.open()
	for i := range 20 {
		number := string(rune('A'+i)) + "100"
		s.postOrder(number)
		s.post("api", event(t, number, "OutForDelivery", s.now()))
	}
	ctx, stop := context.WithCancel(t.Context())
	var group errgroup.Group
	for _, db := range []*store.Store{s.store, other} {
		n := s.notifier(db)
		group.Go(func() error { return n.Run(ctx) })
	}
	s.awaitIdle()
	stop()
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, m := range s.relay.mails() {
		seen[m.header.Get("Message-Id")]++
	}
	for id, n := range seen {
		if n > 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
	if len(seen) < 20 || len(seen) > 40 {
		t.Errorf("%d different mails for 20 orders", len(seen))
	}
}

func TestACarrierMaySpeakBeforeTheShop(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.post("api", event(t, "1001", "InTransit", s.now()))
	s.work(n)
	s.wait(time.Minute)
	s.postOrder("1001", func(order map[string]any) { delete(order, "parcels") })
	s.work(n)
	if got := len(s.parcels("1001")[0].Scans); got != 1 {
		t.Errorf("%d events joined, want 1", got)
	}
	want(t, "only the newer news is told", s.messages("1001"), []string{"Shipped Sent"})
	want(t, "why not the older", s.rules("1001", "OrderReceived"), []string{"Queue superseded"})
}

func TestAnImportIsMute(t *testing.T) {
	s := newShop(t)
	old := s.now()
	s.wait(30 * 24 * time.Hour)
	s.postOrder("1001", func(order map[string]any) { order["placedAt"] = old.Format(time.RFC3339) })
	s.post("api", event(t, "1001", "Delivered", old.Add(48*time.Hour)))
	s.work(s.notifier(s.store))
	want(t, "messages", s.messages("1001"), nil)
	want(t, "why", s.rules("1001", "Delivered"), []string{"Queue muted"})
}

func TestAStaleMessageDiesWhenNewerNewsOvertakesIt(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.work(n)
	s.relay.refuse(451, smtp.EnhancedCode{4, 7, 1})
	s.post("api", event(t, "1001", "OutForDelivery", s.now()))
	s.work(n)
	s.wait(time.Hour)
	s.post("api", event(t, "1001", "Delivered", s.now()))
	s.work(n)
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Sent", "OutForDelivery Superseded", "Delivered Sent"})
}

func TestOnlyProblemsEndsTheRestOfThisOrderAndOfNoOther(t *testing.T) {
	s := newShop(t)
	n := s.notifier(s.store)
	s.postOrder("1001")
	s.work(n)
	id := s.order("1001").ID
	err := s.store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.SetPreference(t.Context(), id, store.ChoiceOnlyProblems, s.now())
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []string{"InTransit", "OutForDelivery", "DeliveryAttemptFailed"} {
		s.wait(time.Hour)
		s.post("api", event(t, "1001", status, s.now()))
		s.work(n)
	}
	s.postOrder("1002") // the same address
	s.work(n)
	want(t, "messages", s.messages("1001"), []string{"OrderReceived Sent", "DeliveryAttemptFailed Sent"})
	want(t, "the next order", s.messages("1002"), []string{"OrderReceived Sent"})
}

func TestInRehearsalEveryMailGoesToTheMerchant(t *testing.T) {
	s := newShop(t)
	s.doc.Activity, s.doc.RehearsalTo = bundle.Rehearsal, "inbox@linden.example"
	s.postOrder("1001")
	s.work(s.notifier(s.store))
	mails := s.relay.mails()
	if len(mails) != 1 || mails[0].to != "inbox@linden.example" || !strings.HasPrefix(mails[0].header.Get("Subject"), "[Rehearsal] ") {
		t.Errorf("mails: %+v", mails)
	}
}

func TestWithoutASenderMessagesWait(t *testing.T) {
	s := newShop(t)
	s.doc.Email.FromAddress = ""
	n := s.notifier(s.store)
	s.postOrder("1001")
	if err := n.ReceiveAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	report, err := n.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Sender != bundle.SenderNotConfigured || report.Messages.Waiting != 1 {
		t.Errorf("report: %+v", report)
	}
}

func TestAStoppedNotifierLosesNothing(t *testing.T) {
	s := newShop(t)
	for i := range 10 {
		s.postOrder(string(rune('A'+i)) + "200")
	}
	for range 10 {
		ctx, stop := context.WithTimeout(t.Context(), 15*time.Millisecond)
		err := s.notifier(s.store).Run(ctx)
		stop()
		if err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
	}
	s.work(s.notifier(s.store))
	if got := len(s.relay.mails()); got != 10 {
		t.Errorf("%d mails for 10 orders", got)
	}
}
