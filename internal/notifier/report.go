package notifier

import (
	"context"
	"fmt"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// Report returns the state of the notifier. A database that does not answer is part of the report, not a failure to report.
func (n *Notifier) Report(ctx context.Context) (bundle.Report, error) {
	r := bundle.Report{
		Version: bundle.ReportVersion, Component: bundle.NotifierComponent, BundleHash: n.BundleHash,
	}
	r.Activity = n.activityInForce()
	r.Sender, _ = n.sender.Load().(bundle.SenderState)
	var err error
	if r.Credentials, err = n.Secrets.CredentialReports(n.Document, bundle.NotifierComponent); err != nil {
		return r, fmt.Errorf("reporting credentials: %w", err)
	}
	n.rejectLogin(r.Credentials)
	counts, err := n.Store.Counts(ctx)
	if err != nil {
		n.Log.Error("failed to query the database for the report to the operator; reporting the storage as unhealthy", "error", err)
		counts.Storage = bundle.Unhealthy
	}
	r.Storage, r.Inbox, r.Messages, r.Sources = counts.Storage, counts.Inbox, counts.Messages, counts.Sources
	for i := range r.Sources {
		s := &r.Sources[i]
		s.Doubtful, s.Replayed = counts.BySource[s.Name].Doubtful, n.mappers[s.Name].replays()
	}
	return r, nil
}

// activityInForce returns the loosest activity under which a message may still be sent.
func (n *Notifier) activityInForce() bundle.Activity {
	now := n.Activity().Activity
	if handing := n.handing.Load(); handing != nil && bundle.Stricter(*handing, now) == now {
		return *handing
	}
	return now
}

// rejectLogin marks the log-in that the mail server does not accept.
func (n *Notifier) rejectLogin(reports []bundle.CredentialReport) {
	for i, c := range reports {
		if c.Source == n.Document.Email.Credential && c.State == bundle.Present && n.loginRefused.Load() {
			reports[i].State = bundle.Rejected
		}
	}
}
