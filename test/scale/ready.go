package main

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// readyShops follows all Shops, and says how many are Ready in a generation.
func (c *control) readyShops(ctx context.Context) (func(int64) int, func(), error) {
	return c.follow(ctx, shopKind, func(o document) int64 {
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

// follow watches all objects of a kind, and says how many have reached a generation, as reached tells of each.
func (c *control) follow(ctx context.Context, kind schema.GroupVersionKind, reached func(document) int64) (func(int64) int, func(), error) {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(kind)
	if err := c.kube.List(ctx, list); err != nil {
		return nil, nil, err
	}
	var mu sync.Mutex
	seen := map[string]int64{}
	note := func(o document) {
		mu.Lock()
		defer mu.Unlock()
		seen[o.GetNamespace()+"/"+o.GetName()] = reached(o)
	}
	for i := range list.Items {
		note(&list.Items[i])
	}
	w, err := c.kube.Watch(ctx, list) // from now on, or rather from the list's version
	if err != nil {
		return nil, nil, err
	}
	go func() {
		for event := range w.ResultChan() {
			if o, ok := event.Object.(document); ok {
				note(o)
			}
		}
	}()
	return func(generation int64) int {
		mu.Lock()
		defer mu.Unlock()
		n := 0
		for _, g := range seen {
			if g >= generation {
				n++
			}
		}
		return n
	}, w.Stop, nil
}
