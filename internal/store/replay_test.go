package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/store"
)

// from is a receipt of that source.
func from(source, key string) store.Receipt {
	r := receipt(key)
	r.Source = source
	return r
}

func claimOf(t *testing.T, s *store.Store, now time.Time, sources ...string) (keys []string, claims []store.ReceiptClaim) {
	t.Helper()
	claims, err := s.ClaimReceipts(t.Context(), now, time.Minute, 10, sources)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claims {
		keys = append(keys, c.DedupeKey)
	}
	return keys, claims
}

func finish(t *testing.T, s *store.Store, o store.Outcome, claims ...store.ReceiptClaim) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		for _, c := range claims {
			if err := tx.FinishReceipt(t.Context(), c, o); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAReceiptOfAnUnknownSourceWaitsForTheProcessThatKnowsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	older, newer := open(t, path), open(t, path)
	for i := range 30 { // more than one batch lies before what is known
		appended(t, older, from("new-carrier", fmt.Sprint("n", i)), true)
	}
	appended(t, older, from("api", "a"), true)
	if got, _ := claimOf(t, older, noon, "api"); !slices.Equal(got, []string{"a"}) {
		t.Errorf("the older process claims %v", got)
	}
	counts, err := older.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bundle.InboxReport{Waiting: 31}, counts.Inbox); diff != "" || counts.BySource["new-carrier"].Waiting != 30 {
		t.Errorf("counted %+v\n%s", counts.BySource, diff)
	}
	for part := range 3 {
		got, claims := claimOf(t, newer, noon, "new-carrier", "api")
		if len(got) != 10 || got[0] != fmt.Sprint("n", 10*part) {
			t.Fatalf("the newer process claims %v", got)
		}
		finish(t, newer, store.Outcome{State: store.ReceiptDone}, claims...)
	}
	if got, _ := claimOf(t, newer, noon.Add(time.Second), "new-carrier", "api"); len(got) != 0 {
		t.Errorf("claimed twice: %v", got)
	}
}

func TestAReceiptWaitsAgainWhenItsWorkerDiedAndOnlyAnOlderOneIsLeft(t *testing.T) {
	s := fresh(t)
	appended(t, s, from("new-carrier", "n"), true)
	claimOf(t, s, noon, "new-carrier")
	if got, _ := claimOf(t, s, noon.Add(time.Hour/2), "api"); len(got) != 0 {
		t.Errorf("the older process claims %v", got)
	}
	if got, claims := claimOf(t, s, noon.Add(time.Hour/2), "new-carrier"); len(got) != 1 || claims[0].Unfinished != 1 {
		t.Errorf("the newer process claims %v", got)
	}
}

func TestOnlyFailuresOfTheReceiptItselfAreCounted(t *testing.T) {
	s, now := fresh(t), noon
	appended(t, s, receipt("1"), true)
	for i := range 20 { // a full disk for a long time, and three attempts that failed of the receipt
		c := claim(t, s, now, 1)[0]
		if want := min(i, 3); c.Tries != want || c.Unfinished != 0 || c.Attempt != i+1 {
			t.Fatalf("claim %d: %d tries, %d unfinished", c.Attempt, c.Tries, c.Unfinished)
		}
		now = now.Add(time.Minute)
		update(t, s, func(tx *store.Tx) error { return tx.RetryReceipt(t.Context(), c, now, "it failed", i < 3) })
	}
}

func TestAReceiptWaitsNoLongerThanALeaseMayLast(t *testing.T) {
	s := fresh(t)
	appended(t, s, receipt("1"), true)
	c := claim(t, s, noon, 1)[0]
	update(t, s, func(tx *store.Tx) error {
		return tx.RetryReceipt(t.Context(), c, noon.AddDate(0, 0, 1), "it failed", true)
	})
	claim(t, s, noon.Add(store.LongestLease-time.Second), 0)
	claim(t, s, noon.Add(store.LongestLease), 1)
}

func TestALeaseOfAWrongClockHoldsUpNoReceipt(t *testing.T) {
	s := fresh(t)
	appended(t, s, receipt("1"), true)
	claim(t, s, noon.AddDate(1, 0, 0), 1) // by a clock that is a year ahead
	claim(t, s, noon, 1)
	claim(t, s, noon, 0)
}

// quarantined stores receipts of the source that were put aside under the definition d1.
func quarantined(t *testing.T, s *store.Store, source string, keys ...string) {
	t.Helper()
	for _, key := range keys {
		appended(t, s, from(source, key), true)
	}
	_, claims := claimOf(t, s, noon, source)
	finish(t, s, store.Outcome{State: store.ReceiptQuarantined, Problem: "not JSON", Definition: "d1"}, claims...)
}

// replayAll replays what the filter names, in parts of two, and says how many it were.
func replayAll(t *testing.T, s *store.Store, f store.ReplayFilter) (total int) {
	t.Helper()
	for {
		n, last, err := s.Replay(t.Context(), f, true, 2)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return total
		}
		total, f.After = total+n, last
	}
}

func TestQuarantineIsReplayedMutedAndUnderAnotherDefinitionOnce(t *testing.T) {
	s := fresh(t)
	quarantined(t, s, "api", "1", "2", "3")
	quarantined(t, s, "webshop", "4")
	filter := store.ReplayFilter{Source: "api", States: []store.ReceiptState{store.ReceiptQuarantined}, Definition: "d2"}
	total := replayAll(t, s, filter)
	keys, claims := claimOf(t, s, noon, "api", "webshop")
	if total != 3 || !slices.Equal(keys, []string{"1", "2", "3"}) || !claims[0].Replay || !claims[0].Muted || claims[0].Unfinished != 0 || claims[0].Tries != 0 {
		t.Fatalf("%d replayed, claimed %v: %+v", total, keys, claims[0])
	}
	finish(t, s, store.Outcome{State: store.ReceiptQuarantined, Problem: "still not", Definition: "d2"}, claims...)
	if n := replayAll(t, s, filter); n != 0 {
		t.Errorf("the definition that could not read them gets %d again", n)
	}
}

// workOff finishes the claims by their keys, each as it says: "waits" not at all.
func workOff(t *testing.T, s *store.Store, claims []store.ReceiptClaim) {
	t.Helper()
	update(t, s, func(tx *store.Tx) error {
		var errs []error
		for _, c := range claims {
			o := store.Outcome{State: store.ReceiptDone, Definition: "d1"}
			switch c.DedupeKey {
			case "waits":
				continue
			case "ignored":
				o.State = store.ReceiptIgnored
			case "code":
				errs = append(errs, tx.CountUnmapped(t.Context(), c, "Q7"))
			case "element":
				errs = append(errs, tx.QuarantineElement(t.Context(), c, "orders[1]", "a number is missing", noon))
			}
			errs = append(errs, tx.FinishReceipt(t.Context(), c, o))
		}
		return errors.Join(errs...)
	})
}

func TestAReplayIsOfWhatTheFilterNames(t *testing.T) {
	s := fresh(t)
	for _, key := range []string{"plain", "code", "element", "ignored", "waits"} {
		appended(t, s, receipt(key), true)
	}
	id := map[string]int64{}
	_, claims := claimOf(t, s, noon, "api")
	for _, c := range claims {
		id[c.DedupeKey] = c.ID
	}
	workOff(t, s, claims)
	for name, c := range map[string]struct {
		filter store.ReplayFilter
		want   []string
	}{
		"a source":           {store.ReplayFilter{Source: "api"}, []string{"code", "element", "ignored", "plain"}},
		"another source":     {store.ReplayFilter{Source: "webshop"}, nil},
		"receipts":           {store.ReplayFilter{Receipts: []int64{id["plain"], id["waits"]}}, []string{"plain"}},
		"a code":             {store.ReplayFilter{Code: "Q7"}, []string{"code"}},
		"another code":       {store.ReplayFilter{Source: "api", Code: "Q8"}, nil},
		"all unmapped codes": {store.ReplayFilter{Source: "api", Unmapped: true}, []string{"code"}},
		"elements and codes": {store.ReplayFilter{Source: "api", Elements: true, Unmapped: true}, []string{"code", "element"}},
		"a state":            {store.ReplayFilter{States: []store.ReceiptState{store.ReceiptIgnored}}, []string{"ignored"}},
		"another definition": {store.ReplayFilter{Source: "api", Definition: "d1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			n, _, err := s.Replay(t.Context(), c.filter, false, 10)
			if err != nil || n != len(c.want) {
				t.Fatalf("%d replayed, want %d (%v)", n, len(c.want), err)
			}
			keys, claims := claimOf(t, s, noon, "api")
			slices.Sort(keys)
			if !slices.Equal(keys, c.want) {
				t.Errorf("claimed %v, want %v", keys, c.want)
			}
			workOff(t, s, claims) // as it was
		})
	}
}

func TestTheReportCountsWhatWaitsAndWhatCouldNotBeRead(t *testing.T) {
	s := fresh(t)
	for i := range 3 {
		appended(t, s, receipt(fmt.Sprint(i)), true)
	}
	c := claim(t, s, noon, 3)
	update(t, s, func(tx *store.Tx) error {
		return errors.Join(
			tx.FinishReceipt(t.Context(), c[0], store.Outcome{State: store.ReceiptQuarantined, Problem: "not JSON"}),
			tx.CountUnmapped(t.Context(), c[1], "Q7"), tx.CountUnmapped(t.Context(), c[2], "Q7"), tx.CountUnmapped(t.Context(), c[1], "A1"),
			tx.CountDegraded(t.Context(), "api", "orders.promise", noon),
			tx.QuarantineElement(t.Context(), c[1], "orders[0]", "no number", noon), tx.QuarantineElement(t.Context(), c[1], "orders[0]", "no number", noon))
	})
	got, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := store.Counts{
		Inbox:   bundle.InboxReport{Waiting: 2, Quarantined: 1},
		Sources: []bundle.SourceReport{{Name: "api", LastReceived: &noon, Quarantined: 1, UnmappedCodes: []string{"Q7", "A1"}}},
		BySource: map[string]store.SourceCounts{"api": {
			Quarantined: 1, Elements: 1, Degraded: []store.Count{{Name: "orders.promise", Seen: 1}},
			Unmapped: []store.Count{{Name: "Q7", Seen: 2}, {Name: "A1", Seen: 1}},
		}},
		Storage: got.Storage, // the machine's, see room_test.go
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

func TestASourceOfEndlessCodesFillsNoDatabase(t *testing.T) {
	s := fresh(t)
	appended(t, s, receipt("1"), true)
	c := claim(t, s, noon, 1)[0]
	update(t, s, func(tx *store.Tx) error {
		for i := range 300 {
			c.ReceivedAt = noon.Add(time.Duration(i) * time.Second)
			if err := tx.CountUnmapped(t.Context(), c, fmt.Sprintf("%s%03d", strings.Repeat("é", 30), i)); err != nil {
				return err
			}
		}
		return tx.CountUnmapped(t.Context(), c, strings.Repeat("é", 100))
	})
	counts, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := len(counts.BySource["api"].Unmapped); got != 20 {
		t.Errorf("%d codes in the report", got)
	}
	if got := store.Rows(t, s, "unmapped_codes"); got != 200 {
		t.Errorf("%d codes in the database", got)
	}
}

func TestAnotherDefinitionForgetsWhatTheOneBeforeCouldNotRead(t *testing.T) {
	s := fresh(t)
	appended(t, s, receipt("1"), true)
	c := claim(t, s, noon, 1)[0]
	for _, step := range []struct {
		hash string
		want int
	}{{"d1", 1}, {"d1", 1}, {"d2", 0}} {
		update(t, s, func(tx *store.Tx) error {
			if err := tx.SetSourceDefinition(t.Context(), "api", step.hash); err != nil {
				return err
			}
			if step.want == 0 {
				return nil
			}
			return errors.Join(tx.CountUnmapped(t.Context(), c, "Q7"), tx.CountDegraded(t.Context(), "api", "x", noon))
		})
		update(t, s, func(tx *store.Tx) error {
			got, err := tx.SourceDefinition(t.Context(), "api")
			if got != step.hash {
				t.Errorf("the definition is %q, want %q", got, step.hash)
			}
			return err
		})
		if got := store.Rows(t, s, "unmapped_codes"); got != step.want {
			t.Errorf("under %s: %d codes, want %d", step.hash, got, step.want)
		}
	}
}
