package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// bareName and barePrefix begin the names of the bare client's namespaces.
const (
	bareName   = "bare"
	barePrefix = bareName + "-"
)

func bareNamespace(i int) string { return namespaceName(bareName, i) }

// onboardBare creates the objects that wismo created for one Shop in each of n namespaces, and does nothing else. As for wismo,
// the time ends when the Deployments of the last one are ready.
func onboardBare(ctx context.Context, c *control, like []document, n int) (result, error) {
	fresh, err := c.namespaces(ctx, bareName, n)
	if err != nil {
		return result{}, err
	}
	documents := make([][]document, n)
	for i := range documents {
		if documents[i], err = allFor(like, fresh[i]); err != nil {
			return result{}, err
		}
	}
	bare, err := c.clientOf("bare")
	if err != nil {
		return result{}, err
	}
	ready, err := c.readyDeployments(ctx, barePrefix)
	if err != nil {
		return result{}, err
	}
	defer ready.stop()
	say("a bare client creates the same for %d Shops", len(fresh))
	before, own := c.usage(), ownProcessorTime()
	began := time.Now()
	err = inParallel(len(fresh), func(i int) error { return createAll(ctx, bare, documents[i]) })
	if err != nil {
		return result{}, err
	}
	err = until(ctx, "ready", 10*time.Minute, func() (int, int, error) { return ready.count(1), 2 * len(fresh), nil })
	took := time.Since(began)
	own, after := ownProcessorTime()-own, c.usage()
	return result{
		name: "bare client", shops: len(fresh), took: took, client: own, server: after.server - before.server,
		calls: c.calls(before, "bare"), drift: "not measured",
	}, err
}

// allFor returns the Shop of a namespace, the objects that were created for it, and the Lease that claims its hostname.
func allFor(templates []document, namespace string) ([]document, error) {
	all := []document{shopOf(namespace)}
	for _, d := range templates {
		own, err := inNamespace(d, namespace)
		if err != nil {
			return nil, err
		}
		all = append(all, own)
	}
	lease := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"holderIdentity": namespace}}}
	lease.SetGroupVersionKind(schema.GroupVersionKind{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease"})
	lease.SetNamespace(operatorNamespace)
	lease.SetName("host-" + namespace)
	return append(all, lease), nil
}

func createAll(ctx context.Context, as client.Client, documents []document) error {
	for _, d := range documents {
		if err := as.Create(ctx, d); err != nil {
			return fmt.Errorf("%s %s/%s: %w", d.GetKind(), d.GetNamespace(), d.GetName(), err)
		}
	}
	return nil
}

// readyDeployments follows the Deployments in namespaces of a prefix.
func (c *control) readyDeployments(ctx context.Context, prefix string) (*follower, error) {
	return c.follow(ctx, schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, func(d document) int64 {
		available, _, _ := unstructured.NestedInt64(d.Object, "status", "availableReplicas")
		if !strings.HasPrefix(d.GetNamespace(), prefix) {
			return 0
		}
		return available
	})
}
