// Package status is the only writer of conditions. A reconciliation states facts, one condition each; at its end the
// facts and the outcome are rolled up into the trio that kstatus reads (Ready, Reconciling, Stalled) and into
// Operational, and are written once, if anything differs. Events are the transitions of that write and nothing else.
// It knows no kind: what feeds which roll-up is a Vocabulary. See docs/conditions.md.
package status

import (
	"context"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
	"github.com/wismo-dev/wismo/internal/operator/text"
)

// maxMessageBytes bounds the message of a condition, maxNoteBytes the note of an event (events.k8s.io: 1 kB), and
// maxRequestBytes the echo of a request for a look, as the API does.
const (
	maxMessageBytes = 4096
	maxNoteBytes    = 1000
	maxRequestBytes = 64
)

// Vocabulary says which conditions a kind has, in the order in which they are shown, and what they feed.
type Vocabulary struct {
	Ready       []string // all of them are needed for Ready
	Operational []string // they feed Operational; a kind without any has no such condition
	Other       []string // they feed nothing
	WhileTrue   []string // they feed nothing, and are present only while they are True
}

// Target is the object whose status is written, with the way to the fields that all kinds share.
type Target struct {
	Object                 client.Object
	Conditions             *[]metav1.Condition
	ObservedGeneration     *int64
	LastHandledReconcileAt *string
}

// Writer collects the facts of one reconciliation.
type Writer struct {
	target     Target
	before     client.Object
	old        []metav1.Condition
	oldSeen    int64
	vocabulary Vocabulary
	now        metav1.Time
}

// Begin takes a snapshot of the object, against which Commit compares.
func Begin(target Target, vocabulary Vocabulary, now time.Time) *Writer {
	before, _ := target.Object.DeepCopyObject().(client.Object)
	return &Writer{
		target: target, before: before, vocabulary: vocabulary, now: metav1.NewTime(now),
		old: slices.Clone(*target.Conditions), oldSeen: *target.ObservedGeneration,
	}
}

// Finding is the status, reason and message of one condition, for code that does not write it.
type Finding struct {
	Status  metav1.ConditionStatus
	Reason  string
	Message string
}

// Holds returns the Finding that a condition is True.
func Holds(reason, message string) Finding { return Finding{metav1.ConditionTrue, reason, message} }

// Fails returns the Finding that a condition is False.
func Fails(reason, message string) Finding { return Finding{metav1.ConditionFalse, reason, message} }

// Undecided returns the Finding that a condition is Unknown.
func Undecided(reason, message string) Finding {
	return Finding{metav1.ConditionUnknown, reason, message}
}

// State states what was found out about a condition.
func (w *Writer) State(kind string, f Finding) { w.set(kind, f.Status, f.Reason, f.Message) }

// True states that a condition holds.
func (w *Writer) True(kind, reason, message string) {
	w.set(kind, metav1.ConditionTrue, reason, message)
}

// False states that a condition does not hold.
func (w *Writer) False(kind, reason, message string) {
	w.set(kind, metav1.ConditionFalse, reason, message)
}

// Unknown states that a condition is Unknown.
func (w *Writer) Unknown(kind, reason, message string) {
	w.set(kind, metav1.ConditionUnknown, reason, message)
}

// Absent states that a condition of Vocabulary.WhileTrue does not hold.
func (w *Writer) Absent(kind string) { w.remove(kind) }

// Is reports whether a condition is True now, as stated in this reconciliation or left from the one before.
func (w *Writer) Is(kind string) bool {
	return meta.IsStatusConditionTrue(*w.target.Conditions, kind)
}

// Since returns when a condition became False, if it was so before for this reason; else it returns now.
func (w *Writer) Since(kind, reason string) time.Time {
	c := meta.FindStatusCondition(w.old, kind)
	if c == nil || c.Status != metav1.ConditionFalse || c.Reason != reason {
		return w.now.Time
	}
	return c.LastTransitionTime.Time
}

// Settled reports whether the status, before this reconciliation, had come to an end for the present generation.
func (w *Writer) Settled() bool {
	return w.oldSeen == w.target.Object.GetGeneration() && meta.FindStatusCondition(w.old, v1alpha1.ConditionReconciling) == nil
}

// AsBefore returns the outcome of a reconciliation that could not check the object: the status stays as it was. A generation that
// has not been reconciled yet waits, for the reason.
func (w *Writer) AsBefore(reason, message string) outcome.Outcome {
	stalled := meta.FindStatusCondition(w.old, v1alpha1.ConditionStalled)
	switch {
	case !w.Settled() && reason == v1alpha1.ReasonProgressing:
		return outcome.Await(outcome.MissingTimeout, reason, message)
	case !w.Settled():
		return outcome.Wait(0, reason, message) // what it waits for may come in hours, such as its wave
	case stalled != nil:
		return outcome.Stalled(stalled.Reason, stalled.Message)
	default:
		return outcome.Done()
	}
}

// Requested reports whether the annotation requests a reconciliation that the status does not echo yet.
func (w *Writer) Requested() bool {
	request := requestOf(w.target.Object)
	return request != "" && request != *w.target.LastHandledReconcileAt
}

func requestOf(o client.Object) string {
	return text.Truncate(o.GetAnnotations()[v1alpha1.AnnotationReconcileRequestedAt], maxRequestBytes)
}

// Commit rolls up, writes the status if it differs, and sends and logs its transitions as events. A conflict means that
// another client changed the object meanwhile: the caller reconciles again.
func (w *Writer) Commit(ctx context.Context, to client.SubResourceWriter, ledger *WriteTracker, recorder events.EventRecorder, out outcome.Outcome) error {
	w.rollUp(out)
	*w.target.ObservedGeneration = w.target.Object.GetGeneration()
	if w.Requested() && out.Kind() != outcome.KindRetry {
		*w.target.LastHandledReconcileAt = requestOf(w.target.Object)
	}
	if equality.Semantic.DeepEqual(w.before, w.target.Object) {
		return nil
	}
	patch := client.MergeFromWithOptions(w.before, client.MergeFromWithOptimisticLock{})
	if err := to.Patch(ctx, w.target.Object, patch); err != nil {
		if apierrors.IsNotFound(err) {
			return nil // deleted meanwhile
		}
		return fmt.Errorf("writing the status: %w", err)
	}
	ledger.recordWrite(w.before)
	for _, t := range transitions(w.old, *w.target.Conditions) {
		if !ledger.allowEvent(w.before, w.now.Time) {
			break
		}
		ctrl.LoggerFrom(ctx).Info("Condition changed", "condition", t.action, "reason", t.reason, "message", t.note)
		recorder.Eventf(w.target.Object, nil, t.eventType, t.reason, t.action, "%s", text.Truncate(t.note, maxNoteBytes))
	}
	return nil
}

func (w *Writer) set(kind string, value metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(w.target.Conditions, metav1.Condition{
		Type: kind, Status: value, Reason: reason, Message: text.Truncate(message, maxMessageBytes),
		ObservedGeneration: w.target.Object.GetGeneration(), LastTransitionTime: w.now,
	})
}
