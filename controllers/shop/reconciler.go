package shop

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/desired"
	"github.com/wismo-dev/wismo/internal/operator/apply"
	"github.com/wismo-dev/wismo/internal/operator/domain"
	"github.com/wismo-dev/wismo/internal/operator/fleet"
	"github.com/wismo-dev/wismo/internal/operator/gather"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/pace"
	"github.com/wismo-dev/wismo/internal/operator/recent"
	"github.com/wismo-dev/wismo/internal/operator/reports"
	"github.com/wismo-dev/wismo/internal/operator/status"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// Reconciler brings Shops to what their documents say.
type Reconciler struct {
	Client    client.Client // reads come from the cache
	Live      client.Reader // the API server itself, for what must not be stale
	Applier   apply.Applier
	Gatherer  *gather.Gatherer
	Fleet     *fleet.Book // which release each Shop is to run
	Reports   *reports.Poller
	Reloads   <-chan pace.News // Shops to be looked at because the platform's configuration is another one
	Domains   *domain.Prober
	Recorder  events.EventRecorder
	Platform  func() desired.Platform // what counts now
	Settings  func() domain.Settings  // the same, of hostnames
	Namespace string                  // the operator's own, where hostnames are claimed
	Served    []string                // namespaces whose Shops are served; none = all
	Now       func() time.Time

	gateways *gatewayAPI

	bundles recent.Memory[types.NamespacedName, compiled]
	others  recent.Memory[types.NamespacedName, compiled] // the same on another release than the one that it is to run
	posted  posted
	written written
	refused refusedWishes
	ledger  status.Ledger
}

// vocabulary is the conditions of a Shop; see docs/conditions.md.
var vocabulary = status.Vocabulary{
	Ready: []string{
		v1alpha1.ConditionAccepted, v1alpha1.ConditionHostnameAccepted, v1alpha1.ConditionWorkloadsAvailable,
	},
	Operational: []string{
		v1alpha1.ConditionCredentialsAccepted, v1alpha1.ConditionStorageReady, v1alpha1.ConditionSenderVerified,
		v1alpha1.ConditionOrdersFlowing, v1alpha1.ConditionDomainReady,
	},
	Aside: []string{v1alpha1.ConditionReleased},
}

// scope is one reconciliation: what was read, what the steps found out, and what they have to say.
type scope struct {
	shop   *v1alpha1.Shop
	now    time.Time
	status *status.Writer

	assignment  fleet.Assignment
	edition     *fleet.Edition                          // to be rendered; nil = the Shop stays as it is
	deployments map[bundle.Component]*appsv1.Deployment // as they were at the beginning
	running     string                                  // the release that they run; "" = none
	clash       rollout.Mark                            // of the latest release, if what the Shop brings itself does not fit it
	failure     string                                  // why the Shop cannot be moved to where it is to be
	invalid     string                                  // the release with which the Shop cannot be rendered by its own fault
	tooOld      string                                  // the release that does not do what the Shop asks for, and a later one does
	began       time.Time                               // when its pods were last replaced for a release; zero = never, or not known
	relabelled  bool                                    // it moves to a release that changes nothing for it
	retreated   string                                  // why a Deployment runs what served before; "" = none does

	hostnames []string
	output    compile.Output         // the bundle that should run; without a Document if there is none
	wanted    []compile.GeneratedKey // keys that the spec asks for, even where it makes no bundle
	keys      []desired.KeyRecord    // that there are
	rings     desired.Rings          // the names under which pods mount them
	objects   []desired.Object       // what it needs
	rolled    bool                   // a Deployment was changed just now
	refusal   string                 // why the volume cannot become as the spec says; "" = it can
	reports   []bundle.Report
	scaled    map[string]bool // Deployments that an autoscaler of somebody else acts on

	waiting map[string]*waiting // of each Deployment that is not complete: a pod that no node takes, or nil
	tight   []bundle.Component  // whose old pod goes first in this roll
	look    time.Duration       // look again after it at the latest; 0 = a watch will tell
}

// step does one thing, or says why it cannot.
type step func(context.Context, *scope) outcome.Outcome

// Reconcile looks at one Shop.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	shop := &v1alpha1.Shop{}
	if err := r.Client.Get(ctx, request.NamespacedName, shop); err != nil {
		if apierrors.IsNotFound(err) {
			return r.gone(ctx, request.NamespacedName).Result()
		}
		return ctrl.Result{}, err
	}
	if shop.DeletionTimestamp != nil {
		return r.finalize(ctx, shop).Result()
	}
	now := r.Now()
	if out := r.behind(ctx, shop, now); out.Stops() {
		return out.Result()
	}
	assignment, decided := r.Fleet.Of(request.NamespacedName)
	if !decided {
		return ctrl.Result{}, nil // it is named once there is a decision
	}
	if err := r.guard(ctx, shop); err != nil {
		return outcome.Retry(err).Result()
	}
	s := &scope{shop: shop, assignment: assignment, now: now, status: status.Begin(status.Target{
		Object: shop, Conditions: &shop.Status.Conditions, ObservedGeneration: &shop.Status.ObservedGeneration,
		LastHandledReconcileAt: &shop.Status.LastHandledReconcileAt,
	}, vocabulary, now)}

	out := run(ctx, s, r.assign, r.autoscalers, r.refresh, r.claim, r.routable, r.build, r.release)
	out = out.And(r.observe(ctx, s))
	if err := s.status.Commit(ctx, r.Client.Status(), &r.ledger, r.Recorder, out); err != nil {
		out = out.And(outcome.Retry(err))
	}
	if err := r.track(ctx, s); err != nil {
		out = out.And(outcome.Retry(err))
	}
	return out.Result()
}

// run takes the steps in order, up to the first that says stop.
func run(ctx context.Context, s *scope, steps ...step) outcome.Outcome {
	out := outcome.Done()
	for _, next := range steps {
		if out = out.And(next(ctx, s)); out.Stops() {
			break
		}
	}
	return out
}

// gone tidies up after a Shop that is no more. It needs nothing of the Shop, so it works after the operator was away.
func (r *Reconciler) gone(ctx context.Context, shop types.NamespacedName) outcome.Outcome {
	r.Reports.Forget(shop)
	r.Domains.Forget(shop)
	r.bundles.Drop(shop)
	r.others.Drop(shop)
	r.ledger.Forget(shop)
	r.posted.forget(shop)
	r.written.shops.Delete(shop)
	r.refused.byShop.Delete(shop)
	return r.free(ctx, shop, nil)
}
