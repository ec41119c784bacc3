//go:build e2e

package real

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// tryQuietly is for a test that is over: its context is, too.
func tryQuietly(script string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", script)
	shell.Dir = root
	output, _ := shell.CombinedOutput()
	return string(output)
}

// page asks the Shop's page by way of the API server, so that no port has to be opened.
func page(ctx context.Context, namespace string) error {
	output, err := exec.CommandContext(ctx, "kubectl", "get", "--raw", "/api/v1/namespaces/"+namespace+"/services/linden-page:80/proxy/").CombinedOutput()
	if err != nil || !strings.Contains(string(output), "Linden Living") {
		return fmt.Errorf("the page does not answer: %w\n%s", err, output)
	}
	return nil
}

func answers(t *testing.T, namespace string) {
	t.Helper()
	if err := page(t.Context(), namespace); err != nil {
		t.Error(err)
	}
}

// watcher asks a page all the time.
type watcher struct {
	stop   context.CancelFunc
	done   chan struct{}
	asked  int
	failed []string
}

func watchPage(t *testing.T, namespace string) *watcher {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &watcher{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for ctx.Err() == nil {
			if err := page(ctx, namespace); err != nil && ctx.Err() == nil {
				w.failed = append(w.failed, time.Now().Format(time.TimeOnly)+" "+err.Error())
			}
			w.asked++
			time.Sleep(200 * time.Millisecond)
		}
	}()
	t.Cleanup(stop)
	return w
}

// never ends the watch: the page has answered every time.
func (w *watcher) never(t *testing.T) {
	t.Helper()
	w.stop()
	<-w.done
	t.Logf("the page was asked %d times", w.asked)
	if len(w.failed) > 0 || w.asked < 10 {
		t.Errorf("the page was asked %d times and failed:\n%s", w.asked, strings.Join(w.failed, "\n"))
	}
}

// possessions are what a Shop must not lose, each with its identity, and for workloads the generation: one that rose was
// written to.
func possessions(t *testing.T, namespace string) []string {
	t.Helper()
	const line = `{range .items[*]}{.kind} {.metadata.name} {.metadata.uid} {.metadata.generation}{"\n"}{end}`
	all := strings.Split(strings.TrimSpace(sh(t, "kubectl -n "+namespace+" get shops,persistentvolumeclaims,secrets,deployments -o jsonpath='"+line+"'; "+
		"kubectl -n "+namespace+" get configmaps -l tracking.wismo.dev/key-purpose -o jsonpath='"+line+"'; "+
		"kubectl -n "+namespace+` get shop linden -o jsonpath='{range .status.endpoints[*]}endpoint {.name} {.url}{"\n"}{end}'`)), "\n")
	for _, kind := range []string{"Shop ", "PersistentVolumeClaim ", "Secret ", "Deployment ", "ConfigMap ", "endpoint "} {
		if !slices.ContainsFunc(all, func(l string) bool { return strings.HasPrefix(l, kind) }) {
			t.Errorf("the Shop has no %s:\n%s", kind, strings.Join(all, "\n"))
		}
	}
	slices.Sort(all)
	return all
}
