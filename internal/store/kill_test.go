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
	stored := drain(t, survivor)
	for key := range acknowledged {
		if stored[key] != 1 {
			t.Errorf("%s was acknowledged and is stored %d times", key, stored[key])
		}
	}
	if len(acknowledged) < rounds || len(stored) > len(acknowledged)+rounds {
		t.Errorf("%d acknowledged, %d stored in %d rounds", len(acknowledged), len(stored), rounds)
	}
	t.Logf("%d kills, %d acknowledged, 0 lost, 0 doubled", rounds, len(acknowledged))
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
