package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
)

// looks claims what is due and wants it to be the given orders.
func looks(t *testing.T, s *store.Store, now time.Time, want ...string) []store.LookClaim {
	t.Helper()
	claims, err := s.ClaimLooks(t.Context(), now, time.Minute, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range claims {
		got = append(got, c.OrderID)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("due at %s: %v, want %v", now.Format(time.RFC3339), got, want)
	}
	return claims
}

func next(t *testing.T, s *store.Store, id string, at time.Time) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		return tx.PutOrder(t.Context(), store.OrderRow{ID: id, PlacedAt: noon, NextLook: at})
	})
}

func TestALookIsTakenWhenItIsDueByOneWorker(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	a, b := open(t, path), open(t, path)
	next(t, a, "o1", noon)
	next(t, a, "o2", noon.Add(time.Hour))
	next(t, a, "o3", time.Time{})
	looks(t, a, noon.Add(-time.Second))
	first := looks(t, a, noon, "o1")[0]
	looks(t, b, noon.Add(59*time.Second))
	second := looks(t, b, noon.Add(time.Minute), "o1")[0]
	err := a.Update(t.Context(), func(tx *store.Tx) error { return tx.FinishLook(t.Context(), first) })
	if !errors.Is(err, store.ErrLost) {
		t.Errorf("the worker that lost its lease could finish: %v", err)
	}
	update(t, b, func(tx *store.Tx) error {
		return errors.Join(tx.FinishLook(t.Context(), second),
			tx.PutOrder(t.Context(), store.OrderRow{ID: "o1", PlacedAt: noon, NextLook: noon.Add(2 * time.Hour)}))
	})
	looks(t, a, noon.Add(time.Hour), "o2")
	looks(t, a, noon.Add(2*time.Hour), "o1", "o2")
}

func TestALeaseOfAWrongClockEndsLooksToo(t *testing.T) {
	s := fresh(t)
	next(t, s, "o1", noon)
	looks(t, s, noon.AddDate(1, 0, 0), "o1") // the clock is a year ahead, and the worker dies
	looks(t, s, noon, "o1")
}

func TestTheNextInstantIsThatOfTheFirstThingDue(t *testing.T) {
	s := fresh(t)
	wantNext := func(want time.Time) {
		t.Helper()
		if got, err := s.NextDue(t.Context()); err != nil || !got.Equal(want) {
			t.Errorf("next due %s (%v), want %s", got, err, want)
		}
	}
	wantNext(time.Time{})
	next(t, s, "o1", noon.Add(3*time.Hour))
	wantNext(noon.Add(3 * time.Hour))
	update(t, s, func(tx *store.Tx) error {
		_, err := tx.QueueMessage(t.Context(), store.Message{OrderID: "o1", Occasion: "Stalled", Channel: "SMS", NotBefore: noon.Add(2 * time.Hour)})
		return err
	})
	wantNext(noon.Add(2 * time.Hour))
	appended(t, s, receipt("1"), true)
	wantNext(noon)
	c := claim(t, s, noon, 1)[0]
	update(t, s, func(tx *store.Tx) error { return tx.RetryReceipt(t.Context(), c, noon.Add(time.Minute), "", true) })
	wantNext(noon.Add(time.Minute))
	ages, err := s.Ages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := (store.Ages{Receipt: noon, Message: noon.Add(2 * time.Hour), Look: noon.Add(3 * time.Hour)}); ages != want {
		t.Errorf("ages %+v, want %+v", ages, want)
	}
}

func TestOrdersOfOtherBundlesAreListedInParts(t *testing.T) {
	s := fresh(t)
	for i := range 10 {
		update(t, s, func(tx *store.Tx) error {
			return tx.PutOrder(t.Context(), store.OrderRow{ID: fmt.Sprint("o", i), PlacedAt: noon, BundleHash: []string{"", "b1", "b2", "b3", "b9"}[i%5]})
		})
	}
	var got []string
	for after := ""; ; {
		part, err := s.StaleOrders(t.Context(), "b2", after, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(part) == 0 {
			break
		}
		got, after = append(got, part...), part[len(part)-1]
	}
	if want := []string{"o0", "o1", "o3", "o4", "o5", "o6", "o8", "o9"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
