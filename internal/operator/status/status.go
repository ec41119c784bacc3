// Package status is the only writer of conditions. A reconciliation states facts, one condition each; at its end the
// facts and the outcome are rolled up into the trio that kstatus reads (Ready, Reconciling, Stalled) and into
// Operational, and are written once, if anything differs. Events are the transitions of that write and nothing else.
// It knows no kind: what feeds which roll-up is a Vocabulary. See docs/conditions.md.
package status

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// maxMessageBytes bounds the message of a condition, maxNoteBytes the note of an event (events.k8s.io: 1 kB).
const (
	maxMessageBytes = 4096
	maxNoteBytes    = 1000
)

// Vocabulary says which conditions a kind has, in the order in which they are shown, and what they feed.
type Vocabulary struct {
	Ready       []string // all of them are needed for Ready
	Operational []string // those present feed Operational; a kind without any has no such condition
}

// Target is the object whose status is written, with the way to the fields that all kinds share.
type Target struct {
	Object             client.Object
	Conditions         *[]metav1.Condition
	ObservedGeneration *int64
}

// Ledger remembers which version of each object of one kind the last write replaced. Its zero value is ready to use.
type Ledger struct{ replaced sync.Map }

// Behind says that the object in hand, which comes from a cache, is older than the last write of its status: whatever
// would be concluded from it has been concluded before.
func (l *Ledger) Behind(o client.Object) bool {
	version, known := l.replaced.Load(client.ObjectKeyFromObject(o))
	return known && version == o.GetResourceVersion()
}

// Forget drops what is remembered of an object that is no more.
func (l *Ledger) Forget(key client.ObjectKey) { l.replaced.Delete(key) }

// CatchUp is how long to wait for a cache that is behind.
const CatchUp = 50 * time.Millisecond

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

// True states that a condition holds.
func (w *Writer) True(kind, reason, message string) {
	w.set(kind, metav1.ConditionTrue, reason, message)
}

// False states that a condition does not hold.
func (w *Writer) False(kind, reason, message string) {
	w.set(kind, metav1.ConditionFalse, reason, message)
}

// Unknown states that nobody can tell.
func (w *Writer) Unknown(kind, reason, message string) {
	w.set(kind, metav1.ConditionUnknown, reason, message)
}

// Is says whether a condition is True now, as stated in this reconciliation or left from the one before.
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

// Settled says that the status, before this reconciliation, had come to an end for the present generation.
func (w *Writer) Settled() bool {
	return w.oldSeen == w.target.Object.GetGeneration() && meta.FindStatusCondition(w.old, v1alpha1.ConditionReconciling) == nil
}

// Commit rolls up, writes the status if it differs, and tells what changed as events. A conflict means that somebody
// else changed the object meanwhile: the caller looks again, silently.
func (w *Writer) Commit(ctx context.Context, to client.SubResourceWriter, ledger *Ledger, recorder events.EventRecorder, out outcome.Outcome) error {
	w.rollUp(out)
	*w.target.ObservedGeneration = w.target.Object.GetGeneration()
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
	ledger.replaced.Store(client.ObjectKeyFromObject(w.before), w.before.GetResourceVersion())
	for _, t := range transitions(w.old, *w.target.Conditions) {
		recorder.Eventf(w.target.Object, nil, t.eventType, t.reason, t.action, "%s", truncate(t.note, maxNoteBytes))
	}
	return nil
}

func (w *Writer) set(kind string, value metav1.ConditionStatus, reason, message string) {
	meta.SetStatusCondition(w.target.Conditions, metav1.Condition{
		Type: kind, Status: value, Reason: reason, Message: truncate(message, maxMessageBytes),
		ObservedGeneration: w.target.Object.GetGeneration(), LastTransitionTime: w.now,
	})
}

// rollUp derives Ready, Reconciling, Stalled and Operational.
func (w *Writer) rollUp(out outcome.Outcome) {
	for _, kind := range slices.Concat(w.vocabulary.Ready, w.vocabulary.Operational) {
		c := meta.FindStatusCondition(*w.target.Conditions, kind)
		switch {
		case c == nil && slices.Contains(w.vocabulary.Ready, kind):
			w.Unknown(kind, v1alpha1.ReasonNotYetObserved, "nobody has looked yet")
		case c != nil:
			c.ObservedGeneration = w.target.Object.GetGeneration()
		}
	}
	w.trio(out)
	w.operational()
	w.sort()
}

// trio keeps kstatus' rules: Reconciling and Stalled are present only while True and never together, and Ready is
// not True beside either.
func (w *Writer) trio(out outcome.Outcome) {
	switch out.Kind() {
	case outcome.KindStalled:
		w.stall(out.Reason(), out.Message())
	case outcome.KindWait:
		w.progress(out.Reason(), out.Message())
	case outcome.KindRetry:
		w.retry(out.Err())
	case outcome.KindDone:
		w.done()
	}
}

func (w *Writer) done() {
	if c := w.worst(w.vocabulary.Ready); c != nil {
		w.progress(c.Reason, c.Message)
		return
	}
	w.remove(v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled)
	w.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "all that a commit can mend is right, and serving")
}

func (w *Writer) stall(reason, message string) {
	w.remove(v1alpha1.ConditionReconciling)
	w.True(v1alpha1.ConditionStalled, reason, message)
	w.False(v1alpha1.ConditionReady, reason, message)
}

func (w *Writer) progress(reason, message string) {
	w.remove(v1alpha1.ConditionStalled)
	w.True(v1alpha1.ConditionReconciling, reason, message)
	w.False(v1alpha1.ConditionReady, reason, message)
}

// retry leaves an object alone that was settled for this generation: one failed call to the API server is no news
// about it. Anything else is still on its way. Only a refusal is quoted, because other errors name times and ports.
func (w *Writer) retry(err error) {
	if w.Settled() && !refused(err) {
		return
	}
	message := "a call to the API server failed and is made again"
	if refused(err) {
		message = "the API server refused: " + err.Error()
	}
	w.progress(v1alpha1.ReasonProgressing, message)
}

// refused says whether the API server will give the same answer until somebody changes something.
func refused(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsInvalid(err) || apierrors.IsBadRequest(err)
}

// operational is False as soon as one part is, Unknown while one is, and True else.
func (w *Writer) operational() {
	if len(w.vocabulary.Operational) == 0 {
		return
	}
	c := w.worst(w.vocabulary.Operational)
	switch {
	case c != nil:
		w.set(v1alpha1.ConditionOperational, c.Status, c.Reason, c.Message)
	case w.any(w.vocabulary.Operational):
		w.True(v1alpha1.ConditionOperational, v1alpha1.ReasonOperational, "all that the world has to do with is in order")
	default:
		w.Unknown(v1alpha1.ConditionOperational, v1alpha1.ReasonNotYetObserved, "nobody has looked yet")
	}
}

// worst returns the first False condition of the kinds, else the first Unknown one, else nil.
func (w *Writer) worst(kinds []string) *metav1.Condition {
	for _, value := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown} {
		for _, kind := range kinds {
			if meta.IsStatusConditionPresentAndEqual(*w.target.Conditions, kind, value) {
				return meta.FindStatusCondition(*w.target.Conditions, kind)
			}
		}
	}
	return nil
}

func (w *Writer) any(kinds []string) bool {
	return slices.ContainsFunc(kinds, func(kind string) bool {
		return meta.FindStatusCondition(*w.target.Conditions, kind) != nil
	})
}

func (w *Writer) remove(kinds ...string) {
	for _, kind := range kinds {
		meta.RemoveStatusCondition(w.target.Conditions, kind)
	}
}

// sort brings the conditions into the vocabulary's order, the trio first, and drops what the vocabulary does not know.
func (w *Writer) sort() {
	order := slices.Concat([]string{
		v1alpha1.ConditionReady, v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled, v1alpha1.ConditionOperational,
	}, w.vocabulary.Ready, w.vocabulary.Operational)
	sorted := make([]metav1.Condition, 0, len(*w.target.Conditions))
	for _, kind := range order {
		if c := meta.FindStatusCondition(*w.target.Conditions, kind); c != nil {
			sorted = append(sorted, *c)
		}
	}
	*w.target.Conditions = sorted
}

// truncate cuts at a rune, so that the API server never sees half a letter.
func truncate(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit - len("...")
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strings.TrimRight(s[:cut], " ") + "..."
}

// eventTypeOf is Warning where somebody should look.
func eventTypeOf(bad bool) string {
	if bad {
		return corev1.EventTypeWarning
	}
	return corev1.EventTypeNormal
}
