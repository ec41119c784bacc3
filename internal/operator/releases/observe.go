package releases

import (
	"cmp"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/compile"
	"github.com/wismo-dev/wismo/internal/operator/rollouthealth"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// podCreationTime is how long the Deployment controller may take to create the pods of a rollout: without later progress, the
// rollout counts as stuck since it began.
const podCreationTime = time.Minute

// Observer turns what the cluster shows of a Shop into what the planner reads. It remembers what it saw, so that a Shop's own edit
// does not count as a failure of the release: without that memory, after a restart, it is only more careful. It is for one
// goroutine.
type Observer struct {
	known map[types.NamespacedName]observation
}

// observation is what was seen of one Shop since it moved to its release.
type observation struct {
	release       string
	began         time.Time
	served        bool // all of it has served since then
	serving       bool
	since         time.Time
	interruptions int
	halfMoved     time.Time // when only one of the two was first seen to name the release; zero = that is not so
	unreported    time.Time // when a change was first seen on which its controller has not reported yet; zero = none
}

// Snapshot is one Shop with its Deployments at one moment.
type Snapshot struct {
	Shop *v1alpha1.Shop
	// Page and Notifier are the Shop's Deployments; nil = it has none.
	Page, Notifier *appsv1.Deployment
	// First is the oldest release: what runs without a release's name has been there before releases were.
	First string
	Now   time.Time
}

// Observe returns what the planner reads of the Shop, but for what depends on the content of releases.
func (e *Observer) Observe(s Snapshot) rollout.Shop {
	seen := rollout.Shop{
		ID: s.Shop.Namespace + "/" + s.Shop.Name, UID: string(s.Shop.UID), Labels: s.Shop.Labels,
		Created: s.Shop.CreationTimestamp.Time, Mode: rollout.Auto,
		Suspended: compile.ActivityOf(s.Shop).Activity == bundle.Suspended, Deleting: s.Shop.DeletionTimestamp != nil,
	}
	if choice := s.Shop.Spec.Release; choice != nil {
		seen.Mode = rollout.Mode(cmp.Or(choice.Policy, v1alpha1.ReleaseAuto))
		seen.Pinned = string(choice.Name)
	}
	page, notifier := s.workload(s.Page), s.workload(s.Notifier)
	if !page.present && !notifier.present {
		delete(e.known, types.NamespacedName{Namespace: s.Shop.Namespace, Name: s.Shop.Name})
		return seen
	}
	seen.Running, seen.Moving = releases(page, notifier)
	latest := lastMoved(page, notifier)
	seen.LastGood, seen.RolloutStarted = latest.before, latest.began
	seen.Failed = laterAttempt(page.failed, notifier.failed)
	seen.UnhealthyBefore = laterAttempt(page.unhealthyBefore, notifier.unhealthyBefore)
	seen.IncompatibleWith = laterAttempt(page.incompatibleWith, notifier.incompatibleWith)
	e.health(s, &seen, page, notifier)
	return seen
}

// Forget drops what was seen of Shops that are no more.
func (e *Observer) Forget(there map[types.NamespacedName]Assignment) {
	for shop := range e.known {
		if _, ok := there[shop]; !ok {
			delete(e.known, shop)
		}
	}
}

func (s Snapshot) workload(d *appsv1.Deployment) workload {
	if d == nil {
		return workload{}
	}
	w := workloadOf(d)
	w.release = cmp.Or(w.release, s.First)
	return w
}

// releases returns the older one that the two carry and, if they differ, the newer one.
func releases(a, b workload) (running, moving string) {
	switch {
	case !b.present || a.release == b.release:
		return a.release, ""
	case !a.present:
		return b.release, ""
	}
	one, _ := release.Number(a.release)
	other, _ := release.Number(b.release)
	if one < other {
		return a.release, b.release
	}
	return b.release, a.release
}

// lastMoved returns the one that moved last.
func lastMoved(a, b workload) workload {
	if !a.present || (b.present && b.began.After(a.began)) {
		return b
	}
	return a
}

func laterAttempt(a, b rollout.AttemptRef) rollout.AttemptRef {
	one, _ := release.Number(a.Release)
	other, _ := release.Number(b.Release)
	if cmp.Or(cmp.Compare(one, other), cmp.Compare(a.Attempt, b.Attempt)) < 0 {
		return b
	}
	return a
}

// health reports whether the Shop serves, and since when, and remembers it.
func (e *Observer) health(s Snapshot, seen *rollout.Shop, page, notifier workload) {
	key := types.NamespacedName{Namespace: s.Shop.Namespace, Name: s.Shop.Name}
	now := observation{release: cmp.Or(seen.Moving, seen.Running), began: seen.RolloutStarted}
	before := e.before(key, now, seen.Moving != "")
	now.served, now.interruptions = before.served, before.interruptions
	complete := page.complete && notifier.complete
	switch {
	case !page.available || !notifier.available:
		now.since = latest(seen.RolloutStarted, s.unavailableSince(page, notifier))
	case complete || before.served: // a roll of a Shop that has served on this release is one of its own
		now.serving, now.served = true, true
		now.since = before.servingSince(page, notifier, complete)
	default:
		if page.unreported || notifier.unreported {
			now.unreported = cmp.Or(before.unreported, s.Now)
		}
		// It may be a name alone: then what else it says is as old as the pods.
		now.since = latest(rollingSince(seen.RolloutStarted, s), now.unreported)
	}
	if before.interruptedBy(now) {
		now.interruptions++
	}
	if seen.Moving != "" {
		now.halfMoved = cmp.Or(before.halfMoved, s.Now)
		// Where no pod is replaced, no Deployment says when it began to name the release: it may run the same for months.
		seen.RolloutStarted = latest(seen.RolloutStarted, now.halfMoved)
	}
	e.remember(key, now)
	seen.Serving, seen.ServingChanged, seen.Interruptions = now.serving, now.since, now.interruptions
}

// before returns what was seen of the Shop since it moved to its release; zero = nothing. While only one of the two has moved,
// and that may be the work of an operator that died in between, what serves says nothing of what both will do.
func (e *Observer) before(key types.NamespacedName, now observation, halfMoved bool) observation {
	before := e.known[key]
	if before.release != now.release || !before.began.Equal(now.began) || before.halfMoved.IsZero() == halfMoved {
		return observation{}
	}
	return before
}

func (e *Observer) remember(key types.NamespacedName, now observation) {
	if e.known == nil {
		e.known = map[types.NamespacedName]observation{}
	}
	e.known[key] = now
}

// interruptedBy reports whether a Shop that served lost that in between.
func (before observation) interruptedBy(now observation) bool {
	return before.serving && (!now.serving || now.since.After(before.since))
}

// servingSince returns since when a Shop serves that was seen as before.
func (before observation) servingSince(page, notifier workload, complete bool) time.Time {
	since := latest(page.availableSince, notifier.availableSince)
	switch {
	case before.serving:
		return latest(before.since, since)
	case complete:
		return latest(since, latest(page.completeSince, notifier.completeSince))
	default:
		return since
	}
}

// unavailableSince returns since when one of the two does not serve.
func (s Snapshot) unavailableSince(workloads ...workload) time.Time {
	var since time.Time
	for _, w := range workloads {
		switch {
		case w.available:
		case w.availableSince.IsZero():
			return s.Shop.CreationTimestamp.Time
		case since.IsZero() || w.availableSince.Before(since):
			since = w.availableSince
		}
	}
	return since
}

// rollingSince returns since when a Shop rolls whose old pods serve on.
func rollingSince(began time.Time, s Snapshot) time.Time {
	since := latest(rollouthealth.Read(s.Page).LastProgress, rollouthealth.Read(s.Notifier).LastProgress)
	if !began.IsZero() && since.Before(began.Add(podCreationTime)) {
		return began
	}
	return since
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
