// Package configreload applies a changed configuration without a restart: it rereads the file, reports the result (log, metric, event,
// the ConfigMap wismo-status), and has the Shops reconciled at the configured rate. It does not interpret the configuration.
package configreload

import (
	"context"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/config"
	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
)

// Interval is how often the file is looked at: the kubelet needs longer to bring a change.
const Interval = 5 * time.Second

// Reloader rereads. It is a Runnable of the manager. Every replica rereads; only the leader reports and wakes.
type Reloader struct {
	source   *config.Source
	shops    client.Reader // the cache
	status   statusWriter
	elected  <-chan struct{}
	interval time.Duration
	metrics  metrics

	wakeRequested chan struct{}
	subscribers   []chan ctrlutil.Wake
	callbacks     []func()
	stopWalk      context.CancelFunc
}

// Options is what a Reloader needs.
type Options struct {
	Source    *config.Source
	Manager   ctrl.Manager
	Namespace string // the operator's own
	Version   string
	Interval  time.Duration // 0 = Interval
	Registry  prometheus.Registerer
}

// New returns a Reloader for the manager.
func New(o Options) (*Reloader, error) {
	r := &Reloader{
		source: o.Source, shops: o.Manager.GetClient(), elected: o.Manager.Elected(), wakeRequested: make(chan struct{}, 1), interval: o.Interval, metrics: newMetrics(),
		status: statusWriter{
			live: o.Manager.GetAPIReader(), client: o.Manager.GetClient(), recorder: o.Manager.GetEventRecorder("wismo"),
			namespace: o.Namespace, version: o.Version,
		},
	}
	if r.interval == 0 {
		r.interval = Interval
	}
	return r, r.metrics.register(o.Registry)
}

// Subscribe returns a channel that names the Shops to be looked at again, one after the other. Call it before Start.
func (r *Reloader) Subscribe() <-chan ctrlutil.Wake {
	wakes := make(chan ctrlutil.Wake)
	r.subscribers = append(r.subscribers, wakes)
	return wakes
}

// Notify has f called whenever another configuration begins to count. It has to return at once. Call it before Start.
func (r *Reloader) Notify(f func()) { r.callbacks = append(r.callbacks, f) }

// Wake has every Shop looked at again, at the same pace as after a change of the file: something else changed that
// concerns them all. It returns at once.
func (r *Reloader) Wake() {
	select {
	case r.wakeRequested <- struct{}{}:
	default: // a walk is about to begin anyway
	}
}

// NeedLeaderElection lets a standby reread as well: when it leads, it knows what counts.
func (r *Reloader) NeedLeaderElection() bool { return false }

// Start rereads until the context ends.
func (r *Reloader) Start(ctx context.Context) error {
	look := time.NewTicker(r.interval)
	defer look.Stop()
	elected := r.elected
	r.record(ctx, r.source.Err())
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-elected:
			elected = nil // once
			r.status.write(ctx, r.source, nil)
		case <-r.wakeRequested:
			if elected == nil {
				r.wakeAll(ctx)
			}
		case <-look.C:
			before := r.source.Current()
			if r.source.Reread() {
				r.changed(ctx, before, elected == nil)
			}
		}
	}
}

// changed reports the file that is there now, and has the Shops reconciled if it takes effect.
func (r *Reloader) changed(ctx context.Context, before config.Config, leads bool) {
	err := r.source.Err()
	r.record(ctx, err)
	later := config.NextStart(before, r.source.Current())
	if len(later) > 0 {
		ctrl.LoggerFrom(ctx).Info("Some changed settings take effect when the operator restarts", "fields", strings.Join(later, ", "))
	}
	if !leads {
		return
	}
	r.status.write(ctx, r.source, later)
	if err == nil {
		for _, f := range r.callbacks {
			f()
		}
		r.wakeAll(ctx)
	}
}

// wakeAll begins to bring what changed to the Shops.
func (r *Reloader) wakeAll(ctx context.Context) {
	if r.stopWalk != nil {
		r.stopWalk() // the next walk reaches the Shops that this one did not
	}
	var walk context.Context
	walk, r.stopWalk = context.WithCancel(ctx)
	go r.walk(walk, time.Second/time.Duration(r.source.Current().Budgets.ReloadShopsPerSecond))
}

// record writes log and metrics.
func (r *Reloader) record(ctx context.Context, err error) {
	if err != nil {
		r.metrics.successful.Set(0)
		ctrl.LoggerFrom(ctx).Error(err, "Refused the configuration file; the previous configuration stays in effect")
		return
	}
	r.metrics.successful.Set(1)
	r.metrics.successTime.SetToCurrentTime()
	ctrl.LoggerFrom(ctx).Info("Loaded the configuration")
}

// walk wakes every Shop once, with a pause after each.
func (r *Reloader) walk(ctx context.Context, pause time.Duration) {
	list := &v1alpha1.ShopList{}
	if err := r.shops.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Failed to list the Shops; each picks up the new configuration at its next reconciliation")
		return
	}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for i := range list.Items {
		news := ctrlutil.WakeFor(client.ObjectKeyFromObject(&list.Items[i]))
		for _, s := range r.subscribers {
			select {
			case s <- news:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	ctrl.LoggerFrom(ctx).Info("Queued all Shops for reconciliation", "shops", len(list.Items))
}
