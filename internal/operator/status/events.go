package status

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// transition is one event.
type transition struct {
	eventType string
	reason    string
	action    string
	note      string
}

// silent conditions make no events: they roll up others, or come and go with every change.
var silent = []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionOperational}

// calm reasons are False, but need no action.
var calm = []string{
	v1alpha1.ReasonProgressing, v1alpha1.ReasonNotYetObserved, v1alpha1.ReasonWaitingForFirstOrder,
	v1alpha1.ReasonWaitingForFirstEvent, v1alpha1.ReasonWaitingForShop, v1alpha1.ReasonVolumePending,
	// The events of a release are at the release, and not at every Shop.
	v1alpha1.ReasonWaitingForWave, v1alpha1.ReasonWaitingForTurn, v1alpha1.ReasonWaitingForApproval, v1alpha1.ReasonUpdating,
	v1alpha1.ReasonPaused, v1alpha1.ReasonHalted, v1alpha1.ReasonRollingBack, v1alpha1.ReasonRolledBack,
	v1alpha1.ReasonReleaseUnusable, v1alpha1.ReasonShopInvalid,
}

// transitions returns the events for the difference of two sets of conditions: what broke, what was fixed, and that the object
// became Ready. A changed message alone makes no event.
func transitions(before, after []metav1.Condition) []transition {
	var told []transition
	for _, c := range after {
		was := meta.FindStatusCondition(before, c.Type)
		if slices.Contains(silent, c.Type) || (was != nil && was.Status == c.Status && was.Reason == c.Reason) {
			continue
		}
		if bad, tell := eventFor(was, c); tell {
			told = append(told, transition{eventTypeOf(bad), c.Reason, c.Type, c.Message})
		}
	}
	return told
}

// eventFor reports whether a condition that changed is bad news, and whether it is news at all.
func eventFor(was *metav1.Condition, c metav1.Condition) (bad, tell bool) {
	isCalm := slices.Contains(calm, c.Reason)
	switch {
	case c.Type == v1alpha1.ConditionStalled:
		return true, true
	case c.Type == v1alpha1.ConditionReady:
		return false, c.Status == metav1.ConditionTrue
	case c.Status == metav1.ConditionFalse:
		return true, !isCalm
	case c.Status == metav1.ConditionTrue:
		return false, was != nil && was.Status == metav1.ConditionFalse && !slices.Contains(calm, was.Reason)
	default:
		return false, false
	}
}

// eventTypeOf returns Warning for what needs action.
func eventTypeOf(bad bool) string {
	if bad {
		return corev1.EventTypeWarning
	}
	return corev1.EventTypeNormal
}
