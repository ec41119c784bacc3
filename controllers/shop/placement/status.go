package placement

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/status"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// findings are the condition Released for each reason of the planner; %s in the message stands for the release.
var findings = map[rollout.Reason]status.Finding{
	rollout.UpToDate:           status.Holds(v1alpha1.ReasonUpToDate, "the Shop runs the latest release, %s"),
	rollout.Baking:             status.Holds(v1alpha1.ReasonBaking, "the Shop runs release %s in an early wave; the next wave starts after the bake time"),
	rollout.HeldBack:           status.Holds(v1alpha1.ReasonHeld, "spec.release.policy is Hold, so the Shop stays on release %s"),
	rollout.PinnedTo:           status.Holds(v1alpha1.ReasonPinned, "spec.release.name pins the Shop to release %s"),
	rollout.WaitingForWave:     status.Fails(v1alpha1.ReasonWaitingForWave, "waiting for the Shop's wave to start moving to release %s"),
	rollout.WaitingForTurn:     status.Fails(v1alpha1.ReasonWaitingForTurn, "waiting for other Shops of the same wave to move to release %s first"),
	rollout.WaitingForApproval: status.Fails(v1alpha1.ReasonWaitingForApproval, "the Shop's wave waits for approval of release %s: kubectl wismo release approve"),
	rollout.Updating:           status.Fails(v1alpha1.ReasonUpdating, "moving to release %s"),
	rollout.PinUnknown:         status.Fails(v1alpha1.ReasonReleaseNotFound, "spec.release.name names release %s, which does not exist: pin an existing release, or set spec.release.policy to Auto"),
	rollout.Paused:             status.Fails(v1alpha1.ReasonPaused, "release %s is paused, and the Shop moves when it is resumed: kubectl wismo release resume"),
	rollout.Halted:             status.Fails(v1alpha1.ReasonHalted, "release %s was halted because other Shops failed on it; the Shop stays on the release that it runs"),
	rollout.RollingBack:        status.Fails(v1alpha1.ReasonRollingBack, "release %s is being rolled back; the Shop returns to the release that it ran before"),
	rollout.RolledBack:         status.Fails(v1alpha1.ReasonRolledBack, "release %s was rolled back; the Shop runs the release that it ran before"),
	rollout.ReleaseFailed:      status.Fails(v1alpha1.ReasonReleaseFailed, "the Shop's pods did not become ready on release %s, so the Shop runs the release that it ran before"),
	rollout.ReleaseUnusable:    status.Fails(v1alpha1.ReasonReleaseUnusable, "another version of the operator made release %s, and this version cannot render it: finish the upgrade or the downgrade of the operator"),
	rollout.ShopInvalid:        status.Fails(v1alpha1.ReasonShopInvalid, "the Shop's own spec cannot be rendered on release %s: fix what the condition Accepted names"),
}

func findingOf(reason rollout.Reason, about string) status.Finding {
	f := findings[reason]
	f.Message = strings.ReplaceAll(f.Message, "%s", about)
	return f
}

// Changes are what this reconciliation has done to the Shop.
type Changes struct {
	Rolled  bool   // one of its Deployments was changed
	Failure string // why it cannot be moved to where it is to be; "" = it can
	Blocked string // why no pod of it may be replaced now; "" = they may
	Marked  Marked
}

// Status returns the status of the Shop on its release, and when to reconcile again to update it. Only a pin to
// a missing release is Stalled. A Shop that waits for its wave is Ready, because a pipeline must not wait for the whole fleet.
func Status(s Situation, done Changes) (ReleaseStatus, outcome.Outcome) {
	l := assessment{s, done}
	told := l.status()
	if done.Blocked != "" && s.Running != s.Assignment.Latest {
		told = l.with(status.Fails(v1alpha1.ReasonShopInvalid, "the Shop does not move to release "+l.subject()+" now: "+done.Blocked), l.subject())
	}
	if !l.changesSoon() {
		told.Place = l.place(told.Released)
	}
	if s.Assignment.Step.Reason.Stalls() {
		return told, outcome.Stalled(told.Released.Reason, told.Released.Message)
	}
	return told, outcome.Look(l.quietFor(told))
}

// assessment is what the status is derived from: how the Shop was found, and what was done.
type assessment struct {
	Situation
	done Changes
}

// status returns the status as of now. The status is written twice for a release: when the Shop begins to wait and when it has
// arrived; or, for a Shop that does not wait, when it has arrived and when it has baked. A move that takes longer is
// reported as well.
func (l assessment) status() ReleaseStatus {
	step, before := l.Assignment.Step, l.Before
	now := l.with(findingOf(step.Reason, l.subject()), l.subject())
	failedBefore := before.Released.Reason == v1alpha1.ReasonReleaseFailed && (before.About == "" || before.About == l.subject())
	waitedBefore := slices.Contains(waits, before.Released.Reason) && before.Place.Target == l.target()
	switch {
	case l.done.Failure != "":
		return l.with(status.Fails(v1alpha1.ReasonReleaseFailed, l.done.Failure), l.subject())
	case step.Reason == rollout.ReleaseFailed && failedBefore:
		return before // its message has the cause, which the pods no longer show
	case slices.Contains(waits, now.Released.Reason) && waitedBefore:
		return before
	case step.Reason == rollout.Updating:
		return l.updating(now)
	case step.Reason == rollout.Baking && (l.wasWaiting() || (before.Released.Reason == v1alpha1.ReasonUpToDate && l.arrivedOn(before))):
		return l.with(findingOf(rollout.UpToDate, step.Release), step.Release)
	default:
		return now
	}
}

// updating leaves what was said where there is more to say in a moment, and where the Shop's own change rolls.
func (l assessment) updating(now ReleaseStatus) ReleaseStatus {
	step, before := l.Assignment.Step, l.Before
	switch {
	case l.hasArrived() && before.Place.Current == "" && step.Release == l.Assignment.Latest:
		return l.with(findingOf(rollout.UpToDate, step.Release), step.Release)
	case before.Released.Reason != "" && (l.changesSoon() || l.arrivedOn(before)):
		return before
	default:
		return now
	}
}

// with returns what is said anew about a release, with the place as it was.
func (l assessment) with(f status.Finding, about string) ReleaseStatus {
	return ReleaseStatus{Released: f, Place: l.Before.Place, About: about}
}

// waits are not distinguished in the status: which of them it is changes with every Shop that moves.
var waits = []string{v1alpha1.ReasonWaitingForWave, v1alpha1.ReasonWaitingForTurn}

// changesSoon reports whether there is more to say in a moment: the Shop has just begun to move, or it is where it is to be, and the
// planner is about to see it. What it has to say then is written at once.
func (l assessment) changesSoon() bool {
	return l.underWay(l.Before) && (l.done.Marked.Relabelled || l.hasArrived() || l.quietFor(l.Before) > 0)
}

// underWay reports whether the Shop, which ran before, is moving according to the status.
func (l assessment) underWay(told ReleaseStatus) bool {
	return l.Assignment.Step.Reason == rollout.Updating && told.Place.Current != "" && !l.arrivedOn(told)
}

// quietMove is how long a move goes on before the status reports it: most are over by then, and a fleet that moves would
// write twice as much.
const quietMove = 30 * time.Second

// quietFor returns for how long a move that has begun need not be reported yet; 0 = it is to be reported, or there is none.
func (l assessment) quietFor(told ReleaseStatus) time.Duration {
	going := l.Workloads.Now.Sub(l.done.Marked.Began)
	if !l.underWay(told) || going < 0 || going >= quietMove {
		return 0
	}
	return quietMove - going
}

// hasArrived reports whether all of the Shop serves on the release that it is to run.
func (l assessment) hasArrived() bool {
	return !l.done.Rolled && l.Running == l.Assignment.Step.Release && l.Workloads.Serve()
}

// wasWaiting reports whether the Shop was behind for a while before its pods were replaced.
func (l assessment) wasWaiting() bool {
	behind := l.Before.Released.Status == metav1.ConditionFalse
	return behind && !slices.ContainsFunc(workloads.Components, func(c bundle.Component) bool {
		d := l.Workloads.Deployments[c]
		return d == nil || !l.Before.since.Before(release.MarksOf(d).Since)
	})
}

// subject returns the release that the message is about.
func (l assessment) subject() string {
	switch choice := l.Shop.Spec.Release; {
	case choice != nil && choice.Policy == v1alpha1.ReleasePin:
		return string(choice.Name)
	case l.Assignment.Step.Reason == rollout.HeldBack:
		return l.Assignment.Step.Release
	default:
		return l.Assignment.Latest
	}
}

// behind are the reasons for which a Shop is not yet where it is to be in the end.
var behind = []rollout.Reason{
	rollout.WaitingForWave, rollout.WaitingForTurn, rollout.WaitingForApproval, rollout.Paused, rollout.ShopInvalid, rollout.ReleaseUnusable,
}

// target returns the release that the Shop is to run in the end.
func (l assessment) target() v1alpha1.ReleaseName {
	if slices.Contains(behind, l.Assignment.Step.Reason) {
		return v1alpha1.ReleaseName(l.Assignment.Latest)
	}
	return v1alpha1.ReleaseName(l.Assignment.Step.Release)
}

// place returns where the status says that the Shop is. The wave is looked at only when something else changes: it is no news by
// itself.
func (l assessment) place(now status.Finding) v1alpha1.ShopRelease {
	before := l.Before.Place
	next := v1alpha1.ShopRelease{Current: before.Current, Target: l.target(), Wave: before.Wave}
	if l.Running != "" && !l.done.Rolled && l.Workloads.Serve() {
		next.Current = v1alpha1.ReleaseName(l.Running)
	}
	if next != before || l.Before.Released != now {
		next.Wave = l.Assignment.Step.Wave
	}
	return next
}
