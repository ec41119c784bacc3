package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// fetchTimeout bounds one question.
const fetchTimeout = 3 * time.Second

// Fetcher asks the pod at an address for its report.
type Fetcher func(ctx context.Context, address netip.Addr) (*bundle.Report, error)

// HTTPFetcher asks over HTTP. It follows no redirect and uses no proxy, and keeps no connection: between two questions
// lie many seconds and thousands of other pods.
func HTTPFetcher() Fetcher {
	client := &http.Client{
		Timeout:       fetchTimeout,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("a pod does not redirect") },
	}
	return func(ctx context.Context, address netip.Addr) (*bundle.Report, error) {
		host := net.JoinHostPort(address.String(), strconv.Itoa(bundle.InternalPort))
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/report", nil)
		if err != nil {
			return nil, fmt.Errorf("asking %s for its report: %w", host, err)
		}
		response, err := client.Do(request)
		if err != nil {
			return nil, fmt.Errorf("asking %s for its report: %w", host, err)
		}
		defer func() { _ = response.Body.Close() }()
		if response.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("asking %s for its report: status %d", host, response.StatusCode)
		}
		return Decode(response.Body)
	}
}

// Decode reads a report strictly: at most bundle.MaxReportBytes, no unknown field, a version that this operator knows.
// The pod runs in a tenant's namespace, so nothing it says is believed beyond that.
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
	if report.Version != bundle.ReportVersion {
		return nil, fmt.Errorf("the report has version %d, this operator reads %d", report.Version, bundle.ReportVersion)
	}
	return report, nil
}

// Askable says whether an address can be a pod's. Whoever may write EndpointSlices in a namespace must not be able to
// point the operator at its own node or at a cloud's metadata service.
func Askable(address netip.Addr) bool {
	return address.IsValid() && !address.IsLoopback() && !address.IsLinkLocalUnicast() && !address.IsMulticast() && !address.IsUnspecified()
}
