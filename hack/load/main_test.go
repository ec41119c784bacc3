package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

func TestEveryRequestThatIsDueIsMadeAndCounted(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1)%10 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	r := run(t.Context(), server.URL, 100, time.Second)
	if len(r.took) != 90 || r.failed != 10 || asked.Load() != 100 {
		t.Errorf("%s; asked %d times", r, asked.Load())
	}
}

// While a server pauses, the requests that become due are delayed, and their delay counts.
func TestAPauseOfTheServerIsNotHidden(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if asked.Add(1) <= 20 {
			time.Sleep(200 * time.Millisecond)
		}
	}))
	defer server.Close()
	r := run(t.Context(), server.URL, 100, time.Second)
	if slow := r.took[len(r.took)-15]; slow < 200*time.Millisecond {
		t.Errorf("the pause is hidden: %s", r)
	}
}
