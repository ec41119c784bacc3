package ctrlutil

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"
)

// Wake is an event that has an object reconciled.
type Wake = event.TypedGenericEvent[*metav1.PartialObjectMetadata]

// WakeFor returns the Wake for the object.
func WakeFor(object types.NamespacedName) Wake {
	return Wake{Object: &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: object.Namespace, Name: object.Name}}}
}
