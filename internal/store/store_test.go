package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

var noon = time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func fresh(t testing.TB) *store.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), store.FileName))
}

func update(t *testing.T, s *store.Store, do func(*store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func receipt(key string) store.Receipt {
	return store.Receipt{Source: "api", DedupeKey: key, Header: map[string]string{"Topic": "x"}, Body: []byte("{}"), ReceivedAt: noon}
}

func appended(t *testing.T, s *store.Store, r store.Receipt, want bool) {
	t.Helper()
	got, err := s.AppendReceipt(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s/%s: fresh %t, want %t", r.Source, r.DedupeKey, got, want)
	}
}

func TestAReceiptIsStoredOncePerSource(t *testing.T) {
	s := fresh(t)
	appended(t, s, receipt("1"), true)
	appended(t, s, receipt("1"), false)
	other := receipt("1")
	other.Source = "webshop"
	appended(t, s, other, true)
	claims, err := s.ClaimReceipts(t.Context(), noon, time.Minute, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(claims) != 2 {
		t.Fatalf("%d receipts, want 2", len(claims))
	}
	want := receipt("1")
	want.ID = claims[0].ID
	if diff := cmp.Diff(want, claims[0].Receipt); diff != "" {
		t.Errorf("the receipt changed in the inbox:\n%s", diff)
	}
}

func TestALeaseKeepsOthersAwayAndFencesOutWhoLostIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	a, b := open(t, path), open(t, path)
	appended(t, a, receipt("1"), true)
	first := claim(t, a, noon, 1)[0]
	claim(t, b, noon.Add(59*time.Second), 0)
	second := claim(t, b, noon.Add(time.Minute), 1)[0]
	if second.Attempt != first.Attempt+1 {
		t.Errorf("attempts %d and %d", first.Attempt, second.Attempt)
	}
	err := a.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.CountUnmapped(t.Context(), "api", "Q7", noon); err != nil {
			return err
		}
		return tx.FinishReceipt(t.Context(), first, store.ReceiptDone, "")
	})
	if !errors.Is(err, store.ErrLost) {
		t.Errorf("the first worker could still finish: %v", err)
	}
	update(t, b, func(tx *store.Tx) error { return tx.FinishReceipt(t.Context(), second, store.ReceiptDone, "") })
	claim(t, a, noon.Add(time.Hour), 0)
	counts, err := a.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(counts.Sources[0].UnmappedCodes) != 0 {
		t.Error("what the fenced worker did was kept")
	}
}

func claim(t *testing.T, s *store.Store, now time.Time, want int) []store.ReceiptClaim {
	t.Helper()
	claims, err := s.ClaimReceipts(t.Context(), now, time.Minute, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(claims) != want {
		t.Fatalf("%d claims, want %d", len(claims), want)
	}
	return claims
}

func TestAPanicInATransactionDoesNotStopTheWriters(t *testing.T) {
	s := fresh(t)
	func() {
		defer func() { _ = recover() }()
		_ = s.Update(t.Context(), func(*store.Tx) error { panic("a strange payload") })
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := s.AppendReceipt(ctx, receipt("a")); err != nil {
		t.Errorf("after a panic nothing can be written: %v", err)
	}
}

func TestARetriedReceiptComesBackAtItsTime(t *testing.T) {
	s := fresh(t)
	appended(t, s, receipt("1"), true)
	c := claim(t, s, noon, 1)[0]
	update(t, s, func(tx *store.Tx) error { return tx.RetryReceipt(t.Context(), c, noon.Add(time.Hour), "later") })
	claim(t, s, noon.Add(59*time.Minute), 0)
	claim(t, s, noon.Add(time.Hour), 1)
}

func TestAReceiptThatKillsItsWorkerHoldsUpNoOther(t *testing.T) {
	s := fresh(t)
	for _, key := range []string{"killer", "a", "b"} {
		appended(t, s, receipt(key), true)
	}
	claim(t, s, noon, 3) // and dies with the first
	later := noon.Add(time.Minute)
	if c := claim(t, s, later, 1)[0]; c.DedupeKey != "killer" || c.Attempt != 2 {
		t.Fatalf("claimed %s for the %d. time", c.DedupeKey, c.Attempt)
	} // and dies again
	appended(t, s, receipt("new"), true)
	later = later.Add(time.Hour) // everything is due
	for _, want := range []string{"new", "a", "b", "killer"} {
		if c := claim(t, s, later, 1)[0]; c.DedupeKey != want {
			t.Errorf("claimed %s, want %s", c.DedupeKey, want)
		}
	}
	claim(t, s, later, 0)
}

func TestProcessesThatStartAtOnceMigrateOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), store.Options{Path: path})
			if err != nil {
				t.Errorf("process %d: %v", i, err)
				return
			}
			defer func() { _ = s.Close() }()
			if _, err := s.AppendReceipt(t.Context(), receipt(fmt.Sprint(i))); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	claim(t, open(t, path), noon, 6)
}

func TestTheVersionBeforeStillOpensTheDatabaseAfterARollback(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	appended(t, open(t, path), receipt("1"), true)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	appended(t, open(t, path), receipt("1"), false)
}

func TestADatabaseThatCannotBeOpenedSaysWhichOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent", store.FileName)
	if _, err := store.Open(t.Context(), store.Options{Path: path}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func order() *tracking.Order {
	return &tracking.Order{
		ID: store.NewOrderID(), Number: "#A 1001", ExternalID: "77", Source: "api", PlacedAt: noon, Phase: tracking.OrderReceived,
		PhaseTimes: map[tracking.Phase]time.Time{tracking.OrderReceived: noon}, Locale: "nl",
		Customer: tracking.Customer{Name: "Noor", Email: "Noor@example.org"}, To: tracking.Address{Country: "NL"},
		Items: []tracking.Item{{Name: "Stool", Quantity: 2, PriceMinor: 995}}, Currency: "EUR", TotalMinor: 1990,
		Promise: &tracking.ETA{From: noon, To: noon.Add(time.Hour), Source: tracking.ETAFromOrder}, UpdatedAt: noon,
		Parcels: []tracking.Parcel{
			{Carrier: "postnl", Number: "3S1", ShipmentID: "s1", URL: "https://carrier.example/3S1", Events: []tracking.Event{
				{Key: "a", Status: tracking.LabelCreated, Time: noon, Recorded: noon},
				{Key: "b", Status: tracking.InTransit, Delayed: true, Time: noon.Add(time.Hour), Location: "Utrecht", Code: "Q"},
			}},
			{Carrier: "postnl", Number: "3S2"},
		},
	}
}

func TestAnOrderSurvivesTheWayThroughTheDatabase(t *testing.T) {
	s := fresh(t)
	want := order()
	for range 2 { // the second time changes nothing
		update(t, s, func(tx *store.Tx) error { return tx.SaveOrder(t.Context(), want) })
		got, err := s.OrderByID(t.Context(), want.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("the order changed:\n%s", diff)
		}
	}
	want.Parcels[0].Events = append(want.Parcels[0].Events, tracking.Event{Key: "c", Status: tracking.Delivered, Time: noon.Add(2 * time.Hour)})
	want.Phase = tracking.Shipped
	update(t, s, func(tx *store.Tx) error { return tx.SaveOrder(t.Context(), want) })
	got, err := s.OrderByParcel(t.Context(), " 3s1 ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the grown order:\n%s", diff)
	}
}

func TestAnOrderIsFoundHoweverItsNumberIsWritten(t *testing.T) {
	s := fresh(t)
	update(t, s, func(tx *store.Tx) error { return tx.SaveOrder(t.Context(), order()) })
	for _, number := range []string{"A1001", "#a1001", " a 1001 ", "#A 1001"} {
		orders, err := s.OrdersByNumber(t.Context(), number)
		if err != nil {
			t.Fatal(err)
		}
		if len(orders) != 1 {
			t.Errorf("%q: %d orders", number, len(orders))
		}
	}
	if orders, err := s.OrdersByNumber(t.Context(), "1001"); err != nil || len(orders) != 0 {
		t.Errorf("another number: %d orders, %v", len(orders), err)
	}
	for _, look := range []func() error{
		func() error { _, err := s.OrderByID(t.Context(), "nope"); return err },
		func() error { _, err := s.OrderByParcel(t.Context(), "nope"); return err },
		func() error { return s.Unsubscribe(t.Context(), "nope", noon) },
	} {
		if err := look(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	}
}

func TestASourceKnowsItsOwnOrdersByIDOrNumber(t *testing.T) {
	s := fresh(t)
	byNumber, byID := order(), order()
	byNumber.ExternalID = ""
	byID.ExternalID, byID.Number = "78", ""
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.SaveOrder(t.Context(), byNumber), tx.SaveOrder(t.Context(), byID))
	})
	for _, c := range []struct {
		name, source, external, number string
		want                           string
	}{
		{"by number", "api", "", "a1001", byNumber.ID},
		{"an id that is new joins by number", "api", "99", "a1001", byNumber.ID},
		{"the id beats the number", "api", "78", "a1001", byID.ID},
		{"a carrier looks everywhere", "", "78", "", byID.ID},
		{"another shop's number", "webshop", "", "a1001", ""},
		{"unknown", "api", "", "B2", ""},
	} {
		update(t, s, func(tx *store.Tx) error {
			got, err := tx.FindOrder(t.Context(), c.source, c.external, c.number)
			switch {
			case c.want == "" && !errors.Is(err, store.ErrNotFound):
				t.Errorf("%s: %v", c.name, err)
			case c.want != "" && (err != nil || got.ID != c.want):
				t.Errorf("%s: %v", c.name, err)
			}
			return nil
		})
	}
}

func TestARecycledParcelNumberIsAnotherParcel(t *testing.T) {
	s := fresh(t)
	o := order()
	update(t, s, func(tx *store.Tx) error { return tx.SaveOrder(t.Context(), o) })
	for days, want := range map[int]int{1: 1, 119: 1, 200: 0, -200: 0} {
		update(t, s, func(tx *store.Tx) error {
			ids, err := tx.OrdersOfParcel(t.Context(), "postnl", "3S1", noon.AddDate(0, 0, days))
			if len(ids) != want {
				t.Errorf("%d days later: %d orders, want %d", days, len(ids), want)
			}
			return err
		})
	}
}

func TestWhatACarrierSaidFirstJoinsItsOrder(t *testing.T) {
	scan := func(key string) []tracking.Event {
		return []tracking.Event{{Key: key, Status: tracking.InTransit, Time: noon}}
	}
	for name, said := range map[string]tracking.ParcelEvents{
		"by the parcel's number":   {Carrier: "postnl", Number: "3s2", Events: scan("x")},
		"by the number alone":      {Number: "3S2", Events: scan("x")},
		"by the order's number":    {Carrier: "dhl", Number: "NEW", OrderNumber: "a1001", Events: scan("x")},
		"by the platform's id":     {Carrier: "dhl", Number: "NEW", ExternalID: "77", Events: scan("x")},
		"by the shipment, alone":   {ShipmentID: "s1", Events: scan("x")},
		"by shipment and order id": {ShipmentID: "s1", ExternalID: "77", Events: scan("x")},
	} {
		t.Run(name, func(t *testing.T) {
			s, o := fresh(t), order()
			for range 2 {
				update(t, s, func(tx *store.Tx) error { return tx.KeepOrphan(t.Context(), said, noon) })
			}
			update(t, s, func(tx *store.Tx) error {
				return errors.Join(tx.AdoptOrphans(t.Context(), o), tx.SaveOrder(t.Context(), o))
			})
			got, err := s.OrderByID(t.Context(), o.ID)
			if err != nil {
				t.Fatal(err)
			}
			joined := 0
			for _, p := range got.Parcels {
				for _, e := range p.Events {
					if e.Key == "x" {
						joined++
					}
				}
			}
			if joined != 1 {
				t.Errorf("the event stands %d times in the order, want once", joined)
			}
		})
	}
}

func TestAMessageIsQueuedOnceAndSentByOneWorker(t *testing.T) {
	s, o := fresh(t), order()
	m := store.Message{OrderID: o.ID, Occasion: "Shipped", Channel: "Email", Level: "Routine", At: noon, Heard: noon, NotBefore: noon}
	for i := range 3 {
		update(t, s, func(tx *store.Tx) error {
			if err := tx.SaveOrder(t.Context(), o); err != nil {
				return err
			}
			queued, err := tx.QueueMessage(t.Context(), m)
			if queued != (i == 0) {
				t.Errorf("time %d: queued %t", i, queued)
			}
			return err
		})
	}
	claimMessages(t, s, noon.Add(-time.Second), 0)
	first := claimMessages(t, s, noon, 1)[0]
	claimMessages(t, s, noon, 0)
	update(t, s, func(tx *store.Tx) error { return tx.DeferMessage(t.Context(), first, noon.Add(time.Second), "busy") })
	second := claimMessages(t, s, noon.Add(time.Second), 1)[0]
	third := claimMessages(t, s, noon.Add(time.Hour), 1)[0] // the second worker died
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.FinishMessage(t.Context(), second, store.MessageSent, noon, "")
	})
	if !errors.Is(err, store.ErrLost) {
		t.Errorf("the dead worker could record: %v", err)
	}
	update(t, s, func(tx *store.Tx) error { return tx.FinishMessage(t.Context(), third, store.MessageSent, noon, "") })
	claimMessages(t, s, noon.AddDate(1, 0, 0), 0)
}

func claimMessages(t *testing.T, s *store.Store, now time.Time, want int) []store.Message {
	t.Helper()
	all, err := s.ClaimMessages(t.Context(), now, time.Minute, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != want {
		t.Fatalf("%d messages, want %d", len(all), want)
	}
	return all
}

func TestUnsubscribingHoldsForTheAddressInEveryOrder(t *testing.T) {
	s, o := fresh(t), order()
	next, stranger := order(), order()
	next.ExternalID, next.Customer.Email = "78", " noor@EXAMPLE.org"
	stranger.ExternalID, stranger.Customer.Email = "79", "else@example.org"
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.SaveOrder(t.Context(), o), tx.SaveOrder(t.Context(), next), tx.SaveOrder(t.Context(), stranger))
	})
	for range 2 {
		if err := s.Unsubscribe(t.Context(), o.ID, noon); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range []struct {
		order *tracking.Order
		want  bool
	}{{o, true}, {next, true}, {stranger, false}} {
		update(t, s, func(tx *store.Tx) error {
			got, err := tx.Unsubscribed(t.Context(), c.order)
			if got != c.want {
				t.Errorf("order %d: unsubscribed %t", i, got)
			}
			return err
		})
	}
}

func TestTheReportCountsWhatWaitsAndWhatFailed(t *testing.T) {
	s := fresh(t)
	for i := range 3 {
		appended(t, s, receipt(fmt.Sprint(i)), true)
	}
	c := claim(t, s, noon, 3)
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.FinishReceipt(t.Context(), c[0], store.ReceiptQuarantined, "not JSON"),
			tx.CountUnmapped(t.Context(), "api", "Q7", noon), tx.CountUnmapped(t.Context(), "api", "Q7", noon),
			tx.CountUnmapped(t.Context(), "api", "A1", noon))
	})
	got, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := store.Counts{
		Inbox:   bundle.InboxReport{Waiting: 2, Quarantined: 1},
		Sources: []bundle.SourceReport{{Name: "api", LastReceived: &noon, Quarantined: 1, UnmappedCodes: []string{"Q7", "A1"}}},
		Storage: got.Storage, // the machine's, see room_test.go
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestAWriteByAnotherProcessWakesTheReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	writer, reader := open(t, path), open(t, path)
	ctx, stop := context.WithCancel(t.Context())
	wake := reader.Watch(ctx)
	for i := range 5 {
		appended(t, writer, receipt(fmt.Sprint(i)), true)
		for seen := 0; seen == 0; { // a wake may be of the write before
			if _, open := <-wake; !open {
				t.Fatal("the watch ended")
			}
			claims, err := reader.ClaimReceipts(t.Context(), noon, time.Hour, 10)
			if err != nil {
				t.Fatal(err)
			}
			seen = len(claims)
		}
	}
	stop()
	for range wake { // ends, or the test does not
	}
}

func BenchmarkAppendReceipt(b *testing.B) {
	s := fresh(b)
	body := make([]byte, 720)
	for i := 0; b.Loop(); i++ {
		r := receipt(fmt.Sprint(i))
		r.Body = body
		if _, err := s.AppendReceipt(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
