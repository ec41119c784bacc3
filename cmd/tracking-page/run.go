package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
	_ "time/tzdata" // the image holds no zone files

	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/carrier/definition"
	"github.com/wismo-dev/wismo/internal/ingest"
	"github.com/wismo-dev/wismo/internal/message"
	"github.com/wismo-dev/wismo/internal/page"
	"github.com/wismo-dev/wismo/internal/store"
	"github.com/wismo-dev/wismo/internal/workload"
)

// run starts the process and serves until ctx ends.
func run(ctx context.Context, p workload.Process) error {
	endpoints, err := ingest.Endpoints(p.Document.Sources)
	if err != nil {
		return err
	}
	if err := p.Store.ExpectSources(ctx, ingest.Expected(endpoints), time.Now()); err != nil {
		return err
	}
	reporter := &reporter{doc: p.Document, hash: p.BundleHash, db: p.Store, secrets: p.Secrets, log: p.Log, endpoints: endpoints, now: time.Now}
	internal := workload.NewInternal(p.Log, reporter.report,
		workload.Check{Name: "texts", Test: rendersCompletely(p.Document)}, workload.Check{Name: "storage", Test: p.Store.Ping})
	var lanes workload.Lanes
	go func() { _ = lanes.Follow(ctx, p.Store, p.Log) }() // its only error is that of ctx
	public, err := publicHandler(reporter, internal, &lanes, p.Activity)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // starting takes twice the memory of serving, and the pod is idle most of the time
	return internal.Run(ctx, []*http.Server{
		workload.NewServer(p.Listen, public, p.Log),
		workload.NewServer(p.InternalListen, internal.Handler(), p.Log),
	}, p.Drain)
}

// publicHandler returns the page with the webhook endpoints.
func publicHandler(r *reporter, internal *workload.Internal, lanes *workload.Lanes, activity *workload.Activity) (http.Handler, error) {
	shop, err := page.New(page.Config{
		Document: r.doc, Orders: r.db, Keys: r.secrets.LinkKeys, Now: r.now, Log: r.log,
		Carriers: definition.RulesOf(r.doc.Sources), Lanes: lanes.Now, Activity: activity.Now,
	})
	if err != nil {
		return nil, err
	}
	hooks := ingest.New(ingest.Config{
		Endpoints: r.endpoints, Secrets: r.secrets.VerificationSecrets, Inbox: r.db, Refusals: &r.refusals, NotFound: shop,
		Registerer: internal.Registry, Log: r.log, Now: r.now,
	})
	mux := http.NewServeMux()
	mux.Handle("/", workload.Measured(internal.Registry, r.log, shop))
	mux.Handle(bundle.HookPath, hooks)
	return mux, nil
}

// rendersCompletely returns a check that renders everything once, because the bundle does not change while a process runs.
func rendersCompletely(doc *bundle.Document) func(context.Context) error {
	var errs []error
	for _, p := range message.Check(doc) {
		errs = append(errs, p)
	}
	err := errors.Join(errs...)
	return func(context.Context) error { return err }
}

// reporter writes the page's report.
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
		r.log.Error("failed to query the database for the report to the operator; reporting the storage as unhealthy", "error", err)
		counts.Storage = bundle.Unhealthy
	}
	report.Storage, report.Inbox, report.Messages = counts.Storage, counts.Inbox, counts.Messages
	report.Sources = r.refusals.Report(counts.Sources, r.endpoints, flows, r.now())
	return report, nil
}
