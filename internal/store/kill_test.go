package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/store"
)

// killEnv makes the test binary a page process that appends receipts until it is killed.
const killEnv = "WISMO_TEST_APPEND_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(killEnv); path != "" {
		appendForEver(path)
	}
	os.Exit(m.Run())
}

// appendForEver acknowledges each receipt on standard output after it is stored, and sends some of them twice.
func appendForEver(path string) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Path: path})
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		key := fmt.Sprintf("%d-%d", os.Getpid(), i)
		for range 1 + i%2 {
			if _, err := s.AppendReceipt(ctx, receipt(key)); err != nil {
				panic(err)
			}
		}
		fmt.Println(key)
		if i%3 == 0 {
			workOffOne(ctx, s)
		}
	}
}

// workOffOne stores an order with its record and a message for one receipt, as the notifier does. Its lease has ended when the test
// looks at what is left.
func workOffOne(ctx context.Context, s *store.Store) {
	claims, err := s.ClaimReceipts(ctx, noon.Add(-time.Hour), time.Second, 1, []string{"api"})
	if err != nil {
		panic(err)
	}
	for _, c := range claims {
		err := s.Update(ctx, func(tx *store.Tx) error {
			id := store.NewOrderID()
			if err := tx.PutOrder(ctx, store.OrderRow{ID: id, PlacedAt: noon, NextLook: noon}); err != nil {
				return err
			}
			if err := tx.SaveRecord(ctx, orderSaid("api", c.DedupeKey, "#1"), store.RecordJoined, id); err != nil {
				return err
			}
			if _, err := tx.QueueMessage(ctx, store.Message{OrderID: id, Occasion: "OrderReceived", Channel: "Email", NotBefore: noon}); err != nil {
				return err
			}
			return tx.FinishReceipt(ctx, c, store.Outcome{State: store.ReceiptDone})
		})
		if err != nil {
			panic(err)
		}
	}
}

func TestKillLosesNoAcknowledgedReceiptAndDoublesNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), store.FileName)
	survivor := open(t, path) // the other process, which keeps reading
	acknowledged := map[string]bool{}
	rounds := 10
	if n, err := strconv.Atoi(os.Getenv("WISMO_TEST_KILLS")); err == nil {
		rounds = n
	}
	for range rounds {
		for _, key := range appendUntilKilled(t, path) {
			acknowledged[key] = true
		}
		if err := survivor.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	done := wholeOrders(t, survivor)
	stored := drain(t, survivor)
	for key := range acknowledged {
		if n := stored[key] + store.Rows(t, survivor, "records WHERE ref = '"+key+"'"); n != 1 {
			t.Errorf("%s was acknowledged and is stored %d times", key, n)
		}
	}
	if all := len(stored) + done; len(acknowledged) < rounds || all > len(acknowledged)+rounds {
		t.Errorf("%d acknowledged, %d stored in %d rounds", len(acknowledged), all, rounds)
	}
	t.Logf("%d kills, %d acknowledged, %d worked off, 0 lost, 0 doubled", rounds, len(acknowledged), done)
}

// wholeOrders counts the receipts that are done, each of which must have left all that workOffOne stores of it.
func wholeOrders(t *testing.T, s *store.Store) (done int) {
	t.Helper()
	done = store.Rows(t, s, "receipts WHERE state = 'Done'")
	for _, table := range []string{"orders", "records", "order_records", "order_state", "messages"} {
		if got := store.Rows(t, s, table); got != done {
			t.Errorf("%d receipts are done, and %s has %d rows", done, table, got)
		}
	}
	return done
}

// drain claims everything and counts it by key.
func drain(t *testing.T, s *store.Store) map[string]int {
	t.Helper()
	stored := map[string]int{}
	for {
		claims, err := s.ClaimReceipts(t.Context(), noon, time.Hour, 1000, []string{"api"})
		if err != nil {
			t.Fatal(err)
		}
		if len(claims) == 0 {
			return stored
		}
		for _, c := range claims {
			stored[c.DedupeKey]++
		}
	}
}

// appendUntilKilled starts a process, kills it at a random moment after its first acknowledgement, and returns what it acknowledged.
func appendUntilKilled(t *testing.T, path string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), killEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var keys []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if keys = append(keys, lines.Text()); len(keys) == 1 {
			time.AfterFunc(rand.N(60*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // it was killed
	return keys
}
