package ctrlutil

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// RequestsFor lists objects of kind O and returns reconcile requests for those for which concerned reports true. List is an empty list
// of that kind.
func RequestsFor[O client.Object](ctx context.Context, in client.Reader, list client.ObjectList, concerned func(O) bool, opts ...client.ListOption) []ctrl.Request {
	var requests []ctrl.Request
	err := in.List(ctx, list, opts...)
	if err == nil {
		err = meta.EachListItem(list, func(item runtime.Object) error {
			if o, ok := item.(O); ok && concerned(o) {
				requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(o)})
			}
			return nil
		})
	}
	if err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Failed to list the objects to reconcile after a change of another object; they are reconciled at the next resync", "list", fmt.Sprintf("%T", list))
	}
	return requests
}
