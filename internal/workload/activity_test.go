package workload_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/workload"
)

func TestTheActivityFileCountsAtOnceAndWithoutItNothingIsSent(t *testing.T) {
	var log bytes.Buffer
	path := filepath.Join(t.TempDir(), bundle.ActivityKey)
	activity := workload.NewActivity(&bundle.Document{ActivityFile: true, Activity: bundle.Live}, path, slog.New(slog.NewTextHandler(&log, nil)))
	resumed := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		about, file string
		want        bundle.ActivityDocument
	}{
		{"there is no file yet", "", bundle.ActivityDocument{Activity: bundle.Suspended}},
		{"live", `{"version":1,"activity":"Live"}`, bundle.ActivityDocument{Version: 1, Activity: bundle.Live}},
		{"stopped", `{"version":1,"activity":"Suspended"}`, bundle.ActivityDocument{Version: 1, Activity: bundle.Suspended}},
		{"resumed", `{"version":1,"activity":"Live","muteUntil":"2026-12-01T09:00:00Z"}`, bundle.ActivityDocument{Version: 1, Activity: bundle.Live, MuteUntil: resumed}},
		{"a rehearsal", `{"version":1,"activity":"Rehearsal","rehearsalTo":"try@linden.example"}`, bundle.ActivityDocument{Version: 1, Activity: bundle.Rehearsal, RehearsalTo: "try@linden.example"}},
		{"a rehearsal without an inbox", `{"version":1,"activity":"Rehearsal"}`, bundle.ActivityDocument{Activity: bundle.Suspended}},
		{"a word of a later build", `{"version":1,"activity":"Half"}`, bundle.ActivityDocument{Activity: bundle.Suspended}},
		{"a later shape", `{"version":2,"activity":"Live"}`, bundle.ActivityDocument{Activity: bundle.Suspended}},
		{"half a file", `{"version":1,"activity":"Li`, bundle.ActivityDocument{Activity: bundle.Suspended}},
		{"an endless file", strings.Repeat(" ", 1<<16) + `{"version":1,"activity":"Live"}`, bundle.ActivityDocument{Activity: bundle.Suspended}},
	} {
		if c.file != "" {
			if err := os.WriteFile(path, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // the second time nothing new is logged
			if got := activity.Now(); got != c.want {
				t.Errorf("%s: got %+v, want %+v", c.about, got, c.want)
			}
		}
	}
	if got := strings.Count(log.String(), "failed to read whether the Shop may send messages"); got != 5 {
		t.Errorf("%d failures are logged, want each once:\n%s", got, log.String())
	}
	if strings.Contains(log.String(), "try@") {
		t.Errorf("the log has the address:\n%s", log.String())
	}
}

func TestABundleWithoutAnActivityFileStatesTheActivityItself(t *testing.T) {
	doc := &bundle.Document{Activity: bundle.Rehearsal, RehearsalTo: "try@linden.example"}
	got := workload.NewActivity(doc, filepath.Join(t.TempDir(), "none"), slog.New(slog.DiscardHandler)).Now()
	if got.Activity != bundle.Rehearsal || got.RehearsalTo != doc.RehearsalTo {
		t.Errorf("got %+v", got)
	}
}
