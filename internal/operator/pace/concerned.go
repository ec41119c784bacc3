package pace

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Concerned lists objects and wakes those that a change elsewhere concerns. The list is one of O's kind.
func Concerned[O client.Object](ctx context.Context, in client.Reader, list client.ObjectList, concerned func(O) bool, opts ...client.ListOption) []ctrl.Request {
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
		ctrl.LoggerFrom(ctx).Error(err, "Listed no objects to wake; the next look will see the change")
	}
	return requests
}
