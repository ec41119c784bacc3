package workload

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// started runs a workload on a Shop's bundle and an empty volume.
func started(t *testing.T, work Work, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	data, _, err := bundle.Encode(&bundle.Document{SchemaVersion: bundle.SchemaVersion, Name: "linden"})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "bundle.json.gz")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(EnvBundle, path)
	var out, log bytes.Buffer
	code = run("notifier", "v1", append([]string{"--data", dir}, args...), &out, &log, work)
	return code, out.String(), log.String()
}

func TestAWorkloadFindsItsShopAndEndsWellAtASignal(t *testing.T) {
	code, _, log := started(t, func(ctx context.Context, p Process) error {
		if p.Document.Name != "linden" || p.BundleHash == "" || p.Secrets == nil {
			t.Errorf("%+v", p)
		}
		if err := p.Store.Ping(ctx); err != nil {
			t.Error(err)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		return nil
	})
	if code != 0 || log != "" {
		t.Errorf("%d, log %q", code, log)
	}
}

func TestAFailureIsLoggedOnceAndEndsTheProcessWithOne(t *testing.T) {
	code, _, log := started(t, func(context.Context, Process) error { return errors.New("the disk is full") })
	if code != 1 || strings.Count(log, "\n") != 1 || !strings.Contains(log, `"program":"notifier"`) || !strings.Contains(log, "the disk is full") {
		t.Errorf("%d, log %q", code, log)
	}
}

func TestWhoAsksForTheVersionGetsNothingElse(t *testing.T) {
	code, out, log := started(t, func(context.Context, Process) error { t.Error("it started"); return nil }, "--version")
	if code != 0 || out != "notifier v1\n" || log != "" {
		t.Errorf("%d, %q, log %q", code, out, log)
	}
}

func TestAWrongFlagStartsNothing(t *testing.T) {
	code, _, log := started(t, func(context.Context, Process) error { t.Error("it started"); return nil }, "--nonsense")
	if code != 1 || !strings.Contains(log, "nonsense") {
		t.Errorf("%d, log %q", code, log)
	}
}
