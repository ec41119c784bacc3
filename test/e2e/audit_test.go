//go:build e2e

package e2e

import (
	"io"
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

// fromAudit is what read finds in the audit log.
func fromAudit[T any](t *testing.T, read func(log io.Reader) ([]T, error)) []T {
	t.Helper()
	file, err := os.Open(auditLog(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	found, err := read(file)
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
