package reports

import (
	"bytes"
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

// Decode reads a report strictly: at most bundle.MaxReportBytes, no unknown field or word, nothing after it, a version
// that this operator knows. The pod runs in a tenant's namespace, so nothing it says is believed beyond that.
func Decode(from io.Reader) (*bundle.Report, error) {
	raw, err := io.ReadAll(io.LimitReader(from, bundle.MaxReportBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	if len(raw) > bundle.MaxReportBytes {
		return nil, fmt.Errorf("the report is longer than %d bytes", bundle.MaxReportBytes)
	}
	report := &bundle.Report{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(report); err != nil {
		return nil, fmt.Errorf("reading the report: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading the report: something follows it")
	}
	if report.Version != bundle.ReportVersion {
		return nil, fmt.Errorf("the report has version %d, this operator reads %d", report.Version, bundle.ReportVersion)
	}
	return report, check(report)
}

// check refuses words that are not of the contract. The error names the field and not what stands there.
func check(r *bundle.Report) error {
	known := map[string]bool{
		"component": slices.Contains([]bundle.Component{bundle.PageComponent, bundle.NotifierComponent}, r.Component),
		"storage":   slices.Contains([]bundle.Health{bundle.Healthy, bundle.Unhealthy, bundle.Full}, r.Storage),
		"sender": slices.Contains([]bundle.SenderState{
			"", bundle.SenderUnknown, bundle.SenderAccepted, bundle.SenderRefused, bundle.SenderUnreachable, bundle.SenderNotConfigured,
		}, r.Sender),
		"credentials": !slices.ContainsFunc(r.Credentials, func(c bundle.CredentialReport) bool {
			return !plain.MatchString(c.Source) || !plain.MatchString(c.Key) ||
				!slices.Contains([]bundle.CredentialState{bundle.Present, bundle.Missing, bundle.Malformed, bundle.Rejected}, c.State)
		}),
		"sources": !slices.ContainsFunc(r.Sources, func(s bundle.SourceReport) bool {
			return !plain.MatchString(s.Name) || !slices.Contains([]bundle.FlowState{"", bundle.SignaturesRejected, bundle.Silent}, s.Flow)
		}),
	}
	for _, field := range []string{"component", "storage", "sender", "credentials", "sources"} {
		if !known[field] {
			return fmt.Errorf("the report's field %s holds what no workload says", field)
		}
	}
	return nil
}
