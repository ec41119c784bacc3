package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

func TestAnOrderIsAssembledFromItsRecords(t *testing.T) {
	s := fresh(t)
	records := []tracking.Record{
		orderSaid("shop", "77", "#1001"), shipmentSaid("shop", "f1", "77", "3S1"), trackerSaid("postnl", "3S1", tracking.InTransit),
	}
	put(t, s, "o1", records...)
	want := tracking.Assemble("o1", records, tracking.Bounds{})
	got, err := s.OrderByID(t.Context(), "o1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got, quantities); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := s.OrderByID(t.Context(), "o2"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another id: %v", err)
	}
}

func TestTheRowOfAnOrderIsKeptAsItWasPut(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	want := store.OrderRow{
		ID: "o1", PlacedAt: noon, Bounds: tracking.Bounds{Shared: []string{"3S1"}, Ends: map[string]time.Time{"3S2": noon}},
		Seen: []string{"Delivered|Parcel:3S1|", "OrderReceived||"}, MutedUntil: noon.Add(time.Hour), EvaluatedAt: noon.Add(2 * time.Hour),
		NextLook: noon.Add(3 * time.Hour), BundleHash: "b2",
	}
	update(t, s, func(tx *store.Tx) error { return tx.PutOrder(t.Context(), want) })
	update(t, s, func(tx *store.Tx) error {
		got, err := tx.OrderRow(t.Context(), "o1")
		if diff := cmp.Diff(want, got, quantities); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
}

func found(t *testing.T, look func(string) ([]tracking.Order, error), number string) (ids []string) {
	t.Helper()
	orders, err := look(number)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	return ids
}

func TestAnOrderIsFoundByItsNumbersAndNeverByNone(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#A-1001"), shipmentSaid("shop", "f1", "77", "3S 1"))
	put(t, s, "o2", orderSaid("shop", "78", ""), shipmentSaid("shop", "f2", "78", ""))
	byNumber := func(n string) ([]tracking.Order, error) { return s.OrdersByNumber(t.Context(), n) }
	byParcel := func(n string) ([]tracking.Order, error) { return s.OrdersByParcelNumber(t.Context(), n) }
	for _, number := range []string{"A1001", "#a1001", " a 1001 ", "a-1001"} {
		if got := found(t, byNumber, number); !slices.Equal(got, []string{"o1"}) {
			t.Errorf("number %q: %v", number, got)
		}
	}
	if got := found(t, byParcel, "3s1"); !slices.Equal(got, []string{"o1"}) {
		t.Errorf("by the parcel: %v", got)
	}
	for _, number := range []string{"", " ", "#", "-", "1001", "77", "f1"} {
		if got := append(found(t, byNumber, number), found(t, byParcel, number)...); len(got) != 0 {
			t.Errorf("number %q: %v", number, got)
		}
	}
}

func TestOfOneNumberTheNewestOrdersAreFoundFirst(t *testing.T) {
	s := fresh(t)
	var want []string
	for i := range 25 {
		id := string(rune('a' + i))
		put(t, s, id, orderSaid("shop", id, "#1001"))
		update(t, s, func(tx *store.Tx) error {
			return tx.PutOrder(t.Context(), store.OrderRow{ID: id, PlacedAt: noon.AddDate(i, 0, 0)})
		})
		want = append([]string{id}, want...)
	}
	got := found(t, func(n string) ([]tracking.Order, error) { return s.OrdersByNumber(t.Context(), n) }, "1001")
	if !slices.Equal(got, want[:20]) {
		t.Errorf("got %v", got)
	}
}

func TestABoxWithTwoOrdersIsARecordOfBoth(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	put(t, s, "o2", orderSaid("shop", "78", "#1002"))
	box := trackerSaid("postnl", "3S1", tracking.InTransit)
	update(t, s, func(tx *store.Tx) error {
		return tx.SaveRecord(t.Context(), box, store.RecordJoined, "o1", "o2")
	})
	for _, id := range []string{"o1", "o2"} {
		update(t, s, func(tx *store.Tx) error {
			records, err := tx.RecordsOf(t.Context(), id)
			if len(records) != 2 || records[1].Key != box.Key {
				t.Errorf("%s has %d records", id, len(records))
			}
			return err
		})
	}
}

// threeInOne stores three orders that turn out to be one. Two of them would tell the same, which the second has; it also told more.
func threeInOne(t *testing.T, s *store.Store) {
	t.Helper()
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	put(t, s, "o2", orderSaid("erp", "A77", "#1001"), trackerSaid("postnl", "3S1", tracking.InTransit))
	put(t, s, "o3", orderSaid("pos", "P77", "#1001"))
	m := store.Message{Occasion: "Shipped", Channel: "Email", Recipient: store.RecipientHash("noor@example.org"), NotBefore: noon}
	for _, of := range []struct{ order, occasion string }{{"o1", "Shipped"}, {"o2", "Shipped"}, {"o2", "Delivered"}} {
		m.OrderID, m.Occasion = of.order, tracking.Occasion(of.occasion)
		queue(t, s, m, true)
	}
	for _, m := range claimMessages(t, s, noon, 3) {
		update(t, s, func(tx *store.Tx) error {
			if m.OrderID == "o1" {
				return tx.DeferMessage(t.Context(), m, noon, "", false)
			}
			return tx.FinishMessage(t.Context(), m, store.MessageSent, noon, "")
		})
	}
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.RecordDecision(t.Context(), store.Decision{OrderID: "o2", Occasion: "Shipped", Verdict: "Send"}),
			tx.PutOrder(t.Context(), store.OrderRow{ID: "o1", PlacedAt: noon, Seen: []string{"a"}, MutedUntil: noon, NextLook: noon, BundleHash: "b1"}),
			tx.PutOrder(t.Context(), store.OrderRow{ID: "o2", PlacedAt: noon, Seen: []string{"a", "b"}, MutedUntil: noon.Add(time.Hour), NextLook: noon}),
			tx.SetPreference(t.Context(), "o2", store.ChoiceOnlyProblems, noon),
			tx.MergeOrder(t.Context(), "o3", "o2"), tx.MergeOrder(t.Context(), "o2", "o1"), tx.MergeOrder(t.Context(), "o3", "o1"))
	})
}

func TestOrdersThatAreOneKeepBothLinks(t *testing.T) {
	s := fresh(t)
	threeInOne(t, s)
	want := orderOf(t, s, "o1")
	if len(want.Sources) != 3 {
		t.Errorf("the order has %d sources", len(want.Sources))
	}
	for _, id := range []string{"o2", "o3"} {
		if diff := cmp.Diff(want, orderOf(t, s, id), quantities); diff != "" {
			t.Errorf("the link of %s:\n%s", id, diff)
		}
	}
	if got := found(t, func(n string) ([]tracking.Order, error) { return s.OrdersByNumber(t.Context(), n) }, "1001"); !slices.Equal(got, []string{"o1"}) {
		t.Errorf("by number: %v", got)
	}
	looks(t, s, noon, "o1")
}

func TestOrdersThatAreOneTellNothingTwice(t *testing.T) {
	s := fresh(t)
	threeInOne(t, s)
	update(t, s, func(tx *store.Tx) error {
		messages, err := tx.Messages(t.Context(), "o1")
		for _, m := range messages {
			if m.State != store.MessageSent {
				t.Errorf("%s is %s and would be told again", m.Occasion, m.State)
			}
		}
		decisions, errDecisions := tx.Decisions(t.Context(), "o1")
		if len(messages) != 2 || len(decisions) != 1 {
			t.Errorf("%d messages, %d decisions", len(messages), len(decisions))
		}
		return errors.Join(err, errDecisions)
	})
	update(t, s, func(tx *store.Tx) error {
		row, err := tx.OrderRow(t.Context(), "o2")
		if row.ID != "o1" || !slices.Equal(row.Seen, []string{"a", "b"}) || !row.MutedUntil.Equal(noon.Add(time.Hour)) {
			t.Errorf("the row is %+v", row)
		}
		return err
	})
	if got := preference(t, s, "o1", ""); got.Choice != store.ChoiceOnlyProblems {
		t.Errorf("the choice is %q", got.Choice)
	}
}
