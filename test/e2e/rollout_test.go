//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	requestsPerSecond = 20
	trafficTime       = 75 * time.Second
)

func TestATemplateChangeRollsWithoutOneFailedRequest(t *testing.T) {
	number := newNumber()
	fjallro.send(t, fjallro.journey(number, time.Now())[0])
	path := fjallro.awaitMails(t, number, 1)[0].PagePath()

	ctx, stop := context.WithTimeout(t.Context(), trafficTime)
	defer stop()
	traffic := startTraffic(ctx, fjallro.baseURL+path)

	texts := content(t, "fjallro-texts")
	original := texts.Data["sv.yaml"]
	t.Cleanup(func() { setContent(t, "fjallro-texts", "sv.yaml", original); awaitReady(t, fjallro.key()) })
	for i, greeting := range []string{"Vi packar med omsorg.", "Snart på väg till fjälls."} {
		before := fjallro.pods(t, "page")
		setContent(t, "fjallro-texts", "sv.yaml", original+"page.next.OrderReceived: "+greeting+"\n")
		start := time.Now()
		fjallro.awaitPage(t, path, greeting)
		awaitReady(t, fjallro.key())
		after := fjallro.pods(t, "page")
		if before[0].UID == after[len(after)-1].UID {
			t.Errorf("change %d rolled no pod", i+1)
		}
		t.Logf("change %d was on the page, and rolled out, after %.1f s", i+1, time.Since(start).Seconds())
	}
	if ctx.Err() != nil {
		t.Error("the traffic ended before the second roll: nothing was proved")
	}
	<-ctx.Done()
	traffic.finish(t)
}

// traffic is a steady stream of requests, each over a connection of its own and never repeated.
type traffic struct {
	sent, failed atomic.Int64
	mu           sync.Mutex
	failures     []string
	running      sync.WaitGroup
}

func startTraffic(ctx context.Context, url string) *traffic {
	tr := &traffic{}
	browser := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tr.running.Go(func() {
		ticker := time.NewTicker(time.Second / requestsPerSecond)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				tr.running.Go(func() { tr.one(context.WithoutCancel(ctx), browser, url) })
			}
		}
	})
	return tr
}

func (tr *traffic) one(ctx context.Context, browser *http.Client, url string) {
	tr.sent.Add(1)
	start := time.Now()
	if err := open(ctx, browser, url); err != nil {
		tr.failed.Add(1)
		tr.mu.Lock()
		tr.failures = append(tr.failures, fmt.Sprintf("%s after %s: %v", start.Format("15:04:05.000"), time.Since(start), err))
		tr.mu.Unlock()
	}
}

func open(ctx context.Context, browser *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := browser.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func (tr *traffic) finish(t *testing.T) {
	t.Helper()
	tr.running.Wait()
	t.Logf("%d requests at %d a second over %s, %d failed", tr.sent.Load(), requestsPerSecond, trafficTime, tr.failed.Load())
	if tr.sent.Load() < int64(requestsPerSecond*60*9/10) {
		t.Errorf("only %d requests were sent: nothing was proved", tr.sent.Load())
	}
	if len(tr.failures) > 0 {
		t.Errorf("%d requests failed:\n%s", len(tr.failures), strings.Join(tr.failures[:min(len(tr.failures), 20)], "\n"))
	}
}

// content reads a ConfigMap of the merchant Fjällro.
func content(t *testing.T, name string) corev1.ConfigMap {
	t.Helper()
	var cm corev1.ConfigMap
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: "fjallro", Name: name}, &cm); err != nil {
		t.Fatal(err)
	}
	return cm
}

// setContent edits one key; it also works in a clean-up, when the test's context has ended.
func setContent(t *testing.T, name, key, value string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	cm := corev1.ConfigMap{}
	if err := cluster.Get(ctx, client.ObjectKey{Namespace: "fjallro", Name: name}, &cm); err != nil {
		t.Fatal(err)
	}
	changed := cm.DeepCopy()
	changed.Data[key] = value
	if err := cluster.Patch(ctx, changed, client.MergeFrom(&cm)); err != nil {
		t.Fatal(err)
	}
}
