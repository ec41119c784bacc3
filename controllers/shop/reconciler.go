package shop

import (
	"context"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/hostnames"
	"github.com/wismo-dev/wismo/controllers/shop/keys"
	"github.com/wismo-dev/wismo/controllers/shop/placement"
	"github.com/wismo-dev/wismo/controllers/shop/routes"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/ctrlutil"
	"github.com/wismo-dev/wismo/internal/operator/dnscheck"
	"github.com/wismo-dev/wismo/internal/operator/inputs"
	"github.com/wismo-dev/wismo/internal/operator/namespaces"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/operator/reports"
	"github.com/wismo-dev/wismo/internal/operator/status"
)

// Options are what a Reconciler is made of.
type Options struct {
	Client      client.Client // reads come from the cache
	Live        client.Reader // the API server itself, for what must not be stale
	Gateways    *routes.Gateways
	Gatherer    *inputs.Gatherer
	Namespaces  *namespaces.Namespaces
	Assignments *releases.Assignments // which release each Shop is to run
	Reports     *reports.Poller
	Reloads     <-chan ctrlutil.Wake // Shops to be looked at because the platform's configuration is another one
	Domains     *dnscheck.Prober
	Recorder    events.EventRecorder
	Platform    func() desired.Platform  // what counts now
	Settings    func() dnscheck.Settings // the same, of hostnames
	// Installation is the id of this installation, of which claims of hostnames bear a copy.
	Installation string
	Namespace    string // the operator's own, where hostnames are claimed
	Now          func() time.Time
}

// Reconciler reconciles Shops.
type Reconciler struct {
	Options

	hostnames hostnames.Claims
	routes    routes.Routes
	domains   routes.Domains
	keys      keys.Manager
	placer    *placement.Placer
	workloads workloads.Watcher
	objects   objects
	pods      pods
	activity  activities

	written   workloads.Writes
	releaseOf sync.Map // by Shop, the release that the condition Released speaks of
	writes    status.WriteTracker
}

// New returns a Reconciler.
func New(o Options) *Reconciler {
	cached := o.Gateways.Reader(o.Client)
	applier := apply.Applier{Reader: cached, Live: o.Live, Writer: o.Client, Scheme: o.Client.Scheme(), Answers: &apply.Answers{Now: o.Now}}
	leads := routes.Routes{
		Cached: cached, Live: o.Live, Gateways: o.Gateways,
		Platform: func() desired.Exposure { return o.Platform().Exposure },
	}
	return &Reconciler{
		Options:   o,
		hostnames: hostnames.Claims{Client: o.Client, Live: o.Live, Routes: leads, Namespace: o.Namespace, Installation: o.Installation},
		routes:    leads,
		domains:   routes.Domains{Routes: leads, Prober: o.Domains, Settings: o.Settings},
		keys:      keys.Manager{Client: o.Client, Live: o.Live, Applier: applier, Recorder: o.Recorder},
		placer:    placement.New(o.Assignments, o.Gatherer, o.Live),
		workloads: workloads.Watcher{Client: o.Client, Live: o.Live, Recorder: o.Recorder},
		objects:   objects{Client: o.Client, Live: o.Live, Applier: applier, Platform: o.Platform},
		pods:      pods{Client: o.Client, Reports: o.Reports},
		activity:  activities{Client: o.Client, Live: o.Live, Applier: applier},
	}
}

// vocabulary is the conditions of a Shop; what each means is in internal/conditions.
var vocabulary = status.Vocabulary{
	Ready: []string{
		v1alpha1.ConditionAccepted, v1alpha1.ConditionHostnameAccepted, v1alpha1.ConditionWorkloadsAvailable,
	},
	Operational: []string{
		v1alpha1.ConditionCredentialsAccepted, v1alpha1.ConditionStorageReady, v1alpha1.ConditionSenderVerified,
		v1alpha1.ConditionOrdersFlowing, v1alpha1.ConditionDomainReady,
	},
	Other:     []string{v1alpha1.ConditionReleased},
	WhileTrue: []string{v1alpha1.ConditionFieldsInactive},
}

// Reconcile reconciles one Shop.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	shop := &v1alpha1.Shop{}
	if err := r.Client.Get(ctx, request.NamespacedName, shop); err != nil {
		if apierrors.IsNotFound(err) {
			return r.cleanUp(ctx, request.NamespacedName).Result()
		}
		return ctrl.Result{}, err
	}
	if shop.DeletionTimestamp != nil {
		return r.finalize(ctx, shop).Result()
	}
	now := r.Now()
	told := r.tellActivity(ctx, shop, now)
	if out := r.behind(ctx, shop, now); out.Stops() {
		return told.And(out).Result()
	}
	if deleted, err := r.Namespaces.BeingDeleted(ctx, shop.Namespace); err != nil || deleted {
		return r.leave(ctx, shop, now, err).Result()
	}
	assignment, decided := r.Assignments.Of(request.NamespacedName)
	if !decided {
		return told.Result() // it is named once there is a decision
	}
	if err := r.ensureFinalizer(ctx, shop); err != nil {
		return told.And(outcome.Retry(err)).Result()
	}
	return r.reconcileShop(ctx, shop, assignment, told, now).Result()
}

// tellActivity tells the pods of a Shop its activity, and asks them whether they have read it.
func (r *Reconciler) tellActivity(ctx context.Context, shop *v1alpha1.Shop, now time.Time) outcome.Outcome {
	changed, err := r.activity.keep(ctx, shop, now)
	if err != nil {
		return refusedOrFailed(err)
	}
	if changed {
		r.Reports.AskNow(client.ObjectKeyFromObject(shop))
	}
	return outcome.Done()
}

// reconcileShop applies the spec of a Shop, observes what runs, whatever came of that, and writes the status.
func (r *Reconciler) reconcileShop(ctx context.Context, shop *v1alpha1.Shop, assignment releases.Assignment, told outcome.Outcome, now time.Time) outcome.Outcome {
	key := client.ObjectKeyFromObject(shop)
	w := status.Begin(status.Target{
		Object: shop, Conditions: &shop.Status.Conditions, ObservedGeneration: &shop.Status.ObservedGeneration,
		LastHandledReconcileAt: &shop.Status.LastHandledReconcileAt,
	}, vocabulary, now)
	live, err := workloads.Read(ctx, r.Client, shop, w.Settled(), now)
	if err != nil {
		return outcome.Retry(err)
	}
	if !live.Serve() {
		if deleted, err := r.Namespaces.Ask(ctx, shop.Namespace); err != nil || deleted {
			return r.leave(ctx, shop, now, err)
		}
	}
	about, _ := r.releaseOf.Load(key)
	name, _ := about.(string)
	situation := placement.NewSituation(shop, assignment, live, name)

	built, out := r.applySpec(ctx, w, situation)
	release, seen := r.observe(ctx, w, situation, built)
	out = told.And(out).And(seen)
	if err := w.Commit(ctx, r.Client.Status(), &r.writes, r.Recorder, out); err != nil {
		out = out.And(outcome.Retry(err))
	} else {
		r.releaseOf.Store(key, release.About)
		if before := situation.Before.Place.Current; release.Place.Current != before {
			ctrl.LoggerFrom(ctx).Info("The Shop changed to another release", "release", release.Place.Current, "previous", before)
		}
	}
	if err := r.pods.track(ctx, shop); err != nil {
		out = out.And(outcome.Retry(err))
	}
	return out
}

// leave reports on a Shop whose namespace is being deleted: everything in it goes, and nothing is created or judged any more.
func (r *Reconciler) leave(ctx context.Context, shop *v1alpha1.Shop, now time.Time, err error) outcome.Outcome {
	if err != nil {
		return outcome.Retry(err)
	}
	const message = "the namespace is being deleted, and the Shop with it; if that does not end, see its conditions: kubectl get namespace -o yaml "
	w := status.Begin(status.Target{
		Object: shop, Conditions: &shop.Status.Conditions, ObservedGeneration: &shop.Status.ObservedGeneration,
		LastHandledReconcileAt: &shop.Status.LastHandledReconcileAt,
	}, vocabulary, now)
	w.False(v1alpha1.ConditionWorkloadsAvailable, v1alpha1.ReasonNamespaceBeingDeleted, message+shop.Namespace)
	out := outcome.Await(outcome.MissingTimeout, v1alpha1.ReasonNamespaceBeingDeleted, message+shop.Namespace)
	if err := w.Commit(ctx, r.Client.Status(), &r.writes, r.Recorder, out); err != nil {
		return outcome.Retry(err)
	}
	return out
}

// behind returns a wait while the cache does not show yet what was written of the Shop.
func (r *Reconciler) behind(ctx context.Context, shop *v1alpha1.Shop, now time.Time) outcome.Outcome {
	shown, err := r.written.Visible(ctx, r.Client, client.ObjectKeyFromObject(shop), now)
	switch {
	case err != nil:
		return outcome.Retry(err)
	case !shown || r.writes.IsStale(shop):
		return outcome.Wait(status.StaleRequeue, v1alpha1.ReasonProgressing, "the cache is behind")
	default:
		return outcome.Done()
	}
}

// cleanUp removes what is left of a deleted Shop. It does not need the Shop, so it also works for one deleted while the operator
// was down.
func (r *Reconciler) cleanUp(ctx context.Context, shop types.NamespacedName) outcome.Outcome {
	r.Reports.Forget(shop)
	r.domains.Forget(shop)
	r.placer.Forget(shop)
	r.keys.Forget(shop)
	r.objects.forget(shop)
	r.written.Forget(shop)
	r.releaseOf.Delete(shop)
	r.writes.Forget(shop)
	return r.hostnames.Free(ctx, shop, nil)
}
