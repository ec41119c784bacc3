package ctrlutil

import (
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/wismo-dev/wismo/api/v1alpha1"
)

// Edited lets through what a controller should look at in its own kind: a new generation, and a request for a look.
func Edited() predicate.Predicate {
	return predicate.Or(predicate.GenerationChangedPredicate{}, requested())
}

// requested reports whether the annotation that asks for a look has another value than before.
func requested() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		const annotation = v1alpha1.AnnotationReconcileRequestedAt
		return e.ObjectOld.GetAnnotations()[annotation] != e.ObjectNew.GetAnnotations()[annotation]
	}}
}
