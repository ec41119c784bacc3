//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

const (
	requestsPerSecond = 20
	trafficTime       = 75 * time.Second // at least
	// leastTraffic is from when on "none failed" says something.
	leastTraffic = 10 * time.Second
)

func TestATemplateChangeRollsWithoutOneFailedRequest(t *testing.T) {
	t.Parallel()
	m := live(t, "rolling", "")
	texts := m.ownTexts(t, "nl.yaml", "mail.OrderReceived.heading: Dank je wel\n")
	path := m.knownPage(t)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	traffic := startTraffic(ctx, m.baseURL+path)
	for i, greeting := range []string{"We pakken met zorg in.", "Nog even geduld."} {
		before := m.pods(t, "page")
		setContent(t, texts, "nl.yaml", "page.next.OrderReceived: "+greeting+"\n")
		start := time.Now()
		m.awaitPage(t, path, greeting)
		awaitReady(t, m.key())
		after := m.pods(t, "page")
		if before[0].UID == after[len(after)-1].UID {
			t.Errorf("change %d rolled no pod", i+1)
		}
		t.Logf("change %d was on the page, and rolled out, after %.1f s", i+1, time.Since(start).Seconds())
	}
	time.Sleep(time.Until(traffic.began.Add(trafficTime)))
	stop()
	traffic.finish(t)
}

// ownTexts gives the Shop words of its own, and returns what holds them.
func (m merchant) ownTexts(t *testing.T, file, words string) client.ObjectKey {
	t.Helper()
	texts := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.name, Name: "texts", Labels: map[string]string{v1alpha1.LabelWatch: "true"}},
		Data:       map[string]string{file: words},
	}
	if err := cluster.Create(t.Context(), texts); err != nil {
		t.Fatal(err)
	}
	m.change(t, func(s *v1alpha1.Shop) {
		s.Spec.Templates = []v1alpha1.TemplateReference{{ConfigMapRef: v1alpha1.ConfigMapReference{Name: "texts"}, Source: v1alpha1.SourceLocal}}
	})
	return client.ObjectKeyFromObject(texts)
}

// traffic is a steady stream of requests, each over a connection of its own and never repeated.
type traffic struct {
	began        time.Time
	perSecond    int
	sent, failed atomic.Int64
	mu           sync.Mutex
	failures     []string
	slowest      time.Duration
	running      sync.WaitGroup
}

func startTraffic(ctx context.Context, url string) *traffic {
	return startTrafficOf(ctx, url, requestsPerSecond)
}

func startTrafficOf(ctx context.Context, url string, perSecond int) *traffic {
	tr := &traffic{began: time.Now(), perSecond: perSecond}
	// A page on a machine where forty pods start at once may take its time; one that leads nowhere never answers.
	browser := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tr.running.Go(func() {
		ticker := time.NewTicker(time.Second / time.Duration(perSecond))
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
	err := open(ctx, browser, url)
	took := time.Since(start)
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.slowest = max(tr.slowest, took)
	if err != nil {
		tr.failed.Add(1)
		tr.failures = append(tr.failures, fmt.Sprintf("%s after %s: %v", start.Format("15:04:05.000"), took, err))
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
	lasted := time.Since(tr.began)
	t.Logf("%d requests over %.0f s, %d failed, the slowest took %.1f s", tr.sent.Load(), lasted.Seconds(), tr.failed.Load(), tr.slowest.Seconds())
	if least := int64(lasted.Seconds() * float64(tr.perSecond) / 2); lasted < leastTraffic || tr.sent.Load() < least {
		t.Errorf("only %d requests were sent over %s: nothing was proved", tr.sent.Load(), lasted)
	}
	if len(tr.failures) > 0 {
		t.Errorf("%d requests failed:\n%s", len(tr.failures), strings.Join(tr.failures[:min(len(tr.failures), 20)], "\n"))
	}
}

// setContent edits one file of a ConfigMap; it also works in a clean-up, when the test's context has ended.
func setContent(t *testing.T, key client.ObjectKey, file, value string) {
	t.Helper()
	setContents(t, key, map[string]string{file: value})
}

// setContents edits files of a ConfigMap at once, and returns all that it held before.
func setContents(t *testing.T, key client.ObjectKey, files map[string]string) (before map[string]string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	cm := corev1.ConfigMap{}
	if err := cluster.Get(ctx, key, &cm); err != nil {
		t.Fatal(err)
	}
	changed := cm.DeepCopy()
	maps.Copy(changed.Data, files)
	if err := cluster.Patch(ctx, changed, client.MergeFrom(&cm)); err != nil {
		t.Fatal(err)
	}
	return cm.Data
}
