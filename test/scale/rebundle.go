package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// bundleLabel is on what was rendered from a bundle, and names it.
const bundleLabel = "tracking.wismo.dev/bundle"

var (
	configMapGVK  = schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}
	deploymentGVK = schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}
)

// rebundled is what a release writes for one Shop.
type rebundled struct {
	bundle      document
	deployments []document
	shop        document // with its status
	old         document // the oldest bundle, which is deleted
}

// releaseBare writes for every Shop of the bare client what wismo writes for a release: another bundle, both Deployments, and
// the status when they are ready; then it deletes the oldest bundle. The time ends with the last of these.
func releaseBare(ctx context.Context, c *control, status map[string]any, n int) (result, error) {
	say("reading what the bare client created")
	shops := make([]rebundled, n)
	err := inParallel(n, func(i int) (err error) {
		shops[i], err = c.rebundle(ctx, bareNamespace(i), status)
		return err
	})
	if err != nil {
		return result{}, err
	}
	bare, err := c.clientOf("bare-again")
	if err != nil {
		return result{}, err
	}
	ready, err := c.follow(ctx, deploymentGVK, func(d document) int64 {
		seen, _, _ := unstructured.NestedInt64(d.Object, "status", "observedGeneration")
		if !strings.HasPrefix(d.GetNamespace(), barePrefix) {
			return 0
		}
		return seen
	})
	if err != nil {
		return result{}, err
	}
	defer ready.stop()
	say("a bare client writes the same as a release for %d Shops", n)
	before, own := c.usage(), ownProcessorTime()
	began := time.Now()
	if err := inParallel(n, func(i int) error { return shops[i].roll(ctx, bare) }); err != nil {
		return result{}, err
	}
	err = until(ctx, "rolled", 10*time.Minute, func() (int, int, error) { return ready.count(2), 2 * n, nil })
	if err != nil {
		return result{}, err
	}
	err = inParallel(n, func(i int) error { return shops[i].finish(ctx, bare) })
	took := time.Since(began)
	own, after := ownProcessorTime()-own, c.usage()
	return result{
		name: "bare client, as a release", shops: n, took: took, client: own, server: after.server - before.server, calls: c.calls(before, "bare-again"),
	}, err
}

// statusOf returns the status of the Shop in a namespace.
func (c *control) statusOf(ctx context.Context, namespace string) (map[string]any, error) {
	shop := shopOf(namespace)
	if err := c.kube.Get(ctx, client.ObjectKeyFromObject(shop), shop); err != nil {
		return nil, err
	}
	status, _, err := unstructured.NestedMap(shop.Object, "status")
	return status, err
}

// rebundle returns the objects of the Shop in a namespace with another bundle.
func (c *control) rebundle(ctx context.Context, namespace string, status map[string]any) (rebundled, error) {
	all, err := c.templates(ctx, namespace, configMapGVK, deploymentGVK)
	if err != nil {
		return rebundled{}, err
	}
	i := slices.IndexFunc(all, func(d document) bool { return d.GetKind() == deploymentGVK.Kind })
	if i < 0 {
		return rebundled{}, fmt.Errorf("%s has no Deployment", namespace)
	}
	hash := all[i].GetLabels()[bundleLabel]
	r := rebundled{shop: shopOf(namespace)}
	r.shop.Object["status"] = status
	for _, d := range all {
		if d.GetLabels()[bundleLabel] == "" {
			continue
		}
		next, err := renamed(d, namespace, hash, "next-"+hash[5:])
		if err != nil {
			return r, err
		}
		if d.GetKind() == deploymentGVK.Kind {
			r.deployments = append(r.deployments, next)
			continue
		}
		r.bundle = next
		if r.old, err = renamed(d, namespace, hash, "past-"+hash[5:]); err != nil {
			return r, err
		}
	}
	if r.bundle == nil || len(r.deployments) != 2 {
		return r, fmt.Errorf("%s does not have two Deployments and their bundle", namespace)
	}
	return r, c.kube.Create(ctx, r.old)
}

// renamed returns an object of a namespace with its bundle's hash replaced by another one of the same length.
func renamed(d document, namespace, hash, other string) (document, error) {
	text, err := textOf(d, namespace)
	if err != nil {
		return nil, err
	}
	out := &unstructured.Unstructured{}
	return out, yaml.Unmarshal([]byte(strings.ReplaceAll(text, hash, other)), &out.Object)
}

func (r rebundled) roll(ctx context.Context, as client.Client) error {
	for _, d := range append([]document{r.bundle}, r.deployments...) {
		err := as.Apply(ctx, client.ApplyConfigurationFromUnstructured(d), client.FieldOwner("bare"), client.ForceOwnership)
		if err != nil {
			return fmt.Errorf("%s %s/%s: %w", d.GetKind(), d.GetNamespace(), d.GetName(), err)
		}
	}
	return nil
}

func (r rebundled) finish(ctx context.Context, as client.Client) error {
	was := shopOf(r.shop.GetNamespace())
	if err := as.Status().Patch(ctx, r.shop, client.MergeFrom(was)); err != nil {
		return fmt.Errorf("status of %s: %w", was.GetNamespace(), err)
	}
	return as.Delete(ctx, r.old)
}
