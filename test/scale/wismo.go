package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// settings is the operator's configuration, without the checks that need DNS or other hosts.
const settings = `houseRelay: {host: relay.mail.svc, port: 25, tls: None, domain: mail.platform.example}
exposure: {checkDomains: Disabled}
`

// wismo is the operator's released binary, run as a process.
type wismo struct {
	control    *control
	binary     string
	namespaces []string
	manager    *process
	starts     int
	metricsOff bool // another manager has the port
}

func (w *wismo) start(ctx context.Context) (*process, error) {
	if err := os.WriteFile(w.config(), []byte(settings), 0o600); err != nil {
		return nil, err
	}
	metrics := "127.0.0.1:18080"
	if w.metricsOff {
		metrics = "0"
	}
	w.starts++
	env := []string{"RELATED_IMAGE_TRACKING_PAGE=image:1", "RELATED_IMAGE_NOTIFIER=image:1", "GOGC=25"} // as config/manager has it
	return w.control.startProcess(ctx, fmt.Sprintf("manager-%d", w.starts), w.binary, env,
		"--namespace="+operatorNamespace, "--config="+w.config(), "--metrics-bind-address="+metrics, "--health-probe-bind-address=0")
}

func (w *wismo) config() string { return filepath.Join(w.control.dir, "config.yaml") }

func (w *wismo) user() string { return fmt.Sprintf("manager-%d", w.starts) }

func (w *wismo) stop() {
	if w.manager != nil {
		w.manager.end(syscall.SIGTERM)
		w.manager = nil
	}
}

// onboard starts the operator and applies n Shops; its time ends when the last one is Ready.
func (w *wismo) onboard(ctx context.Context, n int) (result, error) {
	var err error
	if w.manager, err = w.start(ctx); err != nil {
		return result{}, err
	}
	if err := w.one(ctx, "warm"); err != nil {
		return result{}, w.manager.blamed(err)
	}
	if w.namespaces, err = w.control.namespaces(ctx, "wismo", n); err != nil {
		return result{}, err
	}
	ready, err := w.control.readyShops(ctx)
	if err != nil {
		return result{}, err
	}
	defer ready.stop()
	say("wismo onboards %d Shops", n)
	before, client := w.control.usage(), processorTime(w.manager.pid())
	began := time.Now()
	if err := w.apply(ctx, w.namespaces); err != nil {
		return result{}, err
	}
	err = until(ctx, "Ready", 30*time.Minute, func() (int, int, error) { return ready.count(1), n + 1, nil })
	took := time.Since(began)
	client, after := processorTime(w.manager.pid())-client, w.control.usage()
	if err != nil {
		return result{}, w.manager.blamed(err)
	}
	r := result{
		name: "wismo", shops: n, took: took, client: client, server: after.server - before.server, calls: w.control.calls(before, w.user()),
		rss: memory(w.manager.pid(), "VmRSS"), peak: memory(w.manager.pid(), "VmHWM"),
	}
	_ = r.tell()
	r.drift, err = w.control.repaired(ctx, w.namespaces[n-1])
	return r, err
}

func (w *wismo) apply(ctx context.Context, namespaces []string) error {
	return inParallel(len(namespaces), func(i int) error { return w.control.kube.Create(ctx, shopOf(namespaces[i])) })
}

// one onboards a single Shop, to see that the operator leads.
func (w *wismo) one(ctx context.Context, name string) error {
	if err := w.control.kube.Create(ctx, namespace(name)); err != nil {
		return err
	}
	if err := w.control.kube.Create(ctx, shopOf(name)); err != nil {
		return err
	}
	return w.observed(ctx, name, 1)
}

// observed waits until the operator has looked at the Shop's generation.
func (w *wismo) observed(ctx context.Context, namespace string, generation int64) error {
	shop := shopOf(namespace)
	return until(ctx, "a Shop is looked at", 2*time.Minute, func() (int, int, error) {
		err := w.control.kube.Get(ctx, client.ObjectKeyFromObject(shop), shop)
		seen, _, _ := unstructured.NestedInt64(shop.Object, "status", "observedGeneration")
		if seen >= generation {
			return 1, 1, err
		}
		return 0, 1, err
	})
}

// edit changes the Shop's name and returns the new generation.
func (w *wismo) edit(ctx context.Context, namespace, name string) (int64, error) {
	shop := shopOf(namespace)
	err := w.control.kube.Patch(ctx, shop, client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"displayName":%q}}`, name)))
	return shop.GetGeneration(), err
}
