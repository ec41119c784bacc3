package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"time"
	_ "time/tzdata" // the image holds no zone files

	"golang.org/x/sync/errgroup"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/workload"
)

// run wires the process together and works until it is told to end.
func run(ctx context.Context, o workload.Options, log *slog.Logger) (err error) {
	doc, hash, err := workload.LoadBundle(o.BundlePath)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(o.Data, store.FileName)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	renderer, err := message.NewRenderer(doc)
	if err != nil {
		return fmt.Errorf("preparing the texts: %w", err)
	}
	secrets := workload.NewSecrets(o.KeysDir, o.CredentialsDir, time.Now)
	var worker *notifier.Notifier
	internal := workload.NewInternal(log,
		func(ctx context.Context) (bundle.Report, error) { return worker.Report(ctx) },
		workload.Check{Name: "storage", Test: db.Ping})
	worker, err = notifier.New(notifier.Config{
		Document: doc, BundleHash: hash, Store: db, Secrets: secrets, Renderer: renderer,
		Sender: channel.NewSMTP(doc.Email, login(secrets, doc.Email.Credential)),
		Log:    log, Metrics: internal.Registry, Now: time.Now,
	})
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // starting takes twice the memory of waiting for work, and a tenant's pod waits most of its life
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return worker.Run(ctx) })
	group.Go(func() error {
		servers := []*http.Server{workload.NewServer(o.InternalListen, internal.Handler(), log)}
		return internal.Run(ctx, servers, o.Drain)
	})
	return group.Wait()
}

// login reads the relay's user and password anew for each message: they may have been rotated.
func login(secrets *workload.Secrets, credential string) channel.Login {
	return func() (user, password string) {
		u, _ := secrets.Credential(credential, bundle.EmailUsernameKey)
		p, _ := secrets.Credential(credential, bundle.EmailPasswordKey)
		return string(u), string(p)
	}
}
