package workload

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"
)

// started runs a workload.
func started(work Work, args ...string) (code int, stdout, stderr string) {
	var out, log bytes.Buffer
	code = run("notifier", "v1", args, &out, &log, work)
	return code, out.String(), log.String()
}

func TestAWorkloadEndsWellAtASignal(t *testing.T) {
	code, _, log := started(func(ctx context.Context, o Options, _ *slog.Logger) error {
		if o.Data != "/elsewhere" {
			t.Errorf("%+v", o)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	}, "--data", "/elsewhere")
	if code != 0 || log != "" {
		t.Errorf("%d, log %q", code, log)
	}
}

func TestAFailureIsLoggedOnceAndEndsTheProcessWithOne(t *testing.T) {
	code, _, log := started(func(context.Context, Options, *slog.Logger) error { return errors.New("the disk is full") })
	if code != 1 || strings.Count(log, "\n") != 1 || !strings.Contains(log, `"program":"notifier"`) || !strings.Contains(log, "the disk is full") {
		t.Errorf("%d, log %q", code, log)
	}
}

func TestWhoAsksForTheVersionGetsNothingElse(t *testing.T) {
	code, out, log := started(func(context.Context, Options, *slog.Logger) error { t.Error("it started"); return nil }, "--version")
	if code != 0 || out != "notifier v1\n" || log != "" {
		t.Errorf("%d, %q, log %q", code, out, log)
	}
}

func TestAWrongFlagStartsNothing(t *testing.T) {
	code, _, log := started(func(context.Context, Options, *slog.Logger) error { t.Error("it started"); return nil }, "--nonsense")
	if code != 1 || !strings.Contains(log, "nonsense") {
		t.Errorf("%d, log %q", code, log)
	}
}
