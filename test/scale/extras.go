package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// extras look at what a fleet needs besides being onboarded.
func (w *wismo) extras(ctx context.Context) error {
	text, err := scrape(ctx)
	if err != nil {
		return err
	}
	say("metrics: %d series with %d Shops", series(text), len(w.namespaces))
	for _, measure := range []func(context.Context) error{w.rest, w.resyncs, w.failover, w.neighbour} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// scrape reads the operator's metrics.
func scrape(ctx context.Context) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:18080/metrics", nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return string(content), err
}

func series(text string) int {
	n := 0
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			n++
		}
	}
	return n
}

// rest restarts the operator: it looks at every Shop, and should write nothing.
func (w *wismo) rest(ctx context.Context) error {
	if err := w.calm(ctx); err != nil { // the drift that was repaired is still told
		return err
	}
	say("a restart, with every Shop at rest")
	w.stop()
	before := w.control.usage()
	var err error
	if w.manager, err = w.start(ctx); err != nil {
		return err
	}
	if err = w.calm(ctx); err != nil {
		return err
	}
	calls := w.control.calls(before, w.user())
	say("restart: %d writes, %d CPU-ms of the manager, RSS %d MiB (peak %d)", writes(calls), processorTime(w.manager.pid()).Milliseconds(),
		memory(w.manager.pid(), "VmRSS"), memory(w.manager.pid(), "VmHWM"))
	for _, call := range most(calls, 6) {
		say("  %s", call)
	}
	return nil
}

// resyncs wakes a hundred Shops twenty times, each time by an annotation on a child that the operator does not own.
func (w *wismo) resyncs(ctx context.Context) error {
	const times = 20
	some := w.namespaces[:min(100, len(w.namespaces))]
	say("%d resyncs of %d Shops", times, len(some))
	before, busy := w.control.usage(), processorTime(w.manager.pid())
	for i := range times {
		touch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"metadata":{"annotations":{"example.com/touched":"%d"}}}`, i))
		err := inParallel(len(some), func(i int) error {
			page := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: some[i], Name: "linden-page"}}
			return w.control.kube.Patch(ctx, page, touch)
		})
		if err != nil {
			return err
		}
		time.Sleep(time.Second)
	}
	if err := w.calm(ctx); err != nil {
		return err
	}
	calls := w.control.calls(before, w.user())
	say("resyncs: %d writes, %.2f CPU-ms of the manager for each of %d", writes(calls),
		float64((processorTime(w.manager.pid())-busy).Microseconds())/1000/float64(times*len(some)), times*len(some))
	for _, call := range most(calls, 6) {
		say("  %s", call)
	}
	return nil
}

// calm waits until the manager has used next to nothing for three seconds.
func (w *wismo) calm(ctx context.Context) error {
	time.Sleep(3 * time.Second)
	for quiet := 0; quiet < 3; {
		before := processorTime(w.manager.pid())
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
		if quiet++; processorTime(w.manager.pid())-before > 50*time.Millisecond {
			quiet = 0
		}
	}
	return nil
}

// failover kills the leader while a second manager waits, and takes the time until an edit is looked at.
func (w *wismo) failover(ctx context.Context) error {
	say("a failover: the leader is killed and leaves its Lease behind")
	w.metricsOff = true
	standby, err := w.start(ctx)
	if err != nil {
		return err
	}
	time.Sleep(5 * time.Second) // its caches fill
	w.manager.end(syscall.SIGKILL)
	w.manager = standby
	began := time.Now()
	generation, err := w.edit(ctx, w.namespaces[0], "After the failover")
	if err != nil {
		return err
	}
	if err := w.observed(ctx, w.namespaces[0], generation); err != nil {
		return err
	}
	say("failover after kill -9: %.1f s", time.Since(began).Seconds())
	return nil
}

// neighbour applies as many Shops again at once, and meanwhile edits one that is Ready, again and again.
func (w *wismo) neighbour(ctx context.Context) error {
	crowd, err := w.control.namespaces(ctx, "crowd", len(w.namespaces))
	if err != nil {
		return err
	}
	ready, err := w.control.readyShops(ctx)
	if err != nil {
		return err
	}
	defer ready.stop()
	say("a noisy neighbour applies %d Shops, and one other Shop is edited", len(crowd))
	before := ready.count(1)
	applied := make(chan error, 1)
	go func() { applied <- w.apply(ctx, crowd) }()
	var took []time.Duration
	for i := 0; ready.count(1) < before+len(crowd)-1; i++ { // the one that is edited rolls all the time
		began := time.Now()
		generation, err := w.edit(ctx, w.namespaces[1], fmt.Sprintf("Edit %d", i))
		if err != nil {
			return err
		}
		if err := w.observed(ctx, w.namespaces[1], generation); err != nil {
			return err
		}
		took = append(took, time.Since(began))
		time.Sleep(100 * time.Millisecond)
	}
	slices.Sort(took)
	say("edits beside %d creates: %d, p50 %d ms, p99 %d ms, longest %d ms", len(crowd), len(took),
		took[len(took)/2].Milliseconds(), took[len(took)*99/100].Milliseconds(), took[len(took)-1].Milliseconds())
	say("manager with %d Shops: RSS %d MiB (peak %d)", before+len(crowd), memory(w.manager.pid(), "VmRSS"), memory(w.manager.pid(), "VmHWM"))
	return <-applied
}
