package workload

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/store"
)

// Process holds what a workload is started with.
type Process struct {
	Options
	Log        *slog.Logger
	Document   *bundle.Document
	BundleHash string
	Activity   *Activity
	Store      *store.Store
	Secrets    *Secrets
}

// Work wires a workload together and serves until ctx ends.
type Work func(ctx context.Context, p Process) error

// Main runs a workload until a signal or a failure and returns the exit code: 0, or 1 with the reason in the log.
func Main(program, version string, work Work) int {
	return run(program, version, os.Args[1:], os.Stdout, os.Stderr, work)
}

func run(program, version string, args []string, stdout, stderr io.Writer, work Work) int {
	log := NewLogger(stderr)
	options, err := ParseOptions(program, version, args, stdout)
	if err == nil {
		err = start(options, log, work)
	}
	if err != nil && !errors.Is(err, ErrDone) {
		log.Error("stopped with an error", "program", program, "error", err)
		return 1
	}
	return 0
}

// start opens the bundle and the database and works; a second signal kills the process at once.
func start(o Options, log *slog.Logger, work Work) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	doc, hash, err := LoadBundle(o.BundlePath)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(o.Data, store.FileName)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	secrets := NewSecrets(o.KeysDir, o.CredentialsDir, time.Now)
	return work(ctx, Process{Options: o, Log: log, Document: doc, BundleHash: hash, Activity: NewActivity(doc, o.ActivityPath, log), Store: db, Secrets: secrets})
}
