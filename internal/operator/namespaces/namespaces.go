// Package namespaces reports which namespaces are being deleted. Kubernetes deletes the pods of such a namespace first, so a
// Shop in it has no deletionTimestamp for as long as a pod stays, and looks as if it failed.
package namespaces

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// answerTime is how long an answer of the API server counts, where namespaces are not watched.
const answerTime = 10 * time.Second

// Metadata returns the object under which the metadata of namespaces is watched.
func Metadata() *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}}
}

// Namespaces are those that Shops are in.
type Namespaces struct {
	Cached client.Reader // the metadata of all namespaces; nil = the operator serves some only, and has no right to watch any
	Writer client.Writer // for a dry run, where Cached is nil
	Now    func() time.Time
	Notify func() // is called when a namespace is found to be deleted without a watch

	answers sync.Map // by name
}

// answer is what the API server said of a namespace.
type answer struct {
	deleted bool
	at      time.Time
}

// BeingDeleted reports whether the namespace is being deleted, as far as is known.
func (n *Namespaces) BeingDeleted(ctx context.Context, name string) (bool, error) {
	if n.Cached == nil {
		known, _ := n.answers.Load(name)
		last, _ := known.(answer)
		if last.deleted && n.Now().Sub(last.at) >= answerTime {
			return n.Ask(ctx, name)
		}
		return last.deleted, nil
	}
	namespace := Metadata()
	if err := n.Cached.Get(ctx, client.ObjectKey{Name: name}, namespace); err != nil {
		if apierrors.IsNotFound(err) {
			return false, nil // the cache is behind
		}
		return false, fmt.Errorf("reading the namespace %s: %w", name, err)
	}
	return namespace.DeletionTimestamp != nil, nil
}

// Ask is BeingDeleted for a namespace in which something is amiss: where none is watched, it asks the API server by a dry run, which
// a namespace that is being deleted refuses.
func (n *Namespaces) Ask(ctx context.Context, name string) (bool, error) {
	if n.Cached != nil {
		return n.BeingDeleted(ctx, name)
	}
	known, _ := n.answers.Load(name)
	last, _ := known.(answer)
	if since := n.Now().Sub(last.at); since >= 0 && since < answerTime {
		return last.deleted, nil
	}
	probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: name, GenerateName: "wismo-probe-"}}
	err := n.Writer.Create(ctx, probe, client.DryRunAll)
	now := answer{deleted: apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause), at: n.Now()}
	n.answers.Store(name, now)
	if now.deleted && !last.deleted && n.Notify != nil {
		n.Notify()
	}
	return now.deleted, nil // any other refusal, as by a quota, shows that the namespace takes objects
}

// Recorder returns a recorder that sends no events about objects in namespaces that are being deleted, which take none.
func (n *Namespaces) Recorder(next events.EventRecorder) events.EventRecorder {
	return recorder{next, n}
}

type recorder struct {
	events.EventRecorder

	namespaces *Namespaces
}

// Eventf implements events.EventRecorder.
func (r recorder) Eventf(regarding, related runtime.Object, eventType, reason, action, note string, args ...any) {
	if o, ok := regarding.(client.Object); ok && o.GetNamespace() != "" {
		if deleted, err := r.namespaces.BeingDeleted(context.Background(), o.GetNamespace()); err == nil && deleted {
			return
		}
	}
	r.EventRecorder.Eventf(regarding, related, eventType, reason, action, note, args...)
}
