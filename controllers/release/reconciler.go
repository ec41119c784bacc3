// Package release reconciles the releases of the platform: it makes a new one of what has changed, asks the planner what
// may move, remembers what must not be forgotten, and tells the Shops' controller and people. There is one of it, with
// one key. It writes nothing of any Shop.
package release

import (
	"context"
	"errors"
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

const (
	// quietTime is how long the library has to be quiet before it becomes a release: who applies a folder writes one object
	// after the other. The first release waits for nobody.
	quietTime = time.Second
	// minPause is the least time between two decisions, and rest how many times as long as the last one took, up to
	// longestRest: an answer of the API server that took seconds must not put off a halt by minutes. What happens meanwhile
	// is decided about together.
	minPause    = 200 * time.Millisecond
	pauseFactor = 10
	maxPause    = 5 * time.Second
	// resync is when to look if nothing happens.
	resync = 10 * time.Minute
	// pruneEvery is how often old releases are looked for.
	pruneEvery = time.Minute
)

// Reconciler decides about the fleet.
type Reconciler struct {
	Client       client.Client // reads come from the cache
	Store        *releases.Store
	Library      *releases.Library
	Editions     *releases.Editions
	Assignments  *releases.Assignments
	Trigger      *releases.Trigger
	StatusWriter *releases.StatusWriter
	Metrics      *releases.Metrics
	Images       func() release.Images // what the configuration says now
	Policy       func() rollout.Policy // the same
	Now          func() time.Time

	gate        releases.Gate
	observer    releases.Observer
	permitted   map[string]rollout.Permit
	nextAllowed time.Time     // when the next decision may be made
	pause       time.Duration // how long after the last one that was
	pending     pending
	pruned      time.Time
}

// pending is a candidate that is not quiet yet.
type pending struct {
	hash  string
	since time.Time
}

// round is one decision: what it is made of, and what it came to.
type round struct {
	now     time.Time
	shelf   releases.Inventory
	latest  *releases.Edition // nil = there is none, or its content is lost
	shops   []shop
	running []string // the releases that Shops run, or move to
	faults  []releases.Fault
	// problems are others than faults; wrong is what kept a part of this round from being done.
	problems     []string
	candidateErr error
	out          rollout.Output
	requeueAfter time.Duration // look again after it at the latest
}

// lookAfter asks for another look after d at the latest; 0 = none.
func (r *round) lookAfter(d time.Duration) {
	if d > 0 && d < r.requeueAfter {
		r.requeueAfter = d
	}
}

// Reconcile decides. Whatever it cannot do, it does not keep it from what is there for safety: an unreadable library
// stops no rollback.
func (r *Reconciler) Reconcile(ctx context.Context, _ ctrl.Request) (ctrl.Result, error) {
	now := r.Now()
	if wait := r.nextAllowed.Sub(now); wait > 0 && wait <= r.pause { // longer, if the clock was set back
		return ctrl.Result{RequeueAfter: wait}, nil
	}
	defer func() {
		r.pause = pauseAfter(r.Now().Sub(now))
		r.nextAllowed = r.Now().Add(r.pause)
	}()
	s := &round{now: now, requeueAfter: resync}
	for _, step := range []func(context.Context, *round) error{r.read, r.ship, r.decide, r.latch, r.publish, r.tell, r.prune} {
		if err := step(ctx, s); err != nil {
			return ctrl.Result{}, errors.Join(s.candidateErr, err)
		}
	}
	if s.candidateErr != nil {
		return ctrl.Result{}, s.candidateErr
	}
	if due := s.out.Next; !due.IsZero() {
		s.lookAfter(max(minPause, due.Sub(r.Now())))
	}
	return ctrl.Result{RequeueAfter: s.requeueAfter}, nil
}

// pauseAfter is how long to wait after a decision that took so long.
func pauseAfter(took time.Duration) time.Duration {
	return min(max(minPause, pauseFactor*took), maxPause)
}

// read gathers the releases and the Shops.
func (r *Reconciler) read(ctx context.Context, s *round) error {
	var err error
	if s.shelf, err = r.Store.All(ctx, s.now); err != nil {
		return err
	}
	s.problems = append(s.problems, s.shelf.Damaged...)
	if s.latest, err = r.edition(ctx, s, s.shelf.Latest()); err != nil {
		return err
	}
	s.shops, err = r.list(ctx)
	return err
}

// edition reads a release; nil = its content is lost, and no Shop can move to it.
func (r *Reconciler) edition(ctx context.Context, s *round, revision *releases.Revision) (*releases.Edition, error) {
	if revision == nil {
		return nil, nil
	}
	edition, err := r.Editions.Of(ctx, s.shelf, revision)
	if client.IgnoreNotFound(err) != nil {
		return nil, err
	}
	if err != nil {
		revision.Release.Unusable = true
		s.problems = append(s.problems, fmt.Sprintf("content of release %s is missing, so no Shop can move to it: %v", revision.Release.Name, err))
	}
	return edition, nil
}

// decide asks the planner.
func (r *Reconciler) decide(ctx context.Context, s *round) error {
	in, err := r.input(ctx, s)
	if err != nil {
		return err
	}
	s.out = rollout.Decide(in)
	return nil
}

// latch writes what must not be forgotten, before anybody acts on it.
func (r *Reconciler) latch(ctx context.Context, s *round) error {
	latest := s.shelf.Latest()
	if latest == nil {
		return s.candidateErr
	}
	return r.Store.Latch(ctx, latest, s.out.Latches, s.now)
}

// publish lets the Shops act.
func (r *Reconciler) publish(ctx context.Context, s *round) error {
	assigned, used, err := r.assign(ctx, s)
	if err != nil {
		return err
	}
	r.permitted = s.out.Permitted
	r.Assignments.Publish(assigned, used)
	r.observer.Forget(assigned)
	r.Editions.Forget(used)
	return nil
}

// tell says it to people.
func (r *Reconciler) tell(ctx context.Context, s *round) error {
	for _, revision := range s.shelf.Releases {
		for _, unread := range revision.Unreadable {
			s.problems = append(s.problems, revision.Release.Name+": "+unread)
		}
	}
	r.Metrics.Note(s.out, len(s.faults), s.now)
	look, err := r.StatusWriter.Write(ctx, releases.Decision{
		Inventory: s.shelf, Output: s.out, Policy: r.Policy(), Faults: s.faults, Problems: s.problems, Now: s.now,
	})
	s.lookAfter(look)
	return err
}

// prune removes old releases, once in a while.
func (r *Reconciler) prune(ctx context.Context, s *round) error {
	if since := s.now.Sub(r.pruned); since >= 0 && since < pruneEvery {
		return nil
	}
	r.pruned = s.now
	return r.Store.Prune(ctx, s.shelf, r.referred(s), s.now)
}
