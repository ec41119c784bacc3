package main

import (
	"context"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// readyShops follows all Shops, and says how many are Ready in a generation.
func (c *control) readyShops(ctx context.Context) (*follower, error) {
	return c.follow(ctx, shopGVK, func(o document) int64 {
		conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
		for _, entry := range conditions {
			condition, _ := entry.(map[string]any)
			if condition["type"] == "Ready" && condition["status"] == "True" {
				seen, _ := condition["observedGeneration"].(int64)
				return seen
			}
		}
		return 0
	})
}

// follow watches all objects of a kind until it is stopped, and knows which generation each has reached, as reached tells.
func (c *control) follow(ctx context.Context, kind schema.GroupVersionKind, reached func(document) int64) (*follower, error) {
	f := &follower{control: c, kind: kind, reached: reached, seen: map[string]int64{}}
	ctx, f.stop = context.WithCancel(ctx)
	events, err := f.begin(ctx)
	if err != nil {
		f.stop()
		return nil, err
	}
	go func() {
		for ctx.Err() == nil {
			for event := range events.ResultChan() {
				if o, ok := event.Object.(document); ok {
					f.note(o)
				}
			}
			if again, err := f.begin(ctx); err == nil { // a watch ends where its reader was too slow
				events = again
			}
		}
	}()
	return f, nil
}

// follower remembers how far every object is.
type follower struct {
	control *control
	kind    schema.GroupVersionKind
	reached func(document) int64
	stop    context.CancelFunc

	mu   sync.Mutex
	seen map[string]int64
	lost int
}

// begin reads all objects, and watches them from then on.
func (f *follower) begin(ctx context.Context) (watch.Interface, error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(f.kind)
	if err := f.control.kube.List(ctx, list); err != nil {
		return nil, err
	}
	for i := range list.Items {
		f.note(&list.Items[i])
	}
	return f.control.kube.Watch(ctx, list, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: list.GetResourceVersion()}})
}

func (f *follower) note(o document) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, now := o.GetNamespace()+"/"+o.GetName(), f.reached(o)
	if now < f.seen[key] {
		f.lost++
	}
	f.seen[key] = now
}

// relapses is how often an object was less far than it had been.
func (f *follower) relapses() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost
}

// count is how many have reached the generation.
func (f *follower) count(generation int64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, g := range f.seen {
		if g >= generation {
			n++
		}
	}
	return n
}
