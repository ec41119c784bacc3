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

	"github.com/wismo-dev/wismo/internal/store"
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
	claims, err := s.ClaimReceipts(t.Context(), noon, time.Minute, 10, []string{"api", "webshop"})
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
		if err := tx.CountUnmapped(t.Context(), first, "Q7"); err != nil {
			return err
		}
		return tx.FinishReceipt(t.Context(), first, store.Outcome{State: store.ReceiptDone})
	})
	if !errors.Is(err, store.ErrLost) {
		t.Errorf("the first worker could still finish: %v", err)
	}
	update(t, b, func(tx *store.Tx) error {
		return tx.FinishReceipt(t.Context(), second, store.Outcome{State: store.ReceiptDone})
	})
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
	claims, err := s.ClaimReceipts(t.Context(), now, time.Minute, 10, []string{"api"})
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
	update(t, s, func(tx *store.Tx) error { return tx.RetryReceipt(t.Context(), c, noon.Add(time.Hour), "later", true) })
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
			claims, err := reader.ClaimReceipts(t.Context(), noon, time.Hour, 10, []string{"api"})
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
