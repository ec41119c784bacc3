package installed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Traffic sees every request of an operator. Its zero value is ready to use.
type Traffic struct {
	mu       sync.Mutex
	requests []Request
	denied   []error
}

// Request is one that the API server answered.
type Request struct {
	Method string
	Path   string
	Query  url.Values // only it tells a watch from a list
	Status int
}

// String returns the request in one line.
func (r Request) String() string { return fmt.Sprintf("%s %s -> %d", r.Method, r.Path, r.Status) }

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Wrap listens on a way to the API server.
func (t *Traffic) Wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(request)
		if err == nil && response.StatusCode == http.StatusForbidden {
			t.refused(request, response)
		}
		if err == nil {
			t.mu.Lock()
			t.requests = append(t.requests, Request{request.Method, request.URL.Path, request.URL.Query(), response.StatusCode})
			t.mu.Unlock()
		}
		return response, err
	})
}

// refused notes an answer of the authorizer. Quotas and namespaces that go away refuse, too, and need no right.
func (t *Traffic) refused(request *http.Request, response *http.Response) {
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil || !bytes.Contains(body, []byte(" cannot ")) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.denied = append(t.denied, fmt.Errorf("the operator's roles do not allow its %s %s", request.Method, request.URL.Path))
}

// Requests returns all so far.
func (t *Traffic) Requests() []Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.requests)
}

// Writes returns what the operator wrote, or tried to write, in a namespace; events do not count.
func (t *Traffic) Writes(namespace string) []Request {
	return slices.DeleteFunc(t.Requests(), func(r Request) bool {
		return r.Method == http.MethodGet || strings.Contains(r.Path, "/events") || !strings.Contains(r.Path, "/namespaces/"+namespace+"/")
	})
}

// Forbidden returns an error if the operator ever asked for something it may not do.
func (t *Traffic) Forbidden() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(t.denied...)
}
