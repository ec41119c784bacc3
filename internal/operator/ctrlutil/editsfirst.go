package ctrlutil

import (
	"context"

	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
)

// edited is the priority of an edit; all other news have 0, and what a start or a resync brings has less.
const edited = 10

// EditsFirst lets the edit of an object overtake what else waits: onboarding a thousand Shops at once must not
// delay another merchant's change. It is for an object's own kind, beside the handler that brings everything.
func EditsFirst() handler.EventHandler {
	return handler.Funcs{UpdateFunc: func(_ context.Context, e event.UpdateEvent, queue workqueue.TypedRateLimitingInterface[ctrl.Request]) {
		request := ctrl.Request{NamespacedName: client.ObjectKeyFromObject(e.ObjectNew)}
		if q, ok := queue.(priorityqueue.PriorityQueue[ctrl.Request]); ok {
			q.AddWithOpts(priorityqueue.AddOpts{Priority: new(edited)}, request)
			return
		}
		queue.Add(request)
	}}
}
