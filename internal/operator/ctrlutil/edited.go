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

// requested reports whether an annotation that people set to be acted on was set, changed or removed.
func requested() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, now := e.ObjectOld.GetAnnotations(), e.ObjectNew.GetAnnotations()
		for _, annotation := range []string{v1alpha1.AnnotationReconcileRequestedAt, v1alpha1.AnnotationActivity} {
			a, had := before[annotation]
			b, has := now[annotation]
			if a != b || had != has {
				return true
			}
		}
		return false
	}}
}
