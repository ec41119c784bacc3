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

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/ingest"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/page"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/workload"
)

// run wires the process together and serves until it is told to end.
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
	secrets := workload.NewSecrets(o.KeysDir, o.CredentialsDir, time.Now)
	endpoints, err := ingest.Endpoints(doc.Sources)
	if err != nil {
		return err
	}
	if err := db.ExpectSources(ctx, ingest.Expected(endpoints), time.Now()); err != nil {
		return err
	}
	reporter := &reporter{doc: doc, hash: hash, db: db, secrets: secrets, log: log, endpoints: endpoints, now: time.Now}
	internal := workload.NewInternal(log, reporter.report,
		workload.Check{Name: "texts", Test: rendersCompletely(doc)}, workload.Check{Name: "storage", Test: db.Ping})
	public, err := publicHandler(reporter, internal)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // starting takes twice the memory of serving, and a tenant's pod idles most of its life
	return internal.Run(ctx, []*http.Server{
		workload.NewServer(o.Listen, public, log),
		workload.NewServer(o.InternalListen, internal.Handler(), log),
	}, o.Drain)
}

// publicHandler is the page with the webhook endpoints beside it.
func publicHandler(r *reporter, internal *workload.Internal) (http.Handler, error) {
	shop, err := page.New(page.Config{Document: r.doc, Orders: r.db, Keys: r.secrets.LinkKeys, Now: r.now, Log: r.log})
	if err != nil {
		return nil, err
	}
	hooks := ingest.New(ingest.Config{
		Endpoints: r.endpoints, Secrets: r.secrets.VerificationSecrets, Inbox: r.db, Refusals: &r.refusals, NotFound: shop,
		Registerer: internal.Registry, Log: r.log, Now: r.now,
	})
	mux := http.NewServeMux()
	mux.Handle("/", workload.Measured(internal.Registry, shop))
	mux.Handle(bundle.HookPath, hooks)
	return mux, nil
}

// rendersCompletely renders everything once: the bundle does not change under a process.
func rendersCompletely(doc *bundle.Document) func(context.Context) error {
	problems := message.Check(doc)
	var errs []error
	for _, p := range problems {
		errs = append(errs, p)
	}
	err := errors.Join(errs...)
	return func(context.Context) error { return err }
}

// reporter makes the page's report, of the same parts that the page is made of.
type reporter struct {
	doc       *bundle.Document
	hash      string
	db        *store.Store
	secrets   *workload.Secrets
	log       *slog.Logger
	endpoints []ingest.Endpoint
	refusals  ingest.Refusals
	now       func() time.Time
}

func (r *reporter) report(ctx context.Context) (bundle.Report, error) {
	report := bundle.Report{Version: bundle.ReportVersion, Component: bundle.PageComponent, BundleHash: r.hash}
	var err error
	if report.Credentials, err = r.secrets.CredentialReports(r.doc, bundle.PageComponent); err != nil {
		return report, fmt.Errorf("reporting credentials: %w", err)
	}
	counts, err := r.db.Counts(ctx)
	flows, flowsErr := r.db.Flows(ctx)
	if err := errors.Join(err, flowsErr); err != nil {
		r.log.Error("counting for the report", "error", err)
		counts.Storage = bundle.Unhealthy
	}
	report.Storage, report.Inbox, report.Messages = counts.Storage, counts.Inbox, counts.Messages
	report.Sources = r.refusals.Report(counts.Sources, r.endpoints, flows, r.now())
	return report, nil
}
