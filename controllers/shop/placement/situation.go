// Package placement puts Shops on releases: on which one a Shop is rendered, when it is rolled back, the marks on its Deployments,
// and its status. The planner decides what may move when; this package applies nothing and writes no status.
package placement

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/controllers/shop/workloads"
	"github.com/wismo-dev/wismo/internal/operator/releases"
	"github.com/wismo-dev/wismo/internal/operator/status"
	"github.com/wismo-dev/wismo/internal/release"
	"github.com/wismo-dev/wismo/internal/rollout"
)

// Situation is the input of one reconciliation of a Shop that concerns releases. It must not be changed.
type Situation struct {
	Shop       *v1alpha1.Shop
	Assignment releases.Assignment
	Workloads  workloads.State
	Running    string // the release that the Deployments name, or the older of two; "" = none
	Before     ReleaseStatus
	rolledBack string // the message of an earlier rollback; "" = none
}

// ReleaseStatus is the part of a Shop's status that concerns releases.
type ReleaseStatus struct {
	Released status.Finding // the condition; zero = not set yet
	Place    v1alpha1.ShopRelease
	// About is the release to which Released refers; "" = not known, because another process wrote the condition.
	About string
	since time.Time // when Released became True or False
}

// NewSituation returns the Situation of a Shop. About is ReleaseStatus.About of the Shop's current status.
func NewSituation(shop *v1alpha1.Shop, assignment releases.Assignment, live workloads.State, about string) Situation {
	s := Situation{Shop: shop, Assignment: assignment, Workloads: live, Running: runningOf(live), Before: ReleaseStatus{About: about}}
	if c := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionReleased); c != nil && c.Status != metav1.ConditionUnknown {
		s.Before.Released = status.Finding{Status: c.Status, Reason: c.Reason, Message: c.Message}
		s.Before.since = c.LastTransitionTime.Time
	}
	if shop.Status.Release != nil {
		s.Before.Place = *shop.Status.Release
	}
	if c := meta.FindStatusCondition(shop.Status.Conditions, v1alpha1.ConditionStalled); c != nil && c.Reason == v1alpha1.ReasonProgressDeadlineExceeded {
		s.rolledBack = c.Message
	}
	return s
}

func runningOf(live workloads.State) string {
	var running string
	var oldest int64
	for _, d := range live.Deployments {
		name := release.MarksOf(d).Release
		if number, ok := release.Number(name); ok && (running == "" || number < oldest) {
			running, oldest = name, number
		}
	}
	return running
}

// attempt returns the current attempt of the latest release.
func (s Situation) attempt() release.AttemptRef {
	return release.AttemptRef{Release: s.Assignment.Latest, Attempt: s.Assignment.Attempt}
}

// arrivedOn reports whether the Shop runs its assigned release according to the status.
func (s Situation) arrivedOn(told ReleaseStatus) bool {
	return told.Released.Status == metav1.ConditionTrue && string(told.Place.Current) == s.Assignment.Step.Release
}

// moving reports whether the Shop moves to a release or back according to the status.
func (s Situation) moving(told ReleaseStatus) bool {
	reason := s.Assignment.Step.Reason
	return reason == rollout.RollingBack || (reason == rollout.Updating && !s.arrivedOn(told))
}

// MovedByPlatform reports whether the Shop's pods are replaced for a release, and not for an edit of its owner.
func (s Situation) MovedByPlatform(told ReleaseStatus) bool {
	return s.moving(told) || slices.Contains([]rollout.Reason{rollout.ReleaseFailed, rollout.RolledBack}, s.Assignment.Step.Reason)
}
