//go:build e2e

package e2e

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/testing/demo/kube"
	"github.com/wismo-dev/wismo/test/e2e/flights"
)

// auditLog are the files in which the local cluster's API server records every write, the oldest first: it begins
// another one when one is large.
func auditLog(t *testing.T) []string {
	t.Helper()
	state, err := kube.LocalState()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(state, "logs", "audit.log")
	if _, err := os.Stat(path); err != nil || !cluster.Local {
		t.Skip("only the local cluster shows its audit log")
	}
	before, err := filepath.Glob(filepath.Join(state, "logs", "audit-*.log"))
	if err != nil {
		t.Fatal(err)
	}
	return append(before, path)
}

// fromAudit is what read finds in the audit log.
func fromAudit[T any](t *testing.T, read func(log io.Reader) ([]T, error)) []T {
	t.Helper()
	var logs []io.Reader
	for _, path := range auditLog(t) {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		logs = append(logs, file)
	}
	found, err := read(io.MultiReader(logs...))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// flightsTo are the moves of the Shops of some namespaces to a release since a time.
func flightsTo(t *testing.T, release string, namespaces map[string]bool, since time.Time) []*flights.Flight {
	t.Helper()
	steps := fromAudit(t, func(log io.Reader) ([]flights.Step, error) { return flights.Read(log, namespaces, since) })
	return flights.To(release, managerUser, steps)
}
