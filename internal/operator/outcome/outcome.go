// Package outcome holds the result of a step of a reconciliation: continue, wait, stop until the user edits, or retry after an
// error. It becomes a ctrl.Result once, at the end. It knows no conditions and no cluster.
package outcome

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// MissingTimeout is how long something from outside may be awaited, such as an object that is named and missing, before that
// counts as a mistake and the object as stalled: GitOps applies in any order.
const MissingTimeout = 10 * time.Minute

// conflictPause lets the cache catch up.
const conflictPause = 200 * time.Millisecond

// Kind orders outcomes by how much they hold up.
type Kind int

// The kinds of outcomes, from good to bad.
const (
	KindDone Kind = iota
	KindWait
	KindStalled
	KindRetry
)

// Outcome is the end of one step. The zero value is Done.
type Outcome struct {
	kind    Kind
	after   time.Duration
	bounded bool
	reason  string
	message string
	err     error
}

// Done lets the next step run.
func Done() Outcome { return Outcome{} }

// Look lets the next step run and asks for another reconciliation after d at the latest.
func Look(d time.Duration) Outcome { return Outcome{after: d} }

// Wait stops the steps: something outside has to happen first. The object is looked at again after d at the latest;
// d = 0 means that a watch will wake it. Reason is a condition reason.
func Wait(d time.Duration, reason, message string) Outcome {
	return Outcome{kind: KindWait, after: d, reason: reason, message: message}
}

// Await returns a Wait for something that may never come. An object that has been reconciling for MissingTimeout counts as stalled,
// and is reconciled as often as before.
func Await(d time.Duration, reason, message string) Outcome {
	return Outcome{kind: KindWait, after: d, bounded: true, reason: reason, message: message}
}

// Stalled stops the steps until the user's input changes; what ran before goes on running.
func Stalled(reason, message string) Outcome {
	return Outcome{kind: KindStalled, reason: reason, message: message}
}

// Retry stops the steps because of an error that another try may not meet; the queue backs off.
func Retry(err error) Outcome { return Outcome{kind: KindRetry, err: err} }

// Kind returns what kind of outcome o is.
func (o Outcome) Kind() Kind { return o.kind }

// Stops reports whether no further step may run.
func (o Outcome) Stops() bool { return o.kind != KindDone }

// Bounded reports whether a Wait is an Await.
func (o Outcome) Bounded() bool { return o.bounded }

// Reason returns the condition reason of Wait and Stalled.
func (o Outcome) Reason() string { return o.reason }

// Message returns the condition message of Wait and Stalled.
func (o Outcome) Message() string { return o.message }

// Err returns the error of Retry.
func (o Outcome) Err() error { return o.err }

// And folds two outcomes: the worse one speaks (of equals the first), and the earlier look is kept.
func (o Outcome) And(next Outcome) Outcome {
	worse := o
	if next.kind > o.kind {
		worse = next
	}
	worse.after = earlier(o.after, next.after)
	return worse
}

// LookAfter asks for another look after d at the latest, without changing what o says.
func (o Outcome) LookAfter(d time.Duration) Outcome {
	o.after = earlier(o.after, d)
	return o
}

// Result translates the outcome for controller-runtime; nothing else does. A conflict means that the cache was behind:
// that is no error, only too early. In a namespace that is being deleted nothing can be made, and nothing has to be: what
// is in it goes, and the object itself, too.
func (o Outcome) Result() (ctrl.Result, error) {
	if o.kind == KindRetry && apierrors.HasStatusCause(o.err, corev1.NamespaceTerminatingCause) {
		return ctrl.Result{}, nil
	}
	if o.kind == KindRetry && apierrors.IsConflict(o.err) {
		return ctrl.Result{RequeueAfter: conflictPause}, nil
	}
	if o.kind == KindRetry {
		return ctrl.Result{}, o.err
	}
	return reconcile.Result{RequeueAfter: o.after}, nil
}

// earlier returns the shorter of two durations, where 0 means never.
func earlier(a, b time.Duration) time.Duration {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}
