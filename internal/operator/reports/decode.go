package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// plain is what a source, the purpose of a key or the key of a Secret can be called. All may end up in a condition's message.
var plain = regexp.MustCompile(`^[A-Za-z0-9._-]{1,80}$`)

// Decode reads a report: at most bundle.MaxReportBytes, nothing after it, a version that this operator knows. The pod may be
// of a later build: fields that this one does not know are ignored, and words become Unknown. The pod runs in a
// merchant's namespace, so texts in its report are dropped unless they match plain.
func Decode(from io.Reader) (*bundle.Report, error) {
	raw, err := io.ReadAll(io.LimitReader(from, bundle.MaxReportBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	if len(raw) > bundle.MaxReportBytes {
		return nil, fmt.Errorf("the report is longer than %d bytes", bundle.MaxReportBytes)
	}
	report := &bundle.Report{}
	if err := json.Unmarshal(raw, report); err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	if report.Version != bundle.ReportVersion {
		return nil, fmt.Errorf("the report has version %d, this operator reads %d", report.Version, bundle.ReportVersion)
	}
	understand(report)
	return report, check(report)
}

// understand replaces the words that this build does not know.
func understand(r *bundle.Report) {
	known(&r.Component, bundle.Components(), bundle.UnknownComponent)
	if r.Activity != "" {
		known(&r.Activity, bundle.Activities(), bundle.UnknownActivity)
	}
	known(&r.Storage, bundle.Healths(), bundle.UnknownHealth)
	known(&r.Sender, bundle.SenderStates(), bundle.SenderUnknown)
	for i := range r.Credentials {
		known(&r.Credentials[i].State, bundle.CredentialStates(), bundle.UnknownCredential)
	}
	for i := range r.Sources {
		known(&r.Sources[i].Flow, bundle.FlowStates(), bundle.UnknownFlow)
	}
}

func known[T ~string](word *T, words []T, otherwise T) {
	if !slices.Contains(words, *word) {
		*word = otherwise
	}
}

// check refuses names that are none. The error names the field and not what stands there.
func check(r *bundle.Report) error {
	if slices.ContainsFunc(r.Credentials, func(c bundle.CredentialReport) bool { return !plain.MatchString(c.Source) || !plain.MatchString(c.Key) }) {
		return errors.New("the report has an invalid entry in the field credentials")
	}
	if slices.ContainsFunc(r.Sources, func(s bundle.SourceReport) bool { return !plain.MatchString(s.Name) }) {
		return errors.New("the report has an invalid entry in the field sources")
	}
	return nil
}
