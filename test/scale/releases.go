package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// How releases move while they are measured, and that the configuration's own walk is over soon.
const (
	unhurriedReload = "budgets: {reloadShopsPerSecond: 1000}\n"
	allAtOnce       = settings + unhurriedReload + "release: {strategy: AllAtOnce}\n"
	inWaves         = settings + unhurriedReload + `release:
  waves:
  - {name: canary, size: 10, maxConcurrent: 100%, bakeSeconds: 5}
  - {name: others, maxConcurrent: 10%, bakeSeconds: 5}
`
)

// reread is longer than the operator takes until it looks at its file again.
const reread = 7 * time.Second

// houseText is the template of the library that every Shop uses; there is another edition of it with each release.
func houseText(edition int) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "wismo-library", Name: "house", Labels: map[string]string{"tracking.wismo.dev/library": ""}},
		Data:       map[string]string{"nl.yaml": fmt.Sprintf("mail.OutForDelivery.subject: Uw pakket is onderweg (%d)\n", edition)},
	}
}

// releases takes all Shops from one house text to the next: twice at once, because only the second leaves a bundle behind
// that is one too many, and then in waves.
func (w *wismo) releases(ctx context.Context) ([]result, error) {
	var table []result
	for edition, way := range []struct{ name, config string }{
		{"wismo, first release, waves off", allAtOnce}, {"wismo, next release, waves off", allAtOnce}, {"wismo, next release, in waves", inWaves},
	} {
		if err := w.configure(ctx, way.config); err != nil {
			return nil, err
		}
		released, err := w.release(ctx, way.name, edition+1)
		if err != nil {
			return nil, err
		}
		table = append(table, released)
	}
	return table, nil
}

// configure changes the operator's file, and lets it look at every Shop.
func (w *wismo) configure(ctx context.Context, text string) error {
	next := w.config() + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		return err
	}
	if err := os.Rename(next, w.config()); err != nil {
		return err
	}
	time.Sleep(reread)
	return w.calm(ctx)
}

// release changes the house text; its time ends when the last Shop says that it runs it.
func (w *wismo) release(ctx context.Context, name string, edition int) (result, error) {
	told := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: "wismo-release"}}
	if err := w.control.kube.Get(ctx, client.ObjectKeyFromObject(told), told); err != nil {
		return result{}, err
	}
	arrived, err := w.control.arrivedShops(ctx, numberOf(told.Data["release"]))
	if err != nil {
		return result{}, err
	}
	defer arrived.stop()
	say("%s", name)
	planner, err := decisions(ctx)
	if err != nil {
		return result{}, err
	}
	n := len(w.namespaces) + 1 // and the one to warm up
	before, own := w.control.usage(), processorTime(w.manager.pid())
	began := time.Now()
	if err := w.control.kube.Update(ctx, houseText(edition)); err != nil {
		return result{}, err
	}
	err = until(ctx, "arrived", 15*time.Minute, func() (int, int, error) { return arrived.count(1), n, nil })
	if err != nil {
		return result{}, w.manager.blamed(err)
	}
	took := time.Since(began)
	own, after := processorTime(w.manager.pid())-own, w.control.usage()
	if err := planner.report(ctx, took); err != nil {
		return result{}, err
	}
	if err := w.calm(ctx); err != nil { // writes after the last Shop has arrived count, too
		return result{}, err
	}
	r := result{
		name: name, shops: n, took: took, client: own, server: after.server - before.server, calls: w.control.calls(before, w.user()),
		rss: memory(w.manager.pid(), "VmRSS"), peak: memory(w.manager.pid(), "VmHWM"),
	}
	return r.tell(), nil
}

// arrivedShops follows all Shops, and says how many of them run a later release than the number.
func (c *control) arrivedShops(ctx context.Context, than int64) (*follower, error) {
	return c.follow(ctx, shopGVK, func(o document) int64 {
		current, _, _ := unstructured.NestedString(o.Object, "status", "release", "current")
		if numberOf(current) > than {
			return 1
		}
		return 0
	})
}

// numberOf is that of a release such as rel-0042; 0 = it is none.
func numberOf(release string) int64 {
	var number int64
	_, _ = fmt.Sscanf(strings.TrimPrefix(release, "rel-"), "%d", &number)
	return number
}

// ticks are the planner's rounds so far: reading, deciding, remembering and telling.
type ticks struct {
	all, short float64 // of them those that only said that it is too early for another one
	seconds    float64
}

// decisions reads the operator's own metrics.
func decisions(ctx context.Context) (ticks, error) {
	text, err := scrape(ctx)
	of := func(what string) float64 { return sample(text, "controller_runtime_reconcile_time_seconds_"+what) }
	return ticks{of(`count{controller="fleet"}`), of(`bucket{controller="fleet",le="0.005"}`), of(`sum{controller="fleet"}`)}, err
}

// report tells what the rounds since then took, of which a short one decided nothing.
func (before ticks) report(ctx context.Context, took time.Duration) error {
	now, err := decisions(ctx)
	rounds, seconds := (now.all-now.short)-(before.all-before.short), now.seconds-before.seconds
	say("planner: %.0f decisions, %.0f ms each with what they read and write, %.1f %% of the time", rounds, 1000*seconds/max(1, rounds), 100*seconds/took.Seconds())
	return err
}

// sample is the value of a series, 0 where there is none.
func sample(text, series string) float64 {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			var value float64
			_, _ = fmt.Sscan(rest, &value)
			return value
		}
	}
	return 0
}
