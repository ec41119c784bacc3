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
	update(t, s, func(tx *store.Tx) error { return tx.SetPreference(t.Context(), "o1", store.ChoiceNothing, noon) })
	if got := preference(t, s, "o1", "noor@example.org"); got != (store.Preference{Choice: store.ChoiceNothing, At: noon}) {
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
		return errors.Join(tx.SetPreference(t.Context(), "o1", store.ChoiceEverything, noon),
			tx.SetAddressPreference(t.Context(), " Noor@example.org", store.ChoiceKeyMoments, noon.Add(time.Hour)))
	})
	for address, want := range map[string]store.Choice{"noor@EXAMPLE.org": store.ChoiceKeyMoments, "other@example.org": store.ChoiceEverything, "": store.ChoiceEverything} {
		if got := preference(t, s, "o1", address); got.Choice != want {
			t.Errorf("%q: %s, want %s", address, got.Choice, want)
		}
	}
	update(t, s, func(tx *store.Tx) error {
		return tx.SetPreference(t.Context(), "o1", store.ChoiceOnlyProblems, noon.Add(2*time.Hour))
	})
	if got := preference(t, s, "o1", "noor@example.org"); got.Choice != store.ChoiceOnlyProblems {
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

func TestTheSameChoiceMadeAgainIsTheLaterOne(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	for i, choose := range []func(*store.Tx, time.Time) error{
		func(tx *store.Tx, at time.Time) error {
			return tx.SetPreference(t.Context(), "o1", store.ChoiceEverything, at)
		},
		func(tx *store.Tx, at time.Time) error {
			return tx.SetAddressPreference(t.Context(), "noor@example.org", store.ChoiceNothing, at)
		},
		func(tx *store.Tx, at time.Time) error {
			return tx.SetPreference(t.Context(), "o1", store.ChoiceEverything, at)
		},
	} {
		update(t, s, func(tx *store.Tx) error { return choose(tx, noon.Add(time.Duration(i)*time.Hour)) })
	}
	if got := preference(t, s, "o1", "noor@example.org"); got.Choice != store.ChoiceEverything {
		t.Errorf("chosen last for the order: %s", got.Choice)
	}
}

func TestAPreferenceOfNoOrderIsRefused(t *testing.T) {
	s := fresh(t)
	err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetPreference(t.Context(), "o1", store.ChoiceNothing, noon) })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an order that is not there: %v", err)
	}
	err = s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetAddressPreference(t.Context(), " ", store.ChoiceNothing, noon) })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no address: %v", err)
	}
}

// choices are those of one recipient of an order.
func choices(t *testing.T, s *store.Store, order, address string, further bool) store.RecipientChoices {
	t.Helper()
	c, err := s.ChoicesOf(t.Context(), order, address, further)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAFurtherRecipientChoosesForItselfAlone(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	put(t, s, "o2", orderSaid("shop", "78", "#1002"))
	nothing := store.Preference{Choice: store.ChoiceNothing, At: noon}
	if err := s.SetOrderChoice(t.Context(), "o1", " Robin@example.org", true, nothing); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]store.Preference{"robin@example.org": nothing, "ada@example.org": {}} {
		if got := choices(t, s, "o1", address, true).Newest(); got != want {
			t.Errorf("%s: %+v", address, got)
		}
	}
	if got := choices(t, s, "o1", "noor@example.org", false).Newest(); got != (store.Preference{}) {
		t.Errorf("the buyer: %+v", got)
	}
	err := errors.Join(s.SetOrderChoice(t.Context(), "o1", "noor@example.org", false, store.Preference{Choice: store.ChoiceKeyMoments, At: noon}),
		s.SetShopChoice(t.Context(), "robin@example.org", store.Preference{Choice: store.ChoiceOnlyProblems, At: noon.Add(time.Hour)}))
	if err != nil {
		t.Fatal(err)
	}
	if got := choices(t, s, "o1", "robin@example.org", true); got.Order != nothing || got.Newest().Choice != store.ChoiceOnlyProblems {
		t.Errorf("the later choice for all orders: %+v", got)
	}
	update(t, s, func(tx *store.Tx) error { return tx.MergeOrder(t.Context(), "o1", "o2") })
	if got := choices(t, s, "o1", "robin@example.org", true); got.Order != nothing {
		t.Errorf("after the orders became one: %+v", got)
	}
}

func TestAnOrderIsOpenedWithWhetherItsLinksAreRevoked(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	if o, err := s.OpenOrder(t.Context(), "o1"); err != nil || o.LinksRevoked || o.Order.Number != "#1001" {
		t.Errorf("%+v, %v", o, err)
	}
	update(t, s, func(tx *store.Tx) error {
		return tx.PutOrder(t.Context(), store.OrderRow{ID: "o1", PlacedAt: noon, LinksRevoked: true})
	})
	if o, err := s.OpenOrder(t.Context(), "o1"); err != nil || !o.LinksRevoked {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := s.OpenOrder(t.Context(), "other"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an order that is not there: %v", err)
	}
}
