package conditions

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Event is an event that is not the change of a condition.
type Event struct {
	Name  string
	Type  string // Normal or Warning
	Means string
	Next  string
}

// Events returns every event that is not the change of a condition.
func Events() []Event { return slices.Clone(events) }

var events = []Event{
	{
		Name: v1alpha1.EventSurgeUnschedulable, Type: corev1.EventTypeWarning,
		Means: "No node has room for one more pod, so this rollout stops the old pod before it starts the new one.",
		Next:  "None, or make room for one more pod on the volume's node.",
	},
	{
		Name: v1alpha1.EventReleaseMade, Type: corev1.EventTypeNormal,
		Means: "On a release: the library, the images or the operator have changed, and this release was made.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.EventWaveBegan, Type: corev1.EventTypeNormal,
		Means: "On a release: Shops of the wave move to it. The event of a small wave names them.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.EventReleaseWaits, Type: corev1.EventTypeNormal,
		Means: "On a release: the next wave needs an approval.",
		Next:  "Look at the Shops that have moved, then run `kubectl wismo release approve`.",
	},
	{
		Name: v1alpha1.EventReleasePaused, Type: corev1.EventTypeNormal,
		Means: "On a release: a person paused it, so no further Shop moves to it.",
		Next:  "Run `kubectl wismo release resume` to continue it.",
	},
	{
		Name: v1alpha1.EventReleaseHalted, Type: corev1.EventTypeWarning,
		Means: "On a release: more Shops failed than `maxFailures` allows, or a rollback was requested.",
		Next:  "See [the runbook](runbooks/WismoReleaseHalted.md).",
	},
	{
		Name: v1alpha1.EventReleaseRolledBack, Type: corev1.EventTypeWarning,
		Means: "On a release: it was rolled back, and its Shops run the last release that succeeded again.",
		Next:  "Fix what was wrong in the library or the installation. That makes a new release.",
	},
	{
		Name: v1alpha1.EventReleaseSucceeded, Type: corev1.EventTypeNormal,
		Means: "On a release: all waves are complete. New Shops start on it.",
		Next:  "None.",
	},
	{
		Name: v1alpha1.EventReleaseCannotRun, Type: corev1.EventTypeWarning,
		Means: "On a release: another version of the operator made it, and this version cannot render it.",
		Next:  "Run the version that made it, or a later one.",
	},
	{
		Name: v1alpha1.EventLibraryRefused, Type: corev1.EventTypeWarning,
		Means: "On a ConfigMap or NotificationPolicy of the library: it is invalid at the line that the event names. Its last valid content stays in use, and changes to the rest of the library are released.",
		Next:  "Fix that line. See [the runbook](runbooks/WismoReleaseGateClosed.md).",
	},
	{
		Name: v1alpha1.EventKeyRotated, Type: corev1.EventTypeNormal,
		Means: "A generated key was replaced by a new one.",
		Next:  "For a source, give its sender the new secret before the old one expires; see [secrets.md](secrets.md). For links, none.",
	},
}
