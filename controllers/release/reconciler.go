// Package release reconciles the releases of the platform: it creates a release when the content for Shops changes, asks the
// planner which Shops may move, stores what must survive a restart, and reports to the Shops' controller and to people. It has one
// key and one worker. It writes no object of a Shop.
package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/operator/namespaces"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

const (
	// quietTime is how long the library must be unchanged before it becomes a release, because the objects of a directory are applied
	// one after the other. The first release does not wait.
	quietTime = time.Second
	// The pause after a decision is pauseFactor times as long as the decision took, at least minPause and at most maxPause, so that
	// a slow API server does not delay a halt by minutes. The next decision considers all changes since the last one.
	minPause    = 200 * time.Millisecond
	pauseFactor = 10
	maxPause    = 5 * time.Second
	// resync is after how long to decide again if nothing changes.
	resync = 10 * time.Minute
	// pruneEvery is the interval at which old releases are deleted.
	pruneEvery = time.Minute
)

// Reconciler decides which Shop runs which release.
type Reconciler struct {
	Client       client.Client // reads come from the cache
	Namespaces   *namespaces.Namespaces
	Store        *releases.Store
	Library      *releases.Library
	Editions     *releases.Editions
	Assignments  *releases.Assignments
	Trigger      *releases.Trigger
	StatusWriter *releases.StatusWriter
	Metrics      *releases.Metrics
	Images       func() release.Images // of the current configuration
	Policy       func() rollout.Policy // of the current configuration
	Now          func() time.Time

	gate        releases.Gate
	observer    releases.Observer
	assigned    map[string]rollout.AssignedRelease
	nextAllowed time.Time     // when the next decision may be made
	pause       time.Duration // how long after the last one that was
	pending     pending
	pruned      time.Time
}

// pending is content that has changed within quietTime.
type pending struct {
	hash  string
	since time.Time
}

// observed is the state of the cluster that a reconciliation has read.
type observed struct {
	now       time.Time
	inventory releases.Inventory
	latest    *releases.Edition // nil = there is none, or its content is lost
	shops     []shop
	problems  []string // of stored releases, one line each
}

// candidate is the result of checking the content for a new release.
type candidate struct {
	libraryProblems []releases.LibraryProblem // in the library
	wait            time.Duration             // until the content has been quiet for long enough; 0 = there is nothing to wait for
	err             error                     // why a release could not be created
}

// decision is the output of the planner.
type decision struct {
	rollout.Output

	running []string // the releases that Shops run, or move to
}

// Reconcile decides which Shops may move. A step that fails keeps the later ones from running, but for the candidate: an
// unreadable library must not stop a rollback.
func (r *Reconciler) Reconcile(ctx context.Context, _ ctrl.Request) (ctrl.Result, error) {
	now := r.Now()
	if wait := r.nextAllowed.Sub(now); wait > 0 && wait <= r.pause { // longer, if the clock was set back
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	defer func() {
		r.pause = pauseAfter(r.Now().Sub(now))
		r.nextAllowed = r.Now().Add(r.pause)
	}()
	found, err := r.observe(ctx, now)
	if err != nil {
		return ctrl.Result{}, err
	}
	found, candidate := r.createRelease(ctx, found)
	if candidate.err != nil && found.inventory.Latest() == nil {
		return ctrl.Result{}, candidate.err // without a release there is nothing to decide
	}
	after, err := r.decideAndPublish(ctx, found, candidate)
	if err = errors.Join(candidate.err, err); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: after}, nil
}

// decideAndPublish runs the planner, stores the progress with the release, publishes the assignments and the status, and returns after
// how long to decide again at the latest.
func (r *Reconciler) decideAndPublish(ctx context.Context, found observed, c candidate) (time.Duration, error) {
	decided, err := r.decide(ctx, found)
	if err != nil {
		return 0, err
	}
	if latest := found.inventory.Latest(); latest != nil { // before a Shop acts on the decision
		if err := r.Store.SaveProgress(ctx, latest, decided.Progress, found.now); err != nil {
			return 0, err
		}
	}
	problems, err := r.publish(ctx, found, decided)
	if err != nil {
		return 0, err
	}
	wait, err := r.report(ctx, found, c, decided, problems)
	if err != nil {
		return 0, err
	}
	after := earliest(resync, c.wait, wait)
	if due := decided.Next; !due.IsZero() {
		after = earliest(after, max(minPause, due.Sub(r.Now())))
	}
	return after, r.prune(ctx, found, decided)
}

// earliest returns the shortest of the durations, of which those that are not positive do not count.
func earliest(first time.Duration, others ...time.Duration) time.Duration {
	for _, d := range others {
		if d > 0 {
			first = min(first, d)
		}
	}
	return first
}

// pauseAfter returns how long to wait after a decision that took so long.
func pauseAfter(took time.Duration) time.Duration {
	return min(max(minPause, pauseFactor*took), maxPause)
}

// observe reads the releases and the Shops.
func (r *Reconciler) observe(ctx context.Context, now time.Time) (observed, error) {
	found := observed{now: now}
	var err error
	if found.inventory, err = r.Store.All(ctx, now); err != nil {
		return found, err
	}
	var problem string
	if found.latest, problem, err = r.edition(ctx, found.inventory, found.inventory.Latest()); err != nil {
		return found, err
	}
	found.problems = found.inventory.Damaged
	if problem != "" {
		found.problems = append(slices.Clone(found.problems), problem)
	}
	found.shops, err = r.listShops(ctx)
	return found, err
}

// edition reads the content of a release. If that is lost, it returns nil and the problem, and marks the release as unusable, so that
// no Shop moves to it.
func (r *Reconciler) edition(ctx context.Context, inventory releases.Inventory, revision *releases.Revision) (*releases.Edition, string, error) {
	if revision == nil {
		return nil, "", nil
	}
	edition, err := r.Editions.Of(ctx, inventory, revision)
	switch {
	case err == nil:
		return edition, "", nil
	case client.IgnoreNotFound(err) != nil:
		return nil, "", err
	default:
		revision.Release.Unusable = true
		return nil, fmt.Sprintf("content of release %s is missing, so no Shop can move to it: %v", revision.Release.Name, err), nil
	}
}

// decide asks the planner.
func (r *Reconciler) decide(ctx context.Context, found observed) (decision, error) {
	in, running, err := r.plannerInput(ctx, found)
	if err != nil {
		return decision{}, err
	}
	return decision{rollout.Decide(in), running}, nil
}

// publish hands the decision to the Shops' controller, and returns what is wrong with the releases that it names.
func (r *Reconciler) publish(ctx context.Context, found observed, decided decision) ([]string, error) {
	assigned, used, problems, err := r.assign(ctx, found, decided)
	if err != nil {
		return nil, err
	}
	r.assigned = decided.Assigned
	r.Assignments.Publish(assigned, used)
	r.observer.Forget(assigned)
	r.Editions.Forget(used)
	return problems, nil
}

// report writes metrics, the status and events, and returns when to write the status again; 0 = when something changes.
func (r *Reconciler) report(ctx context.Context, found observed, c candidate, decided decision, problems []string) (time.Duration, error) {
	problems = slices.Concat(found.problems, problems)
	for _, revision := range found.inventory.Releases {
		for _, unreadable := range revision.Unreadable {
			problems = append(problems, revision.Release.Name+": "+unreadable)
		}
	}
	r.Metrics.Note(decided.Output, len(c.libraryProblems), found.now)
	return r.StatusWriter.Write(ctx, releases.Decision{
		Inventory: found.inventory, Output: decided.Output, Policy: r.Policy(), LibraryProblems: c.libraryProblems, Problems: problems, Now: found.now,
	})
}

// prune deletes old releases, at intervals of pruneEvery.
func (r *Reconciler) prune(ctx context.Context, found observed, decided decision) error {
	if since := found.now.Sub(r.pruned); since >= 0 && since < pruneEvery {
		return nil
	}
	r.pruned = found.now
	return r.Store.Prune(ctx, found.inventory, r.referred(found, decided), found.now)
}
