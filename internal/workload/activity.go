package workload

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// maxActivityBytes is far more than an ActivityDocument has.
const maxActivityBytes = 4 << 10

// Activity reads the Shop's activity, and reads it again at each call. It is safe for concurrent use.
type Activity struct {
	path string // "" = the Document's own counts
	own  bundle.ActivityDocument
	log  *slog.Logger

	mu     sync.Mutex
	before bundle.Activity // so that only changes are logged
	failed string
}

// NewActivity returns the activity of the Shop whose bundle has the Document; path is where its activity file would be.
func NewActivity(doc *bundle.Document, path string, log *slog.Logger) *Activity {
	a := &Activity{own: bundle.ActivityOf(doc), log: log}
	if doc.ActivityFile {
		a.path = path
	}
	return a
}

// Now returns the present activity. While the file cannot be read it is Suspended: no message must be sent that a person has stopped.
func (a *Activity) Now() bundle.ActivityDocument {
	if a.path == "" {
		return a.own
	}
	doc, err := readActivity(a.path)
	if err != nil {
		doc = bundle.ActivityDocument{Activity: bundle.Suspended}
	}
	a.logChange(doc.Activity, err)
	return doc
}

// readActivity reads the file with the activity of the Shop: whether messages are sent, and to whom.
func readActivity(path string) (bundle.ActivityDocument, error) {
	file, err := os.Open(path)
	if err != nil {
		return bundle.ActivityDocument{}, fmt.Errorf("reading the activity (mount it, or set %s to its path): %w", EnvActivity, err)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxActivityBytes))
	if err := errors.Join(err, file.Close()); err != nil {
		return bundle.ActivityDocument{}, fmt.Errorf("reading the activity: %w", err)
	}
	doc, err := bundle.DecodeActivity(data)
	if err != nil {
		return doc, fmt.Errorf("the file %s: %w", path, err)
	}
	return doc, nil
}

func (a *Activity) logChange(now bundle.Activity, err error) {
	failed := ""
	if err != nil {
		failed = err.Error()
	}
	a.mu.Lock()
	before, failedBefore := a.before, a.failed
	a.before, a.failed = now, failed
	a.mu.Unlock()
	switch {
	case failed != "" && failed != failedBefore:
		a.log.Error("failed to read whether the Shop may send messages (its activity: Live, Rehearsal or Suspended); sending none until it can be read", "error", err)
	case now != before && before != "":
		a.log.Info("the Shop's activity setting has changed", "activity", now, "previous", before)
	}
}
