package reports

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/wismo-dev/wismo/internal/bundle"
)

// fetchTimeout and maxHeaderBytes limit one request.
const (
	fetchTimeout   = 3 * time.Second
	maxHeaderBytes = 8 << 10
)

// Fetcher asks the pod at an address for its report.
type Fetcher func(ctx context.Context, address netip.Addr) (*bundle.Report, error)

// HTTPFetcher returns a Fetcher that asks over HTTP. It follows no redirects, uses no proxy and keeps no connections open: the next
// request to the same pod is many seconds later.
func HTTPFetcher() Fetcher {
	client := &http.Client{
		Timeout:   fetchTimeout,
		Transport: &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeaderBytes},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the pod redirected the request, which pods of wismo never do")
		},
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
			return nil, fmt.Errorf("asking %s for its report: unexpected HTTP status %d", host, response.StatusCode)
		}
		return Decode(response.Body)
	}
}

// Askable reports whether an address can be a pod's. A user who may write EndpointSlices in a namespace must not be able to
// point the operator at its own node or at a cloud's metadata service.
func Askable(address netip.Addr) bool {
	return address.IsValid() && !address.IsLoopback() && !address.IsLinkLocalUnicast() && !address.IsMulticast() && !address.IsUnspecified()
}
