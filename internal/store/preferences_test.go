package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
)

func preference(t *testing.T, s *store.Store, order, address string) (p store.Preference) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		p, err = tx.PreferenceFor(t.Context(), order, address)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAChoiceForAnOrderEndsWithIt(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	put(t, s, "o2", orderSaid("shop", "78", "#1002"))
	update(t, s, func(tx *store.Tx) error { return tx.SetPreference(t.Context(), "o1", store.Nothing, noon) })
	if got := preference(t, s, "o1", "noor@example.org"); got != (store.Preference{Choice: store.Nothing, At: noon}) {
		t.Errorf("the order: %+v", got)
	}
	if got := preference(t, s, "o2", "noor@example.org"); got != (store.Preference{}) {
		t.Errorf("another order of the same address: %+v", got)
	}
}

func TestAChoiceForAnAddressHoldsForAllOrdersUntilOneIsChosenLater(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(tx.SetPreference(t.Context(), "o1", store.Everything, noon),
			tx.SetAddressPreference(t.Context(), " Noor@example.org", store.KeyMoments, noon.Add(time.Hour)))
	})
	for address, want := range map[string]store.Choice{"noor@EXAMPLE.org": store.KeyMoments, "other@example.org": store.Everything, "": store.Everything} {
		if got := preference(t, s, "o1", address); got.Choice != want {
			t.Errorf("%q: %s, want %s", address, got.Choice, want)
		}
	}
	update(t, s, func(tx *store.Tx) error {
		return tx.SetPreference(t.Context(), "o1", store.OnlyProblems, noon.Add(2*time.Hour))
	})
	if got := preference(t, s, "o1", "noor@example.org"); got.Choice != store.OnlyProblems {
		t.Errorf("the later choice for the order: %s", got.Choice)
	}
}

func TestEveryChoiceCanBeTakenBack(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	for i, choice := range append(store.Choices(), store.Choices()...) {
		update(t, s, func(tx *store.Tx) error {
			return tx.SetPreference(t.Context(), "o1", choice, noon.Add(time.Duration(i)*time.Minute))
		})
		if got := preference(t, s, "o1", ""); got.Choice != choice {
			t.Errorf("chose %s, got %s", choice, got.Choice)
		}
	}
}

func TestAPreferenceOfNoOrderIsRefused(t *testing.T) {
	s := fresh(t)
	err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetPreference(t.Context(), "o1", store.Nothing, noon) })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an order that is not there: %v", err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetAddressPreference(t.Context(), " ", store.Nothing, noon) })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no address: %v", err)
	}
}
