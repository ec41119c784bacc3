package status

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/wismo-dev/wismo/api/v1alpha1"
	"github.com/wismo-dev/wismo/internal/operator/outcome"
)

// notChecked is the message of a condition that has not been stated yet.
const notChecked = "not checked yet"

// rollUp derives Ready, Reconciling, Stalled and Operational. From the first write on, every condition of the kind is
// there, and speaks of the present generation. A condition that a new version of the operator adds to those that feed Operational
// is added when it is first stated: until then Operational stays as it was, rather than be Unknown after every such upgrade.
func (w *Writer) rollUp(out outcome.Outcome) {
	upgraded := meta.FindStatusCondition(w.old, v1alpha1.ConditionOperational) != nil
	for _, kind := range slices.Concat(w.vocabulary.Ready, w.vocabulary.Operational, w.vocabulary.Other) {
		if c := meta.FindStatusCondition(*w.target.Conditions, kind); c != nil {
			c.ObservedGeneration = w.target.Object.GetGeneration()
		} else if !upgraded || !slices.Contains(w.vocabulary.Operational, kind) {
			w.Unknown(kind, v1alpha1.ReasonNotYetObserved, notChecked)
		}
	}
	for _, kind := range w.vocabulary.WhileTrue {
		if c := meta.FindStatusCondition(*w.target.Conditions, kind); c != nil {
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
		w.wait(out)
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
	w.True(v1alpha1.ConditionReady, v1alpha1.ReasonReady, "the spec is valid, and everything it asks for is in place")
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
// about it. What was found out before the call failed still counts. Only a refusal is quoted, because other errors
// name times and ports.
func (w *Writer) retry(err error) {
	broken := w.worst(w.vocabulary.Ready)
	switch {
	case refused(err):
		w.await(v1alpha1.ReasonObjectRefused, "the API server refuses an object that is needed; the request is repeated: "+err.Error())
	case !w.Settled() && apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		w.progress(v1alpha1.ReasonProgressing, "the namespace is being deleted, and takes no objects")
	case !w.Settled():
		w.await(v1alpha1.ReasonProgressing, "a request to the API server failed and is repeated")
	case broken != nil && w.Is(v1alpha1.ConditionReady):
		w.progress(broken.Reason, broken.Message)
	}
}

func (w *Writer) wait(out outcome.Outcome) {
	if out.Bounded() {
		w.await(out.Reason(), out.Message())
		return
	}
	w.progress(out.Reason(), out.Message())
}

// await states Reconciling at first, because rights, quotas and the like may still be applied, and Stalled when the object has been
// reconciling for outcome.MissingTimeout.
func (w *Writer) await(reason, message string) {
	stalled := meta.FindStatusCondition(w.old, v1alpha1.ConditionStalled)
	known := stalled != nil && stalled.Reason == reason
	if known || w.now.Sub(w.reconcilingSince()) >= outcome.MissingTimeout {
		w.stall(reason, message)
		return
	}
	w.progress(reason, message)
}

func (w *Writer) reconcilingSince() time.Time {
	if c := meta.FindStatusCondition(w.old, v1alpha1.ConditionReconciling); c != nil {
		return c.LastTransitionTime.Time
	}
	return w.now.Time
}

// refused reports whether the API server will give the same answer until something is changed. A namespace that is being deleted
// refuses everything; that is no fault.
func refused(err error) bool {
	for _, is := range []func(error) bool{apierrors.IsForbidden, apierrors.IsInvalid, apierrors.IsBadRequest} {
		if is(err) {
			return !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
		}
	}
	return false
}

// operational returns False as soon as one part is, Unknown while one is, and True else.
func (w *Writer) operational() {
	if len(w.vocabulary.Operational) == 0 {
		return
	}
	if c := w.worst(w.vocabulary.Operational); c != nil {
		w.set(v1alpha1.ConditionOperational, c.Status, c.Reason, c.Message)
		return
	}
	w.True(v1alpha1.ConditionOperational, v1alpha1.ReasonOperational, "every check that depends on other parties passes")
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

func (w *Writer) remove(kinds ...string) {
	for _, kind := range kinds {
		meta.RemoveStatusCondition(w.target.Conditions, kind)
	}
}

// sort brings the conditions into the vocabulary's order, the trio first, and drops what the vocabulary does not know.
func (w *Writer) sort() {
	order := slices.Concat([]string{
		v1alpha1.ConditionReady, v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled, v1alpha1.ConditionOperational,
	}, w.vocabulary.Ready, w.vocabulary.Operational, w.vocabulary.Other, w.vocabulary.WhileTrue)
	sorted := make([]metav1.Condition, 0, len(*w.target.Conditions))
	for _, kind := range order {
		if c := meta.FindStatusCondition(*w.target.Conditions, kind); c != nil {
			sorted = append(sorted, *c)
		}
	}
	*w.target.Conditions = sorted
}
