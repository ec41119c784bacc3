package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/tracking"
)

func TestARecordSurvivesTheWayThroughTheDatabase(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"))
	want := trackerSaid("postnl", "3S1", tracking.InTransit, tracking.Delivered)
	wait(t, s, want)
	update(t, s, func(tx *store.Tx) error {
		got, err := tx.Record(t.Context(), want.Key)
		if diff := cmp.Diff(store.Stored{Record: want, State: store.RecordWaiting}, got); diff != "" {
			t.Errorf("while it waits:\n%s", diff)
		}
		if err != nil {
			return err
		}
		return tx.SaveRecord(t.Context(), want, store.RecordJoined, "o1")
	})
	update(t, s, func(tx *store.Tx) error {
		got, err := tx.Record(t.Context(), want.Key)
		if diff := cmp.Diff(store.Stored{Record: want, Orders: []string{"o1"}, State: store.RecordJoined}, got); diff != "" {
			t.Errorf("once it is joined:\n%s", diff)
		}
		_, absent := tx.Record(t.Context(), tracking.Key{Source: "postnl", Kind: tracking.KindTracker, Ref: "3S2"})
		if !errors.Is(absent, store.ErrNotFound) {
			t.Errorf("another number: %v", absent)
		}
		return err
	})
}

func TestARecordOfNoOrderSaysSo(t *testing.T) {
	s := fresh(t)
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.SaveRecord(t.Context(), orderSaid("shop", "77", "#1001"), store.RecordJoined)
	})
	if err == nil {
		t.Error("a joined record without an order was stored")
	}
}

func neighbours(t testing.TB, s *store.Store, limit int, keys ...string) (refs []string, more bool) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		found, cut, err := tx.Neighbours(t.Context(), keys, limit)
		for _, f := range found {
			refs = append(refs, f.Record.Key.Ref)
		}
		more = cut
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return refs, more
}

func TestAJoinSeesAllThatHangsTogether(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"), shipmentSaid("shop", "f1", "77", "3S1"))
	put(t, s, "o2", orderSaid("shop", "78", "#1002"))
	wait(t, s, trackerSaid("postnl", "3S1"), trackerSaid("postnl", "3S9"))
	for _, key := range []string{"n:1001", "x:77", "s:shop/f1", "p:3S1"} {
		if got, more := neighbours(t, s, 100, key); !slices.Equal(got, []string{"77", "f1", "3S1"}) || more {
			t.Errorf("%s: %v, more %t", key, got, more)
		}
	}
	if got, more := neighbours(t, s, 2, "n:1001"); len(got) != 2 || !more {
		t.Errorf("two of them: %v, more %t", got, more)
	}
	if got, more := neighbours(t, s, 3, "n:1001"); len(got) != 3 || more {
		t.Errorf("exactly all: %v, more %t", got, more)
	}
}

func TestACorrectedNumberIsFoundUnderTheNewOneOnly(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"), shipmentSaid("shop", "f1", "77", "3S1"))
	put(t, s, "o1", shipmentSaid("shop", "f1", "77", "3S2"))
	if got, _ := neighbours(t, s, 100, "p:3S1"); len(got) != 0 {
		t.Errorf("under the old number: %v", got)
	}
	if got, _ := neighbours(t, s, 100, "p:3S2"); len(got) != 2 {
		t.Errorf("under the new number: %v", got)
	}
}

func TestARecordThatLostItsKeysIsStillSeenWithItsOrder(t *testing.T) {
	s := fresh(t)
	put(t, s, "o1", orderSaid("shop", "77", "#1001"), shipmentSaid("shop", "f1", "99", "3S1"))
	if got, _ := neighbours(t, s, 100, "x:77"); !slices.Equal(got, []string{"77", "f1"}) {
		t.Errorf("got %v", got)
	}
}

// The search by index finds what a search through everything finds.
func TestNeighboursAreWhatIsReachable(t *testing.T) {
	s, round := fresh(t), 0
	rapid.Check(t, func(r *rapid.T) {
		round++ // each with names of its own, in one database
		name := func(kind string, n int) string { return fmt.Sprintf("%s%dR%d", kind, n, round) }
		small := rapid.IntRange(0, 6)
		var all []tracking.Record
		for i := range rapid.IntRange(1, 12).Draw(r, "records") {
			switch rapid.IntRange(0, 2).Draw(r, "kind") {
			case 0:
				all = append(all, orderSaid("shop", name("e", i), name("N", small.Draw(r, "number"))))
			case 1:
				all = append(all, shipmentSaid("shop", name("f", i), name("e", small.Draw(r, "order")), name("P", small.Draw(r, "parcel"))))
			default:
				all = append(all, trackerSaid(name("c", i), name("P", small.Draw(r, "parcel"))))
			}
		}
		wait(t, s, all...)
		start := all[rapid.IntRange(0, len(all)-1).Draw(r, "start")].JoinKeys()
		got, _ := neighbours(t, s, 100, start...)
		if want := reachable(all, start); !slices.Equal(got, want) {
			r.Errorf("got %v, want %v", got, want)
		}
	})
}

// reachable are the refs of the records that share a key, directly or not, in the order given.
func reachable(all []tracking.Record, keys []string) (refs []string) {
	in := make([]bool, len(all))
	for grown := true; grown; {
		grown = false
		for i := range all {
			shares := slices.ContainsFunc(all[i].JoinKeys(), func(k string) bool { return slices.Contains(keys, k) })
			if !in[i] && shares {
				in[i], grown = true, true
				keys = append(keys, all[i].JoinKeys()...)
			}
		}
	}
	for i := range all {
		if in[i] {
			refs = append(refs, all[i].Key.Ref)
		}
	}
	return refs
}

func TestRecordsThatWaitAreCountedAndListedTheLongestSilentFirst(t *testing.T) {
	s := fresh(t)
	old, young := trackerSaid("postnl", "3S1"), trackerSaid("postnl", "3S2")
	old.LastHeard = noon.Add(-time.Hour)
	wait(t, s, young, old)
	update(t, s, func(tx *store.Tx) error {
		if err := tx.SaveRecord(t.Context(), trackerSaid("postnl", "3S3"), store.RecordDoubtful); err != nil {
			return err
		}
		found, err := tx.OpenRecords(t.Context(), store.RecordWaiting, noon, 10)
		if len(found) != 1 || found[0].Record.Key != old.Key {
			t.Errorf("silent since noon: %v", found)
		}
		return err
	})
	counts, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := (store.RecordCounts{Waiting: 2, Doubtful: 1}); counts.Records != want {
		t.Errorf("counted %+v, want %+v", counts.Records, want)
	}
}
