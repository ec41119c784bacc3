package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
	_ "time/tzdata" // the image holds no zone files

	"golang.org/x/sync/errgroup"

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/message/channel"
	"github.com/wismo-dev/wismo/internal/notifier"
	"github.com/wismo-dev/wismo/internal/workload"
)

// run starts the process and works until ctx ends.
func run(ctx context.Context, p workload.Process) error {
	renderer, err := message.NewRenderer(p.Document)
	if err != nil {
		return fmt.Errorf("preparing the texts: %w", err)
	}
	var worker *notifier.Notifier
	internal := workload.NewInternal(p.Log,
		func(ctx context.Context) (bundle.Report, error) { return worker.Report(ctx) },
		workload.Check{Name: "storage", Test: p.Store.Ping})
	email := p.Document.Email
	worker, err = notifier.New(notifier.Config{
		Document: p.Document, BundleHash: p.BundleHash, Activity: p.Activity.Now, Store: p.Store, Secrets: p.Secrets, Renderer: renderer,
		Sender: channel.NewSMTP(email, login(p.Secrets, email.Credential)),
		Log:    p.Log, Metrics: internal.Registry, Now: time.Now,
	})
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // starting takes twice the memory of waiting for work, and the pod waits most of the time
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return worker.Run(ctx) })
	group.Go(func() error {
		servers := []*http.Server{workload.NewServer(p.InternalListen, internal.Handler(), p.Log)}
		return internal.Run(ctx, servers, p.Drain)
	})
	return group.Wait()
}

// login reads the user and password of the mail server again for each message, because they may have been rotated.
func login(secrets *workload.Secrets, credential string) channel.Login {
	return func() (user, password string) {
		u, _ := secrets.Credential(credential, bundle.EmailUsernameKey)
		p, _ := secrets.Credential(credential, bundle.EmailPasswordKey)
		return string(u), string(p)
	}
}
