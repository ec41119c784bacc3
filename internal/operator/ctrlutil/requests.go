package ctrlutil

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// RequestsFor lists objects and returns requests for those that a change elsewhere affects. The list is one of O's kind.
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
		ctrl.LoggerFrom(ctx).Error(err, "Failed to list the objects that the change affects; they pick it up at their next reconciliation")
	}
	return requests
}
