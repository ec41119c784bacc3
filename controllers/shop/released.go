package shop

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/bundle"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// told is what the condition Released says for a reason of the planner's; the message is about the target.
type told struct {
	holds   bool
	reason  string
	message string
}

var tellings = map[rollout.Reason]told{
	rollout.UpToDate:           {true, v1alpha1.ReasonUpToDate, "runs the current release, "},
	rollout.Baking:             {true, v1alpha1.ReasonBaking, "runs the current release among the first, and is being watched before others follow: "},
	rollout.HeldBack:           {true, v1alpha1.ReasonHeld, "spec.release.policy is Hold: stays on "},
	rollout.PinnedTo:           {true, v1alpha1.ReasonPinned, "pinned to "},
	rollout.WaitingForWave:     {false, v1alpha1.ReasonWaitingForWave, "its wave is not open yet for "},
	rollout.WaitingForTurn:     {false, v1alpha1.ReasonWaitingForTurn, "others of its wave move first to "},
	rollout.WaitingForApproval: {false, v1alpha1.ReasonWaitingForApproval, "its wave waits for the approval of "},
	rollout.Updating:           {false, v1alpha1.ReasonUpdating, "moves to "},
	rollout.PinUnknown:         {false, v1alpha1.ReasonReleaseNotFound, "spec.release.name names a release that does not exist, or not any more; pin one that exists, or set the policy to Auto: "},
	rollout.Paused:             {false, v1alpha1.ReasonPaused, "somebody paused "},
	rollout.Halted:             {false, v1alpha1.ReasonHalted, "stays as it is, because others failed on "},
	rollout.RollingBack:        {false, v1alpha1.ReasonRollingBack, "returns to what it ran before, because this is taken back: "},
	rollout.RolledBack:         {false, v1alpha1.ReasonRolledBack, "serves on what it ran before, because this was taken back: "},
	rollout.ReleaseFailed:      {false, v1alpha1.ReasonReleaseFailed, "its pods did not become ready on it, so it serves on what it ran before: "},
	rollout.ReleaseUnusable:    {false, v1alpha1.ReasonReleaseUnusable, "another version of the operator made, and this one cannot render, "},
	rollout.ShopInvalid:        {false, v1alpha1.ReasonShopInvalid, "what the Shop itself asks for keeps it from moving to "},
}

// released states the condition Released and status.release. Only a pin that leads nowhere is somebody's mistake; a Shop
// that waits is ready, because whoever waits for it must not wait for the whole fleet.
func (s *scope) released() outcome.Outcome {
	now := s.standing()
	if !s.soon() {
		s.place(now)
	}
	if now.holds {
		s.status.True(v1alpha1.ConditionReleased, now.reason, now.message)
	} else {
		s.status.False(v1alpha1.ConditionReleased, now.reason, now.message)
	}
	if s.assignment.Step.Reason.Stalls() {
		return outcome.Stalled(now.reason, now.message)
	}
	return outcome.Look(s.unsaid())
}

// standing is what is to be said now. The status is written twice for a release: when the Shop begins to wait and when it
// has arrived; or, of those that wait for nobody, when it has arrived and when it has baked. A move that takes longer is
// told as well.
func (s *scope) standing() told {
	step := s.assignment.Step
	now := tellings[step.Reason]
	now.message += s.subject()
	before := s.said()
	switch {
	case s.failure != "":
		return told{reason: v1alpha1.ReasonReleaseFailed, message: s.failure}
	case step.Reason == rollout.ReleaseFailed && s.saidWhy(before):
		return before
	case s.waitsOn(now, before):
		return before
	case step.Reason == rollout.Updating:
		return s.updating(now, before)
	case step.Reason == rollout.Baking && (s.waited() || (before.reason == v1alpha1.ReasonUpToDate && s.stays())):
		return upToDate(step.Release)
	default:
		return now
	}
}

// saidWhy says that the Shop was told already why it failed on this release.
func (s *scope) saidWhy(before told) bool {
	return before.reason == v1alpha1.ReasonReleaseFailed && strings.Contains(before.message, s.subject())
}

// waitsOn says that the Shop was told already that it waits for this release.
func (s *scope) waitsOn(now, before told) bool {
	return slices.Contains(waits, now.reason) && slices.Contains(waits, before.reason) && s.at().Target == s.target()
}

// waits are told as one: which of them it is changes with every Shop that moves.
var waits = []string{v1alpha1.ReasonWaitingForWave, v1alpha1.ReasonWaitingForTurn}

// updating leaves what was said where there is more to say in a moment, and where the Shop's own change rolls.
func (s *scope) updating(now, before told) told {
	release := s.assignment.Step.Release
	switch {
	case s.arrived() && s.at().Current == "" && release == s.assignment.Latest:
		return upToDate(release)
	case before.reason != "" && (s.soon() || s.stays()):
		return before
	default:
		return now
	}
}

// soon says that there is more to say in a moment: the Shop has just begun to move, or it is where it is to be, and the
// planner is about to see it. What it has to say then is written at once.
func (s *scope) soon() bool {
	return s.underWay() && (s.relabelled || s.arrived() || s.unsaid() > 0)
}

// underWay says that the Shop, which ran before, moves on.
func (s *scope) underWay() bool {
	return s.assignment.Step.Reason == rollout.Updating && s.at().Current != "" && !s.stays()
}

// briefly is how long a move goes on before the status tells of it: most are over by then, and a fleet that moves would
// write twice as much.
const briefly = 30 * time.Second

// unsaid is for how long a move that has begun need not be told yet; 0 = it is to be told, or there is none.
func (s *scope) unsaid() time.Duration {
	going := s.now.Sub(s.began)
	if !s.underWay() || going < 0 || going >= briefly {
		return 0
	}
	return briefly - going
}

// arrived says that all of the Shop serves on the release that it is to run.
func (s *scope) arrived() bool {
	return !s.rolled && s.running == s.assignment.Step.Release && s.serves()
}

func upToDate(release string) told {
	t := tellings[rollout.UpToDate]
	t.message += release
	return t
}

// said is what the status says so far; without a reason if it says nothing.
func (s *scope) said() told {
	c := meta.FindStatusCondition(s.shop.Status.Conditions, v1alpha1.ConditionReleased)
	if c == nil || c.Status == metav1.ConditionUnknown {
		return told{}
	}
	return told{c.Status == metav1.ConditionTrue, c.Reason, c.Message}
}

// stays says that the Shop has arrived on the release that it is to run, and was told so.
func (s *scope) stays() bool {
	return s.said().holds && string(s.at().Current) == s.assignment.Step.Release
}

// waited says that the Shop was behind for a while before its pods were replaced.
func (s *scope) waited() bool {
	c := meta.FindStatusCondition(s.shop.Status.Conditions, v1alpha1.ConditionReleased)
	if c == nil || c.Status != metav1.ConditionFalse {
		return false
	}
	return every(components, func(component bundle.Component) bool {
		d := s.deployments[component]
		if d == nil {
			return false
		}
		return c.LastTransitionTime.Time.Before(release.MarksOf(d).Since)
	})
}

// moving says that a release is on its way to the Shop, or back.
func (s *scope) moving() bool {
	reason := s.assignment.Step.Reason
	return reason == rollout.RollingBack || (reason == rollout.Updating && !s.stays())
}

// moved says that what goes on with the Shop's pods is the platform's doing.
func (s *scope) moved() bool {
	return s.moving() || slices.Contains([]rollout.Reason{rollout.ReleaseFailed, rollout.RolledBack}, s.assignment.Step.Reason)
}

// subject is the release that the message is about.
func (s *scope) subject() string {
	switch reason := s.assignment.Step.Reason; {
	case s.shop.Spec.Release != nil && s.shop.Spec.Release.Policy == v1alpha1.ReleasePin:
		return string(s.shop.Spec.Release.Name)
	case reason == rollout.HeldBack:
		return s.assignment.Step.Release
	default:
		return s.assignment.Latest
	}
}

// behind are the reasons for which a Shop is not yet where it is to be in the end.
var behind = []rollout.Reason{
	rollout.WaitingForWave, rollout.WaitingForTurn, rollout.WaitingForApproval, rollout.Paused, rollout.ShopInvalid, rollout.ReleaseUnusable,
}

// target is the release that the Shop is to run in the end.
func (s *scope) target() v1alpha1.ReleaseName {
	if slices.Contains(behind, s.assignment.Step.Reason) {
		return v1alpha1.ReleaseName(s.assignment.Latest)
	}
	return v1alpha1.ReleaseName(s.assignment.Step.Release)
}

// at is where the status says that the Shop is.
func (s *scope) at() v1alpha1.ShopRelease {
	if s.shop.Status.Release == nil {
		return v1alpha1.ShopRelease{}
	}
	return *s.shop.Status.Release
}

// place writes status.release. The wave is looked at only when something else changes: it is no news by itself.
func (s *scope) place(now told) {
	before := s.at()
	next := v1alpha1.ShopRelease{Current: before.Current, Target: s.target(), Wave: before.Wave}
	if s.running != "" && !s.rolled && s.serves() {
		next.Current = v1alpha1.ReleaseName(s.running)
	}
	if next != before || s.said() != now {
		next.Wave = s.assignment.Step.Wave
	}
	if next != (v1alpha1.ShopRelease{}) {
		s.shop.Status.Release = &next
	}
}
