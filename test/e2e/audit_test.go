//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/hack/demo/kube"
	"github.com/wismo-dev/wismo/test/e2e/flights"
)

// auditLog is where the local cluster's API server records every write.
func auditLog(t *testing.T) string {
	t.Helper()
	state, err := kube.LocalState()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(state, "logs", "audit.log")
	if _, err := os.Stat(path); err != nil || !cluster.Local {
		t.Skip("only the local cluster shows its audit log")
	}
	return path
}

// auditLines calls for each line of the audit log that holds the word.
func auditLines(t *testing.T, word string, read func(line []byte)) {
	t.Helper()
	file, err := os.Open(auditLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		if bytes.Contains(lines.Bytes(), []byte(word)) {
			read(lines.Bytes())
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// flightsTo are the moves of the Shops of some namespaces to a release since a time.
func flightsTo(t *testing.T, release string, namespaces map[string]bool, since time.Time) []*flights.Flight {
	t.Helper()
	file, err := os.Open(auditLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	steps, err := flights.Read(file, namespaces, since)
	if err != nil {
		t.Fatal(err)
	}
	return flights.To(release, managerUser, steps)
}
