// Package follow shows tests every version of the objects of one kind. It knows nothing of what they look for.
package follow

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ErrMissed says that versions were not shown, because the API server does not remember them any more.
var ErrMissed = errors.New("the watch ended early: later versions were not seen")

// Versions shows all objects that there are, and from then on every version, until it is stopped; the list is one of O's
// kind. It goes on where it was when the API server ends the watch, as it does with watchers that cannot keep up on a
// busy machine. Stopping it reports whether anything was missed.
func Versions[O client.Object](ctx context.Context, kube client.WithWatch, list client.ObjectList, see func(watch.EventType, O), opts ...client.ListOption) (stop func() error, err error) {
	empty, _ := list.DeepCopyObject().(client.ObjectList) // the callback may keep the objects of the list
	if err := kube.List(ctx, list, opts...); err != nil {
		return nil, fmt.Errorf("listing %T: %w", list, err)
	}
	show := func(how watch.EventType, o runtime.Object) {
		if object, ok := o.(O); ok {
			see(how, object)
		}
	}
	err = meta.EachListItem(list, func(o runtime.Object) error { show(watch.Added, o); return nil })
	if err != nil {
		return nil, fmt.Errorf("reading %T: %w", list, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	watcher := &cache.ListWatch{WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
		return kube.Watch(ctx, empty, append(opts, &client.ListOptions{Raw: &o})...)
	}}
	events, err := watchtools.NewRetryWatcherWithContext(ctx, list.GetResourceVersion(), watcher)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("watching %T: %w", list, err)
	}
	var following sync.WaitGroup
	var missed error
	following.Go(func() {
		for event := range events.ResultChan() {
			show(event.Type, event.Object)
		}
		if ctx.Err() == nil {
			missed = ErrMissed
		}
	})
	return func() error { cancel(); following.Wait(); return missed }, nil
}
